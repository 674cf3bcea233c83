export const ROW_HEIGHT = 28;

/** Rows beyond each edge, so that scrolling finds them drawn. */
const OVERSCAN = 4;

export interface PlacedRow {
  index: number;
  /** Height of the rows left out between the row before and this one, in px. */
  gap: number;
}

/**
 * The rows to draw of so many, and the gaps that stand for the others:
 *
 *     ┌ gap
 *     │ rows in view, and a few beyond
 *     │ gap
 *     │ the kept row: the keyboard's, wherever it is
 *     └ gap (`rest`)
 *
 * @param firstRow the one at the top edge; may lie beyond the last, while a table that became shorter is not yet
 * scrolled back by the browser
 * @param kept drawn in any case; -1 for none
 */
export function placeRows(
  count: number,
  firstRow: number,
  viewHeight: number,
  kept: number
): { rows: PlacedRow[]; rest: number } {
  const inView = Math.ceil(Math.max(viewHeight, 0) / ROW_HEIGHT) + 1;
  const first = Math.max(Math.min(firstRow, count - inView) - OVERSCAN, 0);
  const end = Math.min(first + inView + 2 * OVERSCAN, count);
  const indexes = Array.from({ length: Math.max(end - first, 0) }, (_, i) => first + i);
  if (kept >= 0 && kept < first) {
    indexes.unshift(kept);
  } else if (kept >= end && kept < count) {
    indexes.push(kept);
  }
  let below = 0;
  const rows = indexes.map((index) => {
    const gap = (index - below) * ROW_HEIGHT;
    below = index + 1;
    return { index, gap };
  });
  return { rows, rest: (count - below) * ROW_HEIGHT };
}

/** Where to scroll so that a row is all in view: no further than needed. */
export function scrollToShow(index: number, scrollTop: number, viewHeight: number): number {
  const top = index * ROW_HEIGHT;
  return Math.max(Math.min(scrollTop, top), top + ROW_HEIGHT - viewHeight, 0);
}
