import type { Zoom } from '../../../calltree/layout';
import type { SearchResult } from '../../../calltree/search';
import { type CallTree, childrenOf, ratio, totalOf } from '../../../calltree/tree';
import { factsOf, type Format, formatChange, formatShare, MEASURED, plural } from './describe';
import { roundRate } from './roundRate';
import type { Measure } from '../options';

export interface StatusWords {
  measure: Measure;
  format: Format;
  /** What the baseline is called; absent where nothing is compared. */
  since?: string;
  /** Between the baseline and now. */
  minutes?: number;
}

/** One line on what is zoomed to, or on all: `main.serve: 900 of 1,000 (90 %), +300 since 5 min ago (+60 a minute)`. */
export function describeZoom(tree: CallTree, zoom: Zoom, { measure, format, since, minutes }: StatusWords): string {
  const smaller = zoom.smaller ? tree.children[tree.parent[zoom.frame]] - tree.sibling[zoom.frame] : 0;
  const { name, total, change } = factsOf(tree, zoom.frame, smaller);
  const all = totalOf(tree, 0);
  const head =
    zoom.frame === 0
      ? `${format(all)} ${MEASURED[measure]}`
      : tree.per
        ? `${name}: ${format(total)} ${MEASURED[measure]}`
        : `${name}: ${format(total)} of ${format(all)} (${formatShare(total, all)})`;
  if (change === undefined || since === undefined) {
    return head;
  }
  const rate = minutes ? ` (${formatChange(roundRate(change / minutes), format)} a minute)` : '';
  return `${head}, ${formatChange(change, format)} since ${since}${rate}`;
}

/** `17 frames match: 900 of 1,000 (90 %)`, with the place of the active one among them. */
export function describeFound(
  tree: CallTree,
  { frames, isMatch, total }: SearchResult,
  active: number,
  format: Format
) {
  const place = isMatch[active] ? `${(frames.indexOf(active) + 1).toLocaleString('en')} of ` : '';
  const matches = place + plural(frames.length, 'frame matches', 'frames match');
  const all = tree.now.total[0];
  return tree.per ? matches : `${matches}: ${format(total)} of ${format(all)} (${formatShare(total, all)})`;
}

/** Of what is zoomed to, 0..1; `undefined` where nothing is, or shares mean nothing. */
export function shareOfZoomed(tree: CallTree, zoom: Zoom, frame: number, smaller: number): number | undefined {
  if (zoom.frame === 0 || tree.per) {
    return undefined;
  }
  const whole = zoom.smaller
    ? childrenOf(tree, tree.parent[zoom.frame])
        .slice(tree.sibling[zoom.frame])
        .reduce((sum, each) => sum + tree.now.total[each], 0)
    : tree.now.total[zoom.frame];
  return Math.min(1, ratio(factsOf(tree, frame, smaller).total, whole));
}
