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
  /** A page that shows the panel in any state, without a Prometheus; see tests/states. */
  statesUrl: string;
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

  statesUrl: [
    async ({ hostPackages }, use) => {
      const hostDir = path.join(ROOT, '.cache/test', `states-${path.basename(hostPackages)}`);
      await buildPreview({
        nodeModules: path.join(hostPackages, 'node_modules'),
        outDir: hostDir,
        script: path.join(__dirname, 'states/host.tsx'),
      });
      // Nothing there asks Prometheus.
      const states = await startPreview({
        port: await getPort(),
        prometheusUrl: 'http://127.0.0.1:9',
        job: '-',
        hostDir,
      });
      await use(states.url);
      await states.close();
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
    await this.page.getByRole('tree').waitFor({ timeout: 30_000 });
  }

  /** Of the active frame, its callers, its siblings and its callees. */
  frame(name: string): Locator {
    return this.page.locator(`[role="treeitem"][aria-label^=${JSON.stringify(`${name}, `)}]`).first();
  }

  get tree(): Locator {
    return this.page.getByRole('tree');
  }

  get active(): Locator {
    return this.page.locator('[role="treeitem"][aria-selected="true"]');
  }

  get search(): Locator {
    return this.page.getByRole('textbox', { name: /search/i });
  }

  get status(): Locator {
    return this.page.getByTestId('flame-graph-status');
  }

  get tooltip(): Locator {
    return this.page.getByTestId('flame-graph-tooltip');
  }

  /** In px, as drawn. */
  async width(name: string): Promise<number> {
    return (await this.frame(name).boundingBox())?.width ?? 0;
  }

  async middle(name: string): Promise<{ x: number; y: number }> {
    const box = (await this.frame(name).boundingBox())!;
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** Frames are drawn, so the pointer goes where they are. */
  async click(name: string, options?: Parameters<Page['mouse']['click']>[2]) {
    const { x, y } = await this.middle(name);
    await this.page.mouse.click(x, y, options);
  }

  async hover(name: string) {
    const { x, y } = await this.middle(name);
    await this.page.mouse.move(x, y);
  }

  /** The colour of the canvas, as `r,g,b`, near the right end of a frame, where no label is. */
  async color(name: string): Promise<string> {
    const box = (await this.frame(name).boundingBox())!;
    return this.page.getByTestId('flame-graph').evaluate(
      (canvas: HTMLCanvasElement, { x, y }) => {
        const { left, top, width } = canvas.getBoundingClientRect();
        const scale = canvas.width / width;
        const [r, g, b] = canvas.getContext('2d')!.getImageData((x - left) * scale, (y - top) * scale, 1, 1).data;
        return [r, g, b].join();
      },
      { x: box.x + box.width - 4, y: box.y + box.height / 2 }
    );
  }
}
