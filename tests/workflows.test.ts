import { load } from 'js-yaml';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import packageJson from '../package.json';
import { APP_ID } from '../src/constants';

const FOLDER = path.resolve(__dirname, '../.github/workflows');

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  steps: Step[];
}

interface Workflow {
  permissions?: unknown;
  concurrency?: unknown;
  jobs: Record<string, Job>;
}

const texts = readdirSync(FOLDER).map((file): [string, string] => [
  file,
  readFileSync(path.join(FOLDER, file), 'utf8'),
]);
const workflows = texts.map(([file, text]): [string, Workflow] => [file, load(text) as Workflow]);
const jobs = workflows.flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]): [string, string, Job] => [file, name, job])
);

it.each(texts)('runs only npm scripts that there are: %s', (_, text) => {
  const called = [...text.matchAll(/\bnpm run (?:--\S+ )*([\w:-]+)/g)].map(([, script]) => script);
  expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(called));
});

it.each(texts)('pins each action by its commit, and says its version: %s', (_, text) => {
  const uses = text.split('\n').filter((line) => /\buses:/.test(line));
  expect(uses).not.toEqual([]);
  expect(uses.filter((line) => !/uses: [\w./-]+@[0-9a-f]{40} # \S*v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
});

it('has one commit for each version of an action', () => {
  const pins = texts.flatMap(([, text]) => [...text.matchAll(/uses: ([\w./-]+)@([0-9a-f]{40}) # (\S+)/g)]);
  const commits = new Map<string, Set<string>>();
  for (const [, action, commit, version] of pins) {
    const of = `${action} ${version}`;
    commits.set(of, (commits.get(of) ?? new Set()).add(commit));
  }
  expect([...commits].filter(([, { size }]) => size > 1)).toEqual([]);
});

it.each(workflows)(
  'gives no permission to all jobs, and has one run at a time for a branch or tag: %s',
  (_, workflow) => {
    expect(workflow.permissions).toEqual({});
    expect(workflow.concurrency).toBeDefined();
  }
);

it.each(jobs)('ends a job that hangs, and says what it may do: %s, %s', (_, __, job) => {
  expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
  expect(job.permissions).toBeDefined();
});

it.each(jobs)(
  'leaves no token behind for what it runs, nor any right to write: %s, %s',
  (_, __, { permissions, steps }) => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual(checkouts.map(() => false));
    // Code from packages runs where there is a checkout.
    const writes = Object.values(permissions!).includes('write');
    expect(writes && checkouts.length > 0).toBe(false);
  }
);

it.each(jobs)('puts no expression into a script, where its text would be run: %s, %s', (_, __, { steps }) => {
  expect(steps.filter(({ run }) => run?.includes('${{'))).toEqual([]);
});

it('unpacks the zip by the plugin’s id', () => {
  const ci = texts.find(([file]) => file === 'ci.yml')![1];
  expect([...ci.matchAll(/unpacked\/([\w-]+)"/g)].map(([, folder]) => folder)).toEqual([APP_ID]);
});
