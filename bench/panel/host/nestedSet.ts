import type { DataFrame, FieldType } from '@grafana/data';
import { columnsOf } from './columns';

/** Rows in preorder, one for the frame over all entry functions first: -1. */
export function preorderOf(frame: DataFrame): { rows: Int32Array; levels: number[] } {
  const { node, parent } = columnsOf(frame);
  const size = node.length;
  const rowOf = new Map<string, number>();
  for (let row = 0; row < size; row++) {
    rowOf.set(node[row], row);
  }
  // Callees as linked lists; the last slot is of the frame over all.
  const firstCallee = new Int32Array(size + 1).fill(-1);
  const nextCallee = new Int32Array(size).fill(-1);
  for (let row = size - 1; row >= 0; row--) {
    const caller = rowOf.get(parent[row]) ?? size;
    nextCallee[row] = firstCallee[caller];
    firstCallee[caller] = row;
  }
  const rows = new Int32Array(size + 1).fill(-1);
  const levels = new Array<number>(size + 1).fill(0);
  const path: number[] = [];
  let next = firstCallee[size];
  for (let i = 1; i <= size; i++) {
    while (next < 0) {
      next = nextCallee[path.pop()!];
    }
    path.push(next);
    rows[i] = next;
    levels[i] = path.length;
    next = firstCallee[next];
  }
  return { rows, levels };
}

/** What @grafana/flamegraph takes. */
export function nestedSetOf(frame: DataFrame): DataFrame {
  const { function: names, value } = columnsOf(frame);
  const { rows, levels } = preorderOf(frame);
  const labels = new Array<string>(rows.length);
  const values = new Array<number>(rows.length);
  const selfs = new Array<number>(rows.length);
  const path: number[] = [];
  labels[0] = 'all goroutines';
  values[0] = 0;
  for (let i = 1; i < rows.length; i++) {
    labels[i] = names[rows[i]];
    values[i] = selfs[i] = value[rows[i]];
    const caller = levels[i] === 1 ? 0 : path[levels[i] - 1];
    path[levels[i]] = i;
    if (caller === 0) {
      values[0] += values[i];
    } else {
      selfs[caller] -= values[i];
    }
  }
  selfs[0] = 0;
  const field = (name: string, type: `${FieldType}`, of: unknown[]) => ({
    name,
    type: type as FieldType,
    config: {},
    values: of,
  });
  return {
    refId: 'A',
    length: rows.length,
    fields: [
      field('level', 'number', levels),
      field('value', 'number', values),
      field('self', 'number', selfs),
      field('label', 'string', labels),
    ],
  };
}
