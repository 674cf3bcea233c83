import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from '@playwright/test';
import getPort from 'get-port';
import { CleanUps } from '../demo/cleanUps';
import { mustRun } from '../demo/command';
import { Processes } from '../demo/processes';
import { launchOptions } from '../tests/browser';
import { remark } from './panel/progress';

/** What the benchmarks in a real Grafana need around them, and what `cleanUps` undoes of it. */

const ROOT = path.resolve(__dirname, '..');

export async function buildPlugin() {
  remark('Building the plugin …');
  await mustRun('npm', ['run', '--silent', 'build'], { cwd: ROOT });
}

/** An empty folder, and processes that log into it: one that ends by itself ends the benchmark. */
export function emptyPlace(cleanUps: CleanUps, prefix: string): { folder: string; processes: Processes } {
  const folder = mkdtempSync(path.join(tmpdir(), prefix));
  cleanUps.add(() => rmSync(folder, { recursive: true, force: true }));
  const processes = new Processes(path.join(folder, 'logs'), (message) => {
    remark(message);
    void cleanUps.exit(1);
  });
  cleanUps.add(() => processes.stop());
  return { folder, processes };
}

export async function startBrowser(cleanUps: CleanUps): Promise<Browser> {
  // Playwright would end this process before all has been undone.
  const browser = await chromium.launch({
    ...launchOptions,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  cleanUps.add(() => browser.close());
  return browser;
}

/** The preferred one of this host, or another. */
export function freePort(preferred: number): Promise<number> {
  return getPort({ host: '127.0.0.1', port: preferred });
}

/** Runs a benchmark: its error is its last remark, and all is undone. */
export function runBenchmark(name: string, main: () => Promise<void>, cleanUps: CleanUps) {
  main().catch((error: Error) => {
    // What fails because it is being ended is no news.
    if (!cleanUps.areRunning) {
      remark(`${name}: ${error.message}`);
    }
    void cleanUps.exit(1);
  });
}
