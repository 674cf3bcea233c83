import { spawn, type SpawnOptions } from 'node:child_process';
import { endGroup } from './processes';

export interface Outcome {
  /** Whether it ran and ended with status 0. */
  ok: boolean;
  stdout: string;
  /** What a person would have seen: standard output and error in their order; why it did not start, if so. */
  output: string;
}

/** Commands under way, each with what it started in a process group of its own. */
const underWay = new Map<number, Promise<unknown>>();

/** Interrupts the commands under way, and waits until they have ended. */
export async function endCommands() {
  await Promise.all([...underWay].map(([pid, ended]) => endGroup(pid, ended, 'SIGINT')));
}

/** Runs a command to its end; its failure is an outcome, not an exception. Tools of node_modules are found by name. */
export function run(
  command: string,
  args: string[],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'timeout'> = {}
): Promise<Outcome> {
  const child = spawn(command, args, {
    ...options,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const outcome = new Promise<Outcome>((resolve) => {
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', (error) => resolve({ ok: false, stdout, output: output + error.message }));
    child.on('close', (status) => resolve({ ok: status === 0, stdout, output }));
  });
  const { pid } = child;
  if (pid !== undefined) {
    underWay.set(pid, outcome);
    void outcome.then(() => underWay.delete(pid));
  }
  return outcome;
}

/**
 * Runs a command that must succeed.
 * @throws Error with the end of what it printed.
 */
export async function mustRun(...[command, args, options]: Parameters<typeof run>): Promise<string> {
  const { ok, stdout, output } = await run(command, args, options);
  if (!ok) {
    throw new Error(`${command} ${args.join(' ')} failed:\n${output.split('\n').slice(-30).join('\n')}`);
  }
  return stdout;
}

/** Says every half minute that something slow is not stuck. */
export async function withProgress<T>(doing: string, work: Promise<T>): Promise<T> {
  const started = Date.now();
  const progress = setInterval(() => {
    console.log(`  still ${doing}, ${Math.round((Date.now() - started) / 1000)} s so far`);
  }, 30_000);
  try {
    return await work;
  } finally {
    clearInterval(progress);
  }
}

/** Where a command is on the PATH, or `undefined`. */
export async function whereIs(command: string): Promise<string | undefined> {
  const { ok, stdout } = await run('sh', ['-c', 'command -v "$1"', 'sh', command]);
  return ok ? stdout.trim() : undefined;
}
