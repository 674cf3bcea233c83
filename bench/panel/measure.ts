import type { Browser, Page } from '@playwright/test';
import type { Subject } from './data/callTree';
import type { Step } from './host/implementation';

/** The longest that a person would wait for a step; what takes longer has failed. */
export const TIMEOUT_MS = 60_000;
/** For the stage and the margins around it, in px. */
const VIEWPORT = { width: 1640, height: 760 };
/** Nothing is there. */
const CORNER = { x: 3, y: 3 };

export interface Measured {
  ms: number;
  /** What of a first paint went into converting the data frame, in ms. */
  convertMs: number;
  /** What the graph keeps of the JavaScript heap, array buffers included; of a first paint only. */
  heapMb: number;
}

/** Where an implementation's page is, and what it shows. */
export interface Trial {
  url: string;
  /** Below the page's address. */
  data: string;
  subject: Subject;
}

/**
 * One step in a page of its own.
 * @throws Error when it takes longer than {@link TIMEOUT_MS}, or when what should be seen is not
 */
export async function measure(browser: Browser, trial: Trial, step: Step): Promise<Measured> {
  return inPage(browser, trial.url, async (page) => {
    await page.evaluate((data) => window.bench.load(data), trial.data);
    if (step === 'first_paint') {
      const before = await heapMb(page);
      const { ms, convertMs } = await inTime(page.evaluate((measured) => window.bench.mount(measured), step));
      await mustBeStill(page);
      return { ms, convertMs, heapMb: (await heapMb(page)) - before };
    }
    return { ms: await interact(page, trial.subject, step), convertMs: 0, heapMb: 0 };
  });
}

/** Rectangles of the first painting, counted as they are drawn. */
export async function countFrames(browser: Browser, trial: Trial): Promise<number> {
  return inPage(browser, `${trial.url}?count`, async (page) => {
    await page.evaluate((data) => window.bench.load(data), trial.data);
    await inTime(page.evaluate(() => window.bench.mount('first_paint')));
    return page.evaluate(() => window.bench.framesDrawn());
  });
}

async function interact(page: Page, subject: Subject, step: Exclude<Step, 'first_paint'>): Promise<number> {
  await inTime(page.evaluate((measured) => window.bench.mount(measured), step));
  await inTime(page.evaluate((measured) => window.bench.prepare(measured), step));
  const place = await page.evaluate(({ node }) => window.bench.placeOf(node), subject);
  await page.mouse.move(CORNER.x, CORNER.y);
  if (step === 'zoom') {
    await page.mouse.move(place.x, place.y);
  } else if (step === 'search') {
    await page.evaluate(() => window.bench.focusSearch());
  }
  await page.evaluate(() => window.bench.paintedLater());
  const before = await picture(page);
  await page.evaluate(([measured, of]) => window.bench.arm(measured, of), [step, subject] as const);
  switch (step) {
    case 'zoom':
      await page.mouse.down();
      await page.mouse.up();
      break;
    case 'search':
      await page.keyboard.insertText(subject.search);
      break;
    case 'hover':
      await page.mouse.move(place.x, place.y);
  }
  const ms = await inTime(page.evaluate(() => window.bench.outcome()));
  await mustBeStill(page);
  if (before.equals(await picture(page))) {
    throw new Error(`${step} is said to be there, but the picture is the same as before`);
  }
  return ms;
}

async function inPage<T>(browser: Browser, url: string, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: VIEWPORT, reducedMotion: 'reduce' });
  try {
    const page = await context.newPage();
    const failed = new Promise<never>((_, reject) => page.on('pageerror', reject));
    const opened = page.goto(url).then(() => inTime(page.waitForFunction(() => window.bench !== undefined)));
    return await Promise.race([opened.then(() => work(page)), failed]);
  } finally {
    await context.close();
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Nothing may be painted after what was said to be all. */
async function mustBeStill(page: Page) {
  const late = await page.evaluate(() => window.bench.paintedLater());
  if (late > 0) {
    throw new Error(`it painted again ${late.toFixed(0)} ms after the end of the measurement`);
  }
}

async function picture(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'png' });
  await session.detach();
  return Buffer.from(data, 'base64');
}

/** In use after a collection, in MB of 10^6 bytes. Typed arrays keep their numbers outside the heap proper. */
async function heapMb(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const usage = (await session.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number };
  await session.detach();
  return (usage.usedSize + (usage.backingStorageSize ?? 0)) / 1e6;
}
