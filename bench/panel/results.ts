import type { Step } from './host/implementation';

/** Of one implementation at one size: medians, `null` for what failed. The names are those in JSON. */
export interface Result {
  nodes: number;
  impl: string;
  first_paint_ms: number | null;
  zoom_ms: number | null;
  search_ms: number | null;
  hover_ms: number | null;
  frames_drawn: number | null;
  /** In MB of 10^6 bytes. */
  heap_mb: number | null;
}

/** What the runs of one implementation at one size gave; a step that failed once is not tried again. */
export class Runs {
  readonly values: Record<Step | 'convert' | 'heap', number[]> = {
    first_paint: [],
    zoom: [],
    search: [],
    hover: [],
    convert: [],
    heap: [],
  };
  readonly failed = new Set<Step>();
  frames: number | null = null;

  constructor(
    readonly nodes: number,
    readonly impl: string
  ) {}

  result(): Result {
    const ms = (step: Step) => (this.failed.has(step) ? null : median(this.values[step]));
    return {
      nodes: this.nodes,
      impl: this.impl,
      first_paint_ms: ms('first_paint'),
      zoom_ms: ms('zoom'),
      search_ms: ms('search'),
      hover_ms: ms('hover'),
      frames_drawn: this.frames,
      heap_mb: this.failed.has('first_paint') ? null : median(this.values.heap),
    };
  }
}

/** To a tenth; `null` of nothing. */
export function median(values: number[]): number | null {
  if (values.length === 0) {
    return null;
  }
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const value = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
  return Math.round(10 * value) / 10;
}
