import { printable } from '../../../calltree/printable';
import { framesOf } from '../../../calltree/layout';
import { SYNTHETIC_FUNCTIONS } from '../../../calltree/synthetic';
import {
  appearance,
  type CallTree,
  changeOf,
  functionName,
  ratio,
  selfOf,
  totalBefore,
  totalOf,
  type Mended,
} from '../../../calltree/tree';
import type { Measure } from '../options';

/** What is known of a rectangle of the graph: of a frame, or of smaller siblings together. */
export interface Facts {
  /** Fit to be shown: `12 smaller` for siblings. */
  name: string;
  total: number;
  self: number;
  before: number | undefined;
  change: number | undefined;
  appearance: 'new' | 'vanished' | null;
  /** Of the whole tree, 0..1; `undefined` for means, which are no share of anything. */
  share: number | undefined;
}

export function factsOf(tree: CallTree, frame: number, smaller: number): Facts {
  if (smaller > 0) {
    return factsOfSmaller(tree, frame, smaller);
  }
  return {
    name: printable(functionName(tree, frame)),
    total: totalOf(tree, frame),
    self: selfOf(tree, frame),
    before: totalBefore(tree, frame),
    change: changeOf(tree, frame),
    appearance: appearance(tree, frame),
    share: tree.per ? undefined : ratio(tree.now.total[frame], tree.now.total[0]),
  };
}

function factsOfSmaller(tree: CallTree, frame: number, smaller: number): Facts {
  const frames = framesOf(tree, frame, smaller);
  const sum = (amounts: Float64Array) => frames.reduce((all, each) => all + amounts[each], 0);
  const total = tree.per ? ratio(sum(tree.now.total), sum(tree.per.now.total)) : sum(tree.now.total);
  const before =
    tree.before && (!tree.per || tree.per.before)
      ? tree.per
        ? ratio(sum(tree.before.total), sum(tree.per.before!.total))
        : sum(tree.before.total)
      : undefined;
  return {
    name: `${smaller.toLocaleString('en')} smaller`,
    total,
    self: tree.per ? ratio(sum(tree.now.self), sum(tree.per.now.self)) : sum(tree.now.self),
    before,
    change: before === undefined ? undefined : total - before,
    appearance: null,
    share: tree.per ? undefined : ratio(total, tree.now.total[0]),
  };
}

/** What a number counts, to be put behind it. */
export const MEASURED: Record<Measure, string> = {
  goroutines: 'goroutines',
  bytes: 'of stacks',
  bytesPerGoroutine: 'of stack a goroutine',
};

export type Format = (value: number) => string;

/** A change with its sign, a minus that is as wide as the plus; `–` where there is none to tell. */
export function formatChange(change: number | undefined, format: Format): string {
  if (change === undefined) {
    return '–';
  }
  return change > 0 ? `+${format(change)}` : change < 0 ? `−${format(-change)}` : format(0);
}

/** A frame in words, for people who do not see the graph. */
export function describeFacts(facts: Facts, format: Format, measure: Measure, since: string | undefined): string {
  const { name, total, share, change } = facts;
  return [
    name,
    `${format(total)} ${MEASURED[measure]}`,
    ...(share === undefined ? [] : [formatShare(share, 1)]),
    ...(change === undefined || since === undefined ? [] : [`${formatChange(change, format)} since ${since}`]),
    ...(facts.appearance ? [facts.appearance] : []),
    ...(SYNTHETIC_FUNCTIONS.has(name) ? [SYNTHETIC_FUNCTIONS.get(name)!] : []),
  ].join(', ');
}

export function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** What the person must know about a tree that had to be mended, a sentence each; none for a sound answer. */
export function describeMended(mended: Mended): string[] {
  const notes: string[] = [];
  if (mended.duplicates > 0) {
    notes.push(
      `${plural(mended.duplicates, 'node', 'nodes')} came in several rows: the last by time is drawn. ` +
        'To add processes up, use sum by (depth, function, node, parent).'
    );
  }
  if (mended.orphans > 0) {
    notes.push(
      `${plural(mended.orphans, 'frame hangs', 'frames hang')} from the root, as the caller is not in the answer. ` +
        'A filter or topk on functions cuts callers off.'
    );
  }
  if (mended.cycles > 0) {
    notes.push(
      `${plural(mended.cycles, 'cycle', 'cycles')} of callers cut open: these series are not of one call tree.`
    );
  }
  if (mended.raised > 0) {
    notes.push(
      `${plural(mended.raised, 'frame', 'frames')} had less than the callees' sum and ${mended.raised === 1 ? 'is' : 'are'} drawn with that sum.`
    );
  }
  if (mended.invalid > 0) {
    notes.push(`${plural(mended.invalid, 'row', 'rows')} without a usable value left out.`);
  }
  return notes;
}

/** A share as people say it: `56 %`, `3.4 %`, `< 0.1 %`. */
export function formatShare(part: number, whole: number): string {
  const percent = whole > 0 ? (100 * part) / whole : 0;
  if (percent > 0 && percent < 0.1) {
    return '< 0.1 %';
  }
  return `${percent.toFixed(percent < 10 && percent > 0 ? 1 : 0)} %`;
}
