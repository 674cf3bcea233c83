import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Request } from '@playwright/test';
import { askAgain, type Asked } from './askAgain';
import { inPage, isToPrometheus, type PageLoad, type RequestTiming } from './timings';

/** A page that has shown something and asks nothing for so long has loaded. */
const QUIET_MS = 3000;

/** One that has shown nothing from Prometheus, and asks nothing for so long, will not: Grafana itself has to load first. */
const NOTHING_MS = 60_000;

/** Prometheus gives up on queries after two minutes. */
const PATIENCE_MS = 180_000;

const CONTENT_MARK = 'fleet-content';

/**
 * Loads a page in a tab of its own until the network has been quiet, or for three minutes: what has shown something by then
 * counts, and requests without an answer count as failed.
 * Then asks all once more without it.
 * @param authorization as the context sends it
 * @param content CSS selector of what is there once the page shows something from Prometheus
 */
export async function loadPage(
  context: BrowserContext,
  authorization: string,
  url: string,
  content: string
): Promise<PageLoad> {
  const page = await context.newPage();
  try {
    const asked: Asked[] = [];
    const open = new Set<Request>();
    let lastChange = Date.now();
    const changed = (change: (request: Request) => void) => (request: Request) => {
      if (isToPrometheus(request.url())) {
        change(request);
        lastChange = Date.now();
      }
    };
    page.on(
      'request',
      changed((request) => {
        open.add(request);
        asked.push({
          url: request.url(),
          method: request.method(),
          body: request.postData(),
          contentType: request.headers()['content-type'],
        });
      })
    );
    page.on(
      'requestfinished',
      changed((request) => open.delete(request))
    );
    page.on(
      'requestfailed',
      changed((request) => open.delete(request))
    );
    await page.addInitScript(watchFor(content));
    await page.goto(url, { waitUntil: 'commit' });

    for (const end = Date.now() + PATIENCE_MS; ;) {
      await sleep(200);
      const { contentAt, timings } = await page.evaluate(readTimings, CONTENT_MARK);
      const quiet = open.size === 0 ? Date.now() - lastChange : 0;
      if (quiet > (contentAt === undefined ? NOTHING_MS : QUIET_MS) || Date.now() > end) {
        const load = inPage(timings, contentAt);
        // A page that is still there would go on drawing.
        await page.close();
        return { ...load, failed: load.failed + open.size, queryMs: await askAgain(asked, authorization) };
      }
    }
  } finally {
    await page.close();
  }
}

/** In the page, from its beginning: marks the second animation frame after the content is there, when it is on the screen. */
function watchFor(content: string) {
  return {
    content: `
      // Grafana loads more files than browsers keep timings of by default.
      performance.setResourceTimingBufferSize(10000);
      (function look() {
        if (document.querySelector(${JSON.stringify(content)})) {
          requestAnimationFrame(() => requestAnimationFrame(() => performance.mark(${JSON.stringify(CONTENT_MARK)})));
        } else {
          requestAnimationFrame(look);
        }
      })();`,
  };
}

/** Runs in the page. */
function readTimings(mark: string): { contentAt: number | undefined; timings: RequestTiming[] } {
  return {
    contentAt: performance.getEntriesByName(mark)[0]?.startTime,
    timings: (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name }) => name.includes('/api/'))
      .map(({ name, startTime, responseEnd, encodedBodySize, decodedBodySize, responseStatus }) => ({
        name,
        startTime,
        responseEnd,
        encodedBodySize,
        decodedBodySize,
        responseStatus,
      })),
  };
}
