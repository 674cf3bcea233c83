import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { mustRun } from '../../demo/command';
import { launchOptions } from '../../tests/browser';
import { HELP, type Settings, settingsOf } from './commandLine';
import type { Step } from './host/implementation';
import { GRAFANA_FLAMEGRAPH_FOLDER, OURS, PEERS, PRUNED_D3, ROOT } from './implementations';
import { describeMachine } from './machine';
import { countFrames, measure, type Trial } from './measure';
import { addressOf, startPage, subjectsOf, takeBuild } from './pages';
import { progress, remark } from './progress';
import { Runs } from './results';
import { notesOf, tableOf } from './table';

const STEPS: Step[] = ['first_paint', 'zoom', 'search', 'hover'];

async function main() {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === 'help') {
    console.log(HELP);
    return;
  }
  install();
  if (settings.build) {
    progress('Building the plugin …');
    await mustRun('npm', ['run', '--silent', 'build'], { cwd: ROOT });
  }
  takeBuild();
  await run(settings);
}

async function run({ runs, nodes, json, prunedD3 }: Settings) {
  const implementations = [OURS, ...PEERS, ...(prunedD3 ? [PRUNED_D3] : [])];
  const subjects = subjectsOf(nodes);
  const pages = new Map<string, string>();
  const close: Array<() => Promise<void>> = [];
  try {
    for (const implementation of implementations) {
      progress(`Building the page of ${implementation.name} …`);
      const page = await startPage(implementation, nodes);
      pages.set(implementation.name, page.url);
      close.push(page.close);
    }
    const browser = await chromium.launch(launchOptions);
    close.push(() => browser.close());

    const all = nodes.flatMap((size) => implementations.map(({ name }) => new Runs(size, name)));
    const trialOf = ({ nodes: size, impl }: Runs): Trial => ({
      url: pages.get(impl)!,
      data: addressOf(size),
      subject: subjects.get(size)!,
    });
    for (let round = 1; round <= runs; round++) {
      for (const step of STEPS) {
        for (const one of all.filter(({ failed }) => !failed.has(step))) {
          const what = `${one.nodes.toLocaleString('en')} nodes, ${one.impl}, ${step.replace('_', ' ')}`;
          try {
            const { ms, convertMs, heapMb } = await measure(browser, trialOf(one), step);
            one.values[step].push(ms);
            if (step === 'first_paint') {
              one.values.convert.push(convertMs);
              one.values.heap.push(heapMb);
              one.frames ??= await countFrames(browser, trialOf(one));
            }
            progress(`Run ${round} of ${runs}: ${what}: ${ms.toFixed(1)} ms`);
          } catch (error) {
            one.failed.add(step);
            remark(`${what} failed: ${(error as Error).message}`);
          }
        }
      }
    }
    remark('');
    const results = all.map((one) => one.result());
    console.log([describeMachine(browser.version()), tableOf(results), notesOf(all, subjects, runs)].join('\n\n'));
    if (json) {
      writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
    }
  } finally {
    for (const end of close.reverse()) {
      await end();
    }
  }
}

/** @grafana/flamegraph, unless it is there. What npm says goes to standard error, as standard output is the table's. */
function install() {
  const folder = path.relative(ROOT, GRAFANA_FLAMEGRAPH_FOLDER);
  const { status } = spawnSync(process.execPath, ['demo/install.mjs', folder], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new Error(`the packages of ${folder} cannot be installed; the reason is above`);
  }
}

main().catch((error: Error) => {
  console.error(`bench:panel: ${error.message}`);
  process.exitCode = 1;
});
