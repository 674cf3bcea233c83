import { type DataFrame, type Field, FieldType } from '@grafana/data';
import type { CallTreeColumns } from '../../../calltree/series';
import { CALLTREE_GOROUTINES, CALLTREE_LABELS } from '../../../promql/metrics';

export type ReadSeries =
  | { kind: 'series'; columns: CallTreeColumns; valueField: Field; cellOf(row: number): Cell }
  | { kind: 'empty' }
  /** `reason` is a sentence for the person who wrote the query. */
  | { kind: 'unreadable'; reason: string };

/** Where a row of the columns comes from: what data links are made of. */
export interface Cell {
  field: Field;
  rowIndex: number;
}

/** Goroutines now (docs/design.md, "What the panel takes"). */
export const NOW_REF_ID = 'A';

/** Not `parent`: Prometheus drops a label that every series lacks, as in a tree of entry functions alone. */
const REQUIRED_LABELS = ['function', 'node'] as const;

/**
 * Finds a query's call tree in a panel's data: rows of a table (instant query in table format: labels are columns), or one
 * numeric field a series (time series format: labels are on the field, and its last value counts). A single table's columns
 * are taken as they are, as copying 100,000 rows takes as long as drawing them.
 */
export function readSeries(frames: DataFrame[], refId: string): ReadSeries {
  const own = framesOf(frames, refId);
  if (!own.some((frame) => frame.length > 0)) {
    return { kind: 'empty' };
  }
  const valued = own.flatMap((frame) => frame.fields.filter(isValueField).map((field) => ({ frame, field })));
  if (valued.length === 0) {
    return { kind: 'unreadable', reason: 'The query has no numeric field, so there is no width to draw.' };
  }
  const missing = missingLabels(own);
  if (missing.length > 0) {
    return { kind: 'unreadable', reason: explainMissing(missing, own) };
  }
  const [{ frame, field }] = valued;
  if (valued.length === 1 && field.labels?.node === undefined) {
    return {
      kind: 'series',
      columns: columnsOfTable(frame, field),
      valueField: field,
      cellOf: (rowIndex) => ({ field, rowIndex }),
    };
  }
  const cells: Cell[] = [];
  const columns = joinColumns(
    valued.map((each) => {
      if (each.field.labels?.node === undefined) {
        for (let rowIndex = 0; rowIndex < each.frame.length; rowIndex++) {
          cells.push({ field: each.field, rowIndex });
        }
        return columnsOfTable(each.frame, each.field);
      }
      const rowIndex = lastRow(each.field);
      cells.push({ field: each.field, rowIndex });
      return columnsOfTimeSeries(each.frame, each.field, rowIndex);
    })
  );
  return { kind: 'series', columns, valueField: field, cellOf: (row) => cells[row] };
}

/** The single number of a query such as `count(…)`; `undefined` where it gives none. */
export function readNumber(frames: DataFrame[], refId: string): number | undefined {
  return lastNumber(frames.filter((frame) => frame.refId === refId));
}

/** The last value of the first numeric field; `undefined` where there is none, or it is no number. */
export function lastNumber(frames: DataFrame[]): number | undefined {
  const field = frames.flatMap((frame) => frame.fields).find(({ type }) => type === FieldType.number);
  const value = field?.values[field.values.length - 1];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function framesOf(frames: DataFrame[], refId: string): DataFrame[] {
  const named = frames.filter((frame) => frame.refId === refId);
  const refIds = new Set(frames.map((frame) => frame.refId));
  // A snapshot or a transformation can lose the refId; with a single query there is no doubt which one is meant.
  return named.length > 0 || refIds.size > 1 || refId !== NOW_REF_ID ? named : frames;
}

/** The value is found by type, as its name depends on the number of queries; `depth` is text until somebody converts it. */
function isValueField(field: Field): boolean {
  return field.type === FieldType.number && !(CALLTREE_LABELS as readonly string[]).includes(field.name);
}

function columnsOfTable(frame: DataFrame, value: Field): CallTreeColumns {
  const column = (name: string) => frame.fields.find((field) => field.name === name)?.values;
  return {
    node: column('node') ?? [],
    parent: column('parent') ?? [],
    function: column('function') ?? [],
    depth: column('depth'),
    time: timeOf(frame),
    value: value.values,
  };
}

function columnsOfTimeSeries(frame: DataFrame, { labels = {}, values }: Field, row: number): CallTreeColumns {
  return {
    node: [labels.node],
    parent: [labels.parent],
    function: [labels.function],
    depth: [labels.depth],
    time: [timeOf(frame)?.[row]],
    value: [values[row]],
  };
}

function timeOf(frame: DataFrame): number[] | undefined {
  return frame.fields.find((field) => field.type === FieldType.time)?.values;
}

/** The last that is a value at all. */
function lastRow({ values }: Field): number {
  let row = values.length - 1;
  while (row > 0 && (values[row] === null || values[row] === undefined)) {
    row--;
  }
  return row;
}

function joinColumns(parts: CallTreeColumns[]): CallTreeColumns {
  const join = <T>(pick: (part: CallTreeColumns) => ArrayLike<T> | undefined): T[] =>
    parts.flatMap((part) => {
      const column = pick(part);
      return Array.from({ length: part.value.length }, (_, row) => column?.[row] as T);
    });
  return {
    node: join((part) => part.node),
    parent: join((part) => part.parent),
    function: join((part) => part.function),
    depth: join((part) => part.depth),
    time: join((part) => part.time),
    value: join((part) => part.value),
  };
}

function missingLabels(frames: DataFrame[]): string[] {
  return REQUIRED_LABELS.filter(
    (label) =>
      !frames.some((frame) => frame.fields.some((field) => field.name === label || field.labels?.[label] !== undefined))
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
