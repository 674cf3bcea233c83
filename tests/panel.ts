import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base, type Locator, type Page } from '@playwright/test';
import getPort from 'get-port';
import { buildPreview } from '../demo/preview/build';
import { startPreview } from '../demo/preview/server';
import { Processes } from '../demo/processes';
import { type Stage, startStage } from '../demo/stage';

export interface PanelOptions {
  /** The folder whose React and Grafana packages host the panel. */
  hostPackages: string;
}

interface WorkerFixtures {
  stage: Stage;
  previewUrl: string;
}

const ROOT = path.resolve(__dirname, '..');

/** Tests of the built panel in a page, over a real program, exporter and Prometheus that run for all tests of a worker. */
export const test = base.extend<{ graph: Graph }, WorkerFixtures & PanelOptions>({
  hostPackages: [ROOT, { option: true, scope: 'worker' }],

  stage: [
    async ({}, use) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'goroutine-stack-pressure-'));
      const processes = new Processes(path.join(folder, 'logs'), (message) => console.error(message));
      try {
        const ports = { program: await getPort(), exporter: await getPort(), prometheus: await getPort() };
        await use(await startStage({ folder, processes, ports, log: () => {} }));
      } finally {
        await processes.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    },
    { scope: 'worker', timeout: 900_000 },
  ],

  previewUrl: [
    async ({ stage, hostPackages }, use) => {
      const hostDir = path.join(ROOT, '.cache/test', `preview-${path.basename(hostPackages)}`);
      await buildPreview({ nodeModules: path.join(hostPackages, 'node_modules'), outDir: hostDir });
      const preview = await startPreview({
        port: await getPort(),
        prometheusUrl: stage.prometheusUrl,
        job: stage.job,
        hostDir,
      });
      await use(preview.url);
      await preview.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  graph: async ({ page, previewUrl }, use) => {
    await use(new Graph(page, previewUrl));
  },
});

export { expect } from '@playwright/test';

/** The flame graph as a person sees it. */
export class Graph {
  constructor(
    readonly page: Page,
    private readonly url: string
  ) {}

  async open(parameters: Record<string, string> = {}) {
    const url = new URL(this.url);
    Object.entries(parameters).forEach(([name, value]) => url.searchParams.set(name, value));
    await this.page.goto(url.href);
    await this.frame('all goroutines').waitFor({ timeout: 30_000 });
  }

  frame(name: string): Locator {
    return this.page.locator(`g.frame[name="${name}"]`).first();
  }

  get status(): Locator {
    return this.page.getByRole('status');
  }

  get tooltip(): Locator {
    return this.page.getByTestId('flame-graph-tooltip');
  }

  /** In px, as drawn. */
  async width(name: string): Promise<number> {
    return (await this.frame(name).locator('rect').boundingBox())?.width ?? 0;
  }
}
