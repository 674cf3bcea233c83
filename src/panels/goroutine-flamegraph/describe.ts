import type { Mended } from '../../calltree/tree';

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
