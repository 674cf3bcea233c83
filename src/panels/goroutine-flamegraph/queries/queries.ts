import type { DataFrame } from '@grafana/data';
import type { CallTreeInput } from '../../../calltree/tree';
import type { Measure, PanelOptions } from '../options';
import { NOW_REF_ID, readNumber, readSeries, type ReadSeries } from './readSeries';

/** The panel's queries (docs/design.md, "What the panel takes"). */
export interface Queries {
  now: ReadSeries;
  baseline: ReadSeries;
  bytes: ReadSeries;
  bytesBaseline: ReadSeries;
  /** Processes with a tree now and none at the baseline. */
  uncovered: number | undefined;
  /** Processes that were restarted since the baseline. */
  restarted: number | undefined;
}

export function readQueries(frames: DataFrame[], options: PanelOptions): Queries {
  return {
    now: readSeries(frames, NOW_REF_ID),
    baseline: readSeries(frames, options.baselineRefId),
    bytes: readSeries(frames, options.bytesRefId),
    bytesBaseline: readSeries(frames, options.bytesBaselineRefId),
    uncovered: readNumber(frames, options.uncoveredRefId),
    restarted: readNumber(frames, options.restartedRefId),
  };
}

export type WithSeries = Extract<ReadSeries, { kind: 'series' }>;

export function hasSeries(read: ReadSeries): read is WithSeries {
  return read.kind === 'series';
}

/** What a measure is drawn from: its own query, whose values are shown, and the tree's input. */
export interface Measured {
  shown: WithSeries;
  refId: string;
  input: Pick<CallTreeInput, 'now' | 'before' | 'per'>;
}

/** `undefined` where a query of the measure has no series. */
export function measuredBy(
  measure: Measure,
  queries: Queries,
  options: PanelOptions,
  compare: boolean
): Measured | undefined {
  const { now, baseline, bytes, bytesBaseline } = queries;
  const columns = (read: ReadSeries) => (compare && hasSeries(read) ? read.columns : undefined);
  if (!hasSeries(now)) {
    return undefined;
  }
  if (measure === 'goroutines') {
    return { shown: now, refId: NOW_REF_ID, input: { now: now.columns, before: columns(baseline) } };
  }
  if (!hasSeries(bytes)) {
    return undefined;
  }
  const input = { now: bytes.columns, before: columns(bytesBaseline) };
  return {
    shown: bytes,
    refId: options.bytesRefId,
    input: measure === 'bytes' ? input : { ...input, per: { now: now.columns, before: columns(baseline) } },
  };
}
