import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { globSync } from 'glob';
import { endCommands, mustRun, run, whereIs } from '../demo/command';
import { findPrometheus } from '../demo/prometheus';
import { findBrowser } from './browser';

/** What `npm test` runs, in this order; `npm test -- jest go` runs only those. Goes on after a suite that failed. */
const SUITES: Record<string, () => Promise<Count>> = { typecheck, lint, build, jest, go, rules, messages, backtest, browser };

interface Count {
  passed: number;
  failed: number;
  /** What a person needs to see when something failed. */
  output: string;
}

const ROOT = path.resolve(__dirname, '..');
const REPORTS = path.join(ROOT, '.cache/test');

async function main() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void endCommands().then(() => process.exit(1)));
  }
  const chosen = process.argv.slice(2);
  const unknown = chosen.filter((name) => !(name in SUITES));
  if (unknown.length > 0) {
    throw new Error(`no suite ${unknown.join(', ')}; there are ${Object.keys(SUITES).join(', ')}`);
  }
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });

  const total = { passed: 0, failed: 0 };
  for (const name of chosen.length > 0 ? chosen : Object.keys(SUITES)) {
    const start = Date.now();
    console.log(`${name} …`);
    const { passed, failed, output } = await SUITES[name]().catch((error: Error) => ({
      passed: 0,
      failed: 1,
      output: error.message,
    }));
    const seconds = ((Date.now() - start) / 1000).toFixed(0);
    if (failed > 0) {
      console.log(tail(name, output));
    }
    console.log(`${name}: ${passed} passed, ${failed} failed (${seconds} s)\n`);
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** A command that is one check as a whole. */
async function check(command: string, args: string[], cwd = ROOT, env?: NodeJS.ProcessEnv): Promise<Count> {
  const { ok, output } = await run(command, args, { cwd, env });
  return { passed: Number(ok), failed: Number(!ok), output: `${command} ${args.join(' ')}\n${output}` };
}

function typecheck() {
  return check('tsc', ['--noEmit', '--pretty', 'false']);
}

function lint() {
  return check('eslint', ['--max-warnings', '0', '.']);
}

function build() {
  return check('webpack', ['-c', './webpack.config.ts', '--env', 'production']);
}

async function jest(): Promise<Count> {
  const report = path.join(REPORTS, 'jest.json');
  const { ok, output } = await run('jest', ['--ci', '--json', `--outputFile=${report}`], { cwd: ROOT });
  if (!existsSync(report)) {
    return { passed: 0, failed: 1, output };
  }
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  return whole(ok, { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, output });
}

async function go(): Promise<Count> {
  const raceDetector = (await whereIs('gcc')) !== undefined;
  if (!raceDetector) {
    console.log('  without -race, which needs gcc');
  }
  const counts: Count[] = [];
  for (const module of goModules()) {
    counts.push(await check('go', ['vet', './...'], module));
    counts.push(await goTest(module, raceDetector));
  }
  return sum(counts);
}

/** The folders that go.work names. */
function goModules(): string[] {
  const work = readFileSync(path.join(ROOT, 'go.work'), 'utf8');
  return [...work.matchAll(/^\s*(?:use\s+)?(\.\/\S+)\s*$/gm)].map(([, folder]) => path.join(ROOT, folder));
}

async function goTest(module: string, raceDetector: boolean, env?: NodeJS.ProcessEnv): Promise<Count> {
  const race = raceDetector ? ['-race'] : [];
  const args = ['test', '-json', '-timeout=10m', ...race, './...'];
  const { ok, stdout, output } = await run('go', args, { cwd: module, env });
  const isEvent = (line: string) => line.startsWith('{');
  const events = stdout
    .split('\n')
    .filter(isEvent)
    .map((line) => JSON.parse(line) as GoTestEvent);
  const tests = (action: string) => events.filter(({ Action, Test }) => Action === action && Test).length;
  const place = ({ Package, Test = '' }: GoTestEvent) => `${Package} ${Test}`;
  const places = (...actions: string[]) => new Set(events.filter(({ Action }) => actions.includes(Action)).map(place));
  const failed = places('fail');
  const ended = places('pass', 'fail', 'skip');
  // Compilers and go itself print about no test.
  const other = output.split('\n').filter((line) => !isEvent(line));
  // A test that a time-out or a crash of its process cut short has no end of its own.
  const told = events.filter(
    (event) => failed.has(place(event)) || !ended.has(place(event)) || event.Action === 'build-output'
  );
  return whole(ok, {
    passed: tests('pass'),
    failed: tests('fail'),
    output: [...other, ...told.map(({ Output = '' }) => Output.trimEnd())].join('\n'),
  });
}

/** A line of `go test -json` (https://pkg.go.dev/cmd/test2json). */
interface GoTestEvent {
  Action: string;
  Package?: string;
  Test?: string;
  Output?: string;
}

/** A tool that failed and names no test has failed as a whole: it did not build, or was interrupted. */
function whole(ok: boolean, count: Count): Count {
  return { ...count, failed: count.failed || Number(!ok) };
}

async function rules(): Promise<Count> {
  const { promtool } = await findPrometheus();
  const files = (pattern: string) => globSync(pattern, { cwd: ROOT }).sort();
  return sum([
    await check(promtool, ['check', 'rules', ...files('{alerts,relay}/*.rules.yml')]),
    await check(promtool, ['check', 'config', 'provisioning/prometheus/prometheus.yml']),
    ...(await Promise.all(files('{alerts,relay}/*.test.yml').map((file) => check(promtool, ['test', 'rules', file])))),
  ]);
}

/** Grafana's own receivers, whose modules go.work need not know. */
async function messages(): Promise<Count> {
  const module = path.join(ROOT, 'alerts/messages');
  const env = { GOWORK: 'off', GOTOOLCHAIN: 'auto' };
  return sum([await check('go', ['vet', './...'], module, env), await goTest(module, false, env)]);
}

/** What the alerts must not fall below on the recordings: what docs/alerts.md says that they reach. */
const FLOOR = ['-min-recall', '0.95', '-max-false-alarms', '1'];

async function backtest(): Promise<Count> {
  const module = path.join(ROOT, 'alerts/backtest');
  // Prometheus wants a recent Go, which an older one fetches if it may.
  const env = { GOWORK: 'off', GOTOOLCHAIN: 'auto' };
  console.log('  building Prometheus’ rule engine takes some minutes, once');
  return sum([
    await check('go', ['vet', './...'], module, env),
    await goTest(module, false, env),
    await check('go', ['run', '.', ...FLOOR], module, env),
  ]);
}

async function browser(): Promise<Count> {
  await mustRun(process.execPath, ['demo/install.mjs', 'tests/react-19'], { cwd: ROOT });
  const report = path.join(REPORTS, 'playwright.json');
  const { ok, output } = await run('playwright', ['test', '-c', 'tests/playwright.config.ts'], {
    cwd: ROOT,
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report, CHROMIUM_PATH: findBrowser() },
  });
  if (!existsSync(report)) {
    return { passed: 0, failed: 1, output };
  }
  const { stats, errors } = JSON.parse(readFileSync(report, 'utf8'));
  return whole(ok, { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, output });
}

function sum(counts: Count[]): Count {
  return counts.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    output: a.output + (b.failed > 0 ? b.output : ''),
  }));
}

/** The end of a log, where tools say what went wrong; the whole of it stays in a file. */
function tail(suite: string, output: string): string {
  const file = path.join(REPORTS, `${suite}.log`);
  writeFileSync(file, output);
  return `${output.split('\n').slice(-80).join('\n')}\n(whole output: ${path.relative(ROOT, file)})`;
}

main();
