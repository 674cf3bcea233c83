import { type DataFrame, type Field, FieldType, type Labels } from '@grafana/data';
import type { CallTreeSeries } from '../../calltree/series';
import { CALLTREE_GOROUTINES, CALLTREE_LABELS } from '../../promql/metrics';

export type ReadSeries =
  | { kind: 'series'; series: CallTreeSeries[]; valueField: Field }
  | { kind: 'empty' }
  /** `reason` is a sentence for the person who wrote the query. */
  | { kind: 'unreadable'; reason: string };

/** What the panel draws (docs/design.md, "What the panel takes"); the baseline will be B. */
const NOW_REF_ID = 'A';

/** Not `parent`: Prometheus drops a label that every series lacks, as in a tree of entry functions alone. */
const REQUIRED_LABELS = ['function', 'node'] as const;

/**
 * Finds the call tree's series in a panel's data: rows of a table (instant query in table format: labels are columns), or
 * one numeric field a series (time series format: labels are on the field, and its last value counts).
 */
export function readSeries(frames: DataFrame[]): ReadSeries {
  const now = framesOfNow(frames);
  if (!now.some((frame) => frame.length > 0)) {
    return { kind: 'empty' };
  }
  const series: CallTreeSeries[] = [];
  let valueField: Field | undefined;
  for (const frame of now) {
    for (const field of frame.fields.filter(isValueField)) {
      valueField ??= field;
      series.push(...(field.labels?.node === undefined ? rowsOfTable(frame, field) : lastOfTimeSeries(frame, field)));
    }
  }
  if (!valueField) {
    return { kind: 'unreadable', reason: 'The query has no numeric field, so there is no width to draw.' };
  }
  const missing = missingLabels(now);
  if (missing.length > 0) {
    return { kind: 'unreadable', reason: explainMissing(missing, now) };
  }
  return { kind: 'series', series, valueField };
}

function framesOfNow(frames: DataFrame[]): DataFrame[] {
  const named = frames.filter((frame) => frame.refId === NOW_REF_ID);
  const refIds = new Set(frames.map((frame) => frame.refId));
  // A snapshot or a transformation can lose the refId; with a single query there is no doubt which one is meant.
  return named.length > 0 || refIds.size > 1 ? named : frames;
}

/** The value is found by type, as its name depends on the number of queries; `depth` is text until somebody converts it. */
function isValueField(field: Field): boolean {
  return field.type === FieldType.number && !(CALLTREE_LABELS as readonly string[]).includes(field.name);
}

function column(frame: DataFrame, name: string): Field | undefined {
  return frame.fields.find((field) => field.name === name);
}

function* rowsOfTable(frame: DataFrame, value: Field): Generator<CallTreeSeries> {
  const columns = Object.fromEntries(CALLTREE_LABELS.map((label) => [label, column(frame, label)]));
  const time = frame.fields.find((field) => field.type === FieldType.time);
  for (let row = 0; row < frame.length; row++) {
    const node = textOf(columns.node?.values[row]);
    // A row without a node is of another query in a joined table.
    if (node !== '') {
      yield {
        node,
        parent: textOf(columns.parent?.values[row]),
        function: textOf(columns.function?.values[row]) || '(unknown)',
        depth: depthOf(columns.depth?.values[row]),
        value: numberOf(value.values[row]),
        time: time?.values[row],
      };
    }
  }
}

function* lastOfTimeSeries(frame: DataFrame, value: Field): Generator<CallTreeSeries> {
  const labels: Labels = value.labels ?? {};
  const time = frame.fields.find((field) => field.type === FieldType.time);
  for (let row = frame.length - 1; row >= 0; row--) {
    if (value.values[row] !== null && value.values[row] !== undefined) {
      yield {
        node: labels.node,
        parent: labels.parent ?? '',
        function: labels.function || '(unknown)',
        depth: depthOf(labels.depth),
        value: numberOf(value.values[row]),
        time: time?.values[row],
      };
      return;
    }
  }
}

function textOf(cell: unknown): string {
  return cell === null || cell === undefined ? '' : String(cell);
}

function depthOf(cell: unknown): number | undefined {
  const depth = Number.parseInt(textOf(cell), 10);
  return Number.isNaN(depth) ? undefined : depth;
}

function numberOf(cell: unknown): number {
  return cell === null || cell === undefined ? NaN : Number(cell);
}

function missingLabels(frames: DataFrame[]): string[] {
  return REQUIRED_LABELS.filter(
    (label) =>
      !frames.some((frame) => column(frame, label) || frame.fields.some((field) => field.labels?.[label] !== undefined))
  );
}

function explainMissing(missing: string[], frames: DataFrame[]): string {
  const names = frames.flatMap((frame) => frame.fields.map((field) => field.name));
  const found = [...new Set(names)].slice(0, 12).join(', ');
  return (
    `The query's answer lacks ${missing.map((label) => `“${label}”`).join(' and ')}; it has: ${found}. ` +
    `A call tree is drawn from an instant query in table format that keeps the labels ${CALLTREE_LABELS.join(', ')}, ` +
    `such as: sum by (${CALLTREE_LABELS.join(', ')}) (${CALLTREE_GOROUTINES})`
  );
}
