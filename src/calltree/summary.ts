import { functionName, type CallTree, changeOf, pathTo, selfOf, totalOf } from './tree';
import { printable } from './printable';

export interface SummaryWords {
  /** `goroutines`, `of stacks`. */
  measured: string;
  format(value: number): string;
  /** With its sign. */
  formatChange(change: number): string;
  formatShare(part: number, whole: number): string;
  /** `5 min ago`; absent without a baseline. */
  since?: string;
  /** Between the baseline and now. */
  minutes?: number;
  /** Where the picture is. */
  url?: string;
}

/** How many paths are named: more is not read in a chat. */
const PATHS = 3;

/**
 * What a person pastes into an incident's chat: how much, since when, and the paths where it is, by growth where a baseline
 * is known and by size otherwise.
 */
export function summarize(tree: CallTree, from: number, words: SummaryWords): string {
  const { measured, format, formatChange, formatShare, since, minutes, url } = words;
  const total = totalOf(tree, from);
  const change = changeOf(tree, from);
  const rate = change !== undefined && minutes ? ` (${formatChange(change / minutes)} a minute)` : '';
  const head =
    `${from === 0 ? '' : `${printable(functionName(tree, from))}: `}${format(total)} ${measured}` +
    (change !== undefined && since ? `, ${formatChange(change)} since ${since}${rate}` : '');
  const lines = hottest(tree, from).map((frame) => {
    const grown = changeOf(tree, frame);
    return (
      `• ${formatShare(tree.now.total[frame], tree.now.total[from])} ${pathTo(tree, frame)
        .slice(1)
        .map((caller) => printable(functionName(tree, caller)))
        .join(' → ')}` +
      `: ${format(totalOf(tree, frame))}${grown !== undefined && since ? `, ${formatChange(grown)}` : ''}`
    );
  });
  return [head, ...lines, ...(url ? [url] : [])].join('\n');
}

/**
 * The frames in which most stacks end, or most of the growth ends. A path stops where it splits: the frame whose own part
 * is largest, for each of the largest branches.
 */
function hottest(tree: CallTree, from: number): number[] {
  const own = (frame: number) => {
    let change = changeOf(tree, frame);
    if (change === undefined || tree.per) {
      return selfOf(tree, frame);
    }
    for (let child = frame + 1; child < tree.end[frame]; child = tree.end[child]) {
      change -= changeOf(tree, child)!;
    }
    return change;
  };
  const best: Array<{ frame: number; amount: number }> = [];
  for (let frame = Math.max(1, from); frame < tree.end[from]; frame++) {
    const amount = own(frame);
    if (amount > 0 && (best.length < PATHS || amount > best[best.length - 1].amount)) {
      best.push({ frame, amount });
      best.sort((a, b) => b.amount - a.amount);
      best.length = Math.min(best.length, PATHS);
    }
  }
  return best.map(({ frame }) => frame);
}
