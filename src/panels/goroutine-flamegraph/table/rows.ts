import { type FunctionRow, rowsByFunction } from '../../../calltree/byFunction';
import type { CallTree } from '../../../calltree/tree';

export type RowFilter = 'all' | 'grown' | 'new' | 'vanished';

export const ROW_FILTERS: readonly RowFilter[] = ['all', 'grown', 'new', 'vanished'];

/** Δ/min is Δ by a constant and sorts alike. */
export type SortKey = 'function' | 'self' | 'total' | 'change' | 'changePerMinute';

export interface Sort {
  by: SortKey;
  descending: boolean;
}

/**
 * @param additive false where the amounts are means: a mean of nothing is none, so a function that is new or gone has no
 * change
 */
export function tableRows(tree: CallTree, additive: boolean): FunctionRow[] {
  const rows = rowsByFunction(tree);
  return additive ? rows : rows.map((row) => (row.appearance === null ? row : { ...row, change: undefined }));
}

/** A new function counts as grown, too: from nothing. */
export function passes(row: FunctionRow, filter: RowFilter): boolean {
  return filter === 'all' || (filter === 'grown' ? (row.change ?? 0) > 0 : row.appearance === filter);
}

export function countRows(rows: readonly FunctionRow[]): Record<RowFilter, number> {
  const counts = { all: 0, grown: 0, new: 0, vanished: 0 };
  for (const row of rows) {
    for (const filter of ROW_FILTERS) {
      counts[filter] += Number(passes(row, filter));
    }
  }
  return counts;
}

/** Rows without the figure come last either way; among equals the larger total first, then by name. */
export function sortRows(rows: readonly FunctionRow[], { by, descending }: Sort): FunctionRow[] {
  const direction = descending ? -1 : 1;
  const compare =
    by === 'function'
      ? (a: FunctionRow, b: FunctionRow) => direction * byName(a, b)
      : (a: FunctionRow, b: FunctionRow) => byFigure(figure(a, by), figure(b, by), direction);
  return [...rows].sort((a, b) => compare(a, b) || b.total - a.total || byName(a, b));
}

/** What a click on a column's header asks for: the other way round, or from the largest figure down, or from A to Z. */
export function nextSort({ by, descending }: Sort, clicked: SortKey): Sort {
  return { by: clicked, descending: by === clicked ? !descending : clicked !== 'function' };
}

function figure(row: FunctionRow, by: Exclude<SortKey, 'function'>): number | undefined {
  return by === 'changePerMinute' ? row.change : row[by];
}

function byFigure(a: number | undefined, b: number | undefined, direction: number): number {
  if (a === undefined || b === undefined) {
    return Number(a === undefined) - Number(b === undefined);
  }
  return direction * (a - b);
}

/** By code units: names are identifiers, and a locale's order takes ten times as long. */
function byName(a: FunctionRow, b: FunctionRow): number {
  return a.function < b.function ? -1 : a.function > b.function ? 1 : 0;
}
