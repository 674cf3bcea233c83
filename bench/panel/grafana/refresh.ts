import type { Page } from '@playwright/test';
import { PANEL_ID } from '../../../src/constants';
import { timeWithin } from './cpuProfile';

/** All that is known here of the pages of Grafana and the panel. */
const SELECTORS = {
  /** In the panel: its total is another with each scrape, as the storm grows. */
  status: '[data-testid="data-testid panel content"] [role="status"]',
  refreshButton: '[data-testid="data-testid RefreshPicker run button"]',
};

/** One refresh, from query to pixels; times in ms. */
export interface Refresh {
  /** From the start of the request to the first byte of the answer: Grafana's server, and Prometheus behind it. */
  server: number;
  /** To its last byte. */
  transfer: number;
  /** To the first animation frame in which the panel shows the new total. */
  browser: number;
  /** To the second animation frame after that: what was drawn is on the screen by then. */
  frames: number;
  /** All together. */
  total: number;
  /** Size of the answer. */
  bytes: number;
}

/** How long one may wait for what is drawn, with twenty thousand series on a busy machine. */
const PATIENCE_MS = 60_000;

/** An answer that has changed nothing for so long was older than the latest scrape. */
const UNCHANGED_MS = 2000;

const SAMPLING_MICROSECONDS = 500;

/** Opens a page with one panel and waits until it has drawn. */
export async function openPanel(page: Page, url: string) {
  await page.goto(url);
  await page.locator(SELECTORS.status).filter({ hasText: /\d/ }).waitFor({ timeout: PATIENCE_MS });
  await page.locator(SELECTORS.refreshButton).waitFor();
}

/** Presses Grafana's refresh button, again where there was no new scrape, until the panel has new data. */
export async function refresh(page: Page): Promise<Refresh> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    const measured = await pressRefresh(page);
    if (measured) {
      return measured;
    }
  }
  throw new Error(`${page.url()} showed nothing new in ${PATIENCE_MS / 1000} s of refreshing`);
}

/** @returns nothing if the answer did not change the panel */
function pressRefresh(page: Page): Promise<Refresh | undefined> {
  return page.evaluate(
    // No function in here may have a name: tsx marks those with a function that the page does not have.
    async ({ status, refreshButton, unchanged }) => {
      performance.clearResourceTimings();
      const before = document.querySelector(status)?.textContent;
      document.querySelector<HTMLElement>(refreshButton)!.click();
      let query: PerformanceResourceTiming | undefined;
      while (document.querySelector(status)?.textContent === before) {
        if (query && performance.now() - query.responseEnd > unchanged) {
          return undefined;
        }
        await new Promise(requestAnimationFrame);
        const requests = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
        query = requests.find(({ name }) => name.includes('/api/ds/query'));
      }
      const taken = performance.now();
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      const drawn = performance.now();
      return {
        server: query!.responseStart - query!.startTime,
        transfer: query!.responseEnd - query!.responseStart,
        browser: taken - query!.responseEnd,
        frames: drawn - taken,
        total: drawn - query!.startTime,
        bytes: query!.encodedBodySize,
      };
    },
    { ...SELECTORS, unchanged: UNCHANGED_MS }
  );
}

/**
 * A refresh under V8's sampling profiler, which slows it: only for how the time divides.
 * @returns how long code of the panel ran, in ms, what it called included
 */
export async function profiledRefresh(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: SAMPLING_MICROSECONDS });
  await session.send('Profiler.start');
  await refresh(page);
  const { profile } = await session.send('Profiler.stop');
  await session.detach();
  return timeWithin(profile, ({ url }) => url.includes(`${PANEL_ID}/module.js`));
}
