import type { FunctionRow } from '../../../calltree/byFunction';
import type { SortKey } from './rows';

export interface Column {
  key: SortKey;
  /** In px. */
  width: number;
}

/** Advance of a digit in the theme's small text (Inter, 12 px, tabular), rounded up. */
const DIGIT_WIDTH = 8;
export const CELL_PADDING = 8;
/** `1,023 MiB`; where units scale, the largest figure need not be the longest. */
const MIN_DIGITS = 8;
const MAX_DIGITS = 14;
/** Room for `…).serveHTTP` and a badge. */
const MIN_NAME_WIDTH = 136;
/** The widest that browsers make one; it lies over the last column otherwise. */
const SCROLLBAR_WIDTH = 16;

/** What goes first where there is no room. */
const DISPENSABLE: readonly SortKey[] = ['self', 'changePerMinute'];

/** The columns that fit into a width. The function's is as wide as the others leave it. */
export function chooseColumns(width: number, digits: number, keys: readonly SortKey[]): Column[] {
  const figureWidth = digits * DIGIT_WIDTH + 2 * CELL_PADDING;
  const nameWidth = (figures: number) => width - SCROLLBAR_WIDTH - figures * figureWidth;
  let kept = [...keys];
  for (const key of DISPENSABLE) {
    if (nameWidth(kept.length - 1) < MIN_NAME_WIDTH) {
      kept = kept.filter((each) => each !== key);
    }
  }
  return kept.map((key) => ({
    key,
    width: key === 'function' ? Math.max(nameWidth(kept.length - 1), MIN_NAME_WIDTH) : figureWidth,
  }));
}

/** How many characters figures take, judged by the extremes: formatting all 10,000 rows would take longer than all else. */
export function digitsOf(rows: readonly FunctionRow[], format: (value: number) => string): number {
  let total = 0;
  let change = 0;
  for (const row of rows) {
    total = Math.max(total, row.total);
    change = Math.max(change, Math.abs(row.change ?? 0));
  }
  const longest = Math.max(format(total).length, format(change).length + 1);
  return Math.min(Math.max(longest, MIN_DIGITS), MAX_DIGITS);
}
