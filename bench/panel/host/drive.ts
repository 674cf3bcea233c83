import type { DataFrame, FieldType } from '@grafana/data';
import type { CallTreeTable, Subject } from '../data/callTree';
import { countRectangles, lastPaintedAt, watchLabels } from './canvas';
import type { Implementation, Step } from './implementation';

/** How long nothing more may be painted after what was measured, in ms. */
const QUIET_MS = 250;

/** What the benchmark calls in the page. */
export interface Driver {
  /** Takes in what the browser has of the query when the panel gets it. */
  load(address: string): Promise<void>;
  /** Shows the graph; gives the ms until its pixels are out, and what of them went into converting the data frame. */
  mount(step: Step): Promise<{ ms: number; convertMs: number }>;
  prepare(step: Step): Promise<void>;
  placeOf(node: string): { x: number; y: number };
  focusSearch(): void;
  /** Begins to wait for the event that starts a step. */
  arm(step: Exclude<Step, 'first_paint'>, subject: Subject): void;
  /** Ms from the event until the pixels are out. */
  outcome(): Promise<number>;
  /** Ms by which the last painting came after the end of the measurement; 0 is as it should be. */
  paintedLater(): Promise<number>;
  /** Of the first painting; asks for a page that counts. */
  framesDrawn(): number;
}

declare global {
  interface Window {
    bench: Driver;
  }
}

/** Name of the performance measure in which an implementation says how long it converts the data frame. */
export const CONVERT = 'convert';

const STARTED_BY = { zoom: 'click', search: 'input', hover: 'mousemove' } as const;

export function drive(implementation: Implementation) {
  watchLabels();
  const counted = new URLSearchParams(window.location.search).has('count') ? countRectangles() : null;
  let frame: DataFrame;
  let outcome: Promise<number>;
  let ended = 0;

  window.bench = {
    async load(address) {
      frame = toDataFrame(await (await fetch(address)).json());
    },
    async mount(step) {
      const stage = document.getElementById('stage')!;
      const start = performance.now();
      void implementation.mount(frame, stage, step);
      ended = await pixelsOut(() => implementation.isDrawn());
      const convertMs = performance.getEntriesByName(CONVERT).reduce((sum, { duration }) => sum + duration, 0);
      return { ms: ended - start, convertMs };
    },
    async prepare(step) {
      await implementation.prepare?.(step);
    },
    placeOf: (node) => implementation.placeOf(node),
    focusSearch: () => implementation.searchInput().focus(),
    arm(step, subject) {
      const reached = {
        zoom: (at: number) => implementation.isZoomed(subject, at),
        search: (at: number) => implementation.isFound(subject, at),
        hover: () => implementation.isPointedAt(subject),
      }[step];
      if (reached(performance.now())) {
        throw new Error(`${step} is there before it is asked for`);
      }
      outcome = new Promise((resolve) =>
        window.addEventListener(
          STARTED_BY[step],
          ({ timeStamp }) =>
            void pixelsOut(() => reached(timeStamp)).then((end) => {
              ended = end;
              resolve(end - timeStamp);
            }),
          { capture: true, once: true }
        )
      );
    },
    outcome: () => outcome,
    async paintedLater() {
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      return Math.max(0, lastPaintedAt() - ended);
    },
    framesDrawn() {
      const said = implementation.framesDrawn?.();
      const seen = counted!() || said!;
      if (said !== undefined && said !== seen) {
        throw new Error(`${said} frames are said to be drawn, but ${seen} rectangles were`);
      }
      return seen;
    },
  };
}

/**
 * Two animation frames: what the first finds reached is painted after it, so it is on the screen when the second begins.
 * Gives the time by `performance.now()`.
 */
function pixelsOut(reached: () => boolean): Promise<number> {
  return new Promise((resolve) => {
    const look = () => requestAnimationFrame(reached() ? () => resolve(performance.now()) : look);
    requestAnimationFrame(look);
  });
}

function toDataFrame({ Time, depth, function: names, node, parent, Value }: CallTreeTable): DataFrame {
  // Not the enumeration's own names, as that would bring all of @grafana/data into a page that needs none of it.
  const field = (name: string, type: `${FieldType}`, values: unknown[]) => ({
    name,
    type: type as FieldType,
    config: {},
    values,
  });
  return {
    refId: 'A',
    length: node.length,
    fields: [
      field('Time', 'time', Time),
      field('depth', 'string', depth),
      field('function', 'string', names),
      field('node', 'string', node),
      field('parent', 'string', parent),
      field('Value', 'number', Value),
    ],
  };
}
