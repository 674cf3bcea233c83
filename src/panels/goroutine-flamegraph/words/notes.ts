import { renumberedClosures } from '../../../calltree/closures';
import { DROPPED_FUNCTION, TRUNCATED_FUNCTION } from '../../../calltree/synthetic';
import { type CallTree, isComparable, ratio } from '../../../calltree/tree';
import type { Baseline } from '../baseline/baseline';
import { describeMended, type Format, formatShare, plural } from './describe';
import { hasSeries, type Queries } from '../queries/queries';

/**
 * What a person must know before trusting the picture, a sentence each; none where the data is whole.
 * @param baseline what was asked for, whether or not there is data of it
 */
export function notesOf(tree: CallTree, queries: Queries, baseline: Baseline | undefined, format: Format): string[] {
  const notes = describeMended(tree.mended);
  const dropped = sumOf(tree, DROPPED_FUNCTION);
  if (dropped > 0) {
    notes.push(
      `${share(tree, dropped)} in call paths that the collector left out to stay within its limit of nodes: they are drawn as ${DROPPED_FUNCTION}.`
    );
  }
  const truncated = sumOf(tree, TRUNCATED_FUNCTION);
  if (truncated > 0) {
    notes.push(
      `${share(tree, truncated)} have stacks that their source cut off: they hang under ${TRUNCATED_FUNCTION}. ` +
        'GODEBUG=profstackdepth=1024 makes Go keep more.'
    );
  }
  for (const [what, read] of [
    ['baseline', queries.baseline],
    ['stack bytes', queries.bytes],
  ] as const) {
    if (read.kind === 'unreadable') {
      notes.push(`The query of the ${what} is not read: ${read.reason}`);
    }
  }
  if (baseline) {
    notes.push(...notesOfComparison(tree, queries, baseline));
  }
  return notes;

  function share(of: CallTree, amount: number): string {
    return `${format(amount)} (${formatShare(amount, of.now.total[0])})`;
  }
}

function notesOfComparison(tree: CallTree, queries: Queries, { since }: Baseline): string[] {
  const notes: string[] = [];
  if (!hasSeries(queries.baseline) || !isComparable(tree)) {
    return [
      `Nothing is known of ${since}: the process or its collector was not up then, or the data is not kept that long. So nothing is compared.`,
    ];
  }
  if (queries.uncovered) {
    notes.push(
      `${plural(queries.uncovered, 'process has', 'processes have')} a call tree now and none ${since}: what these have is counted as grown. They, or their collectors, started since.`
    );
  }
  if (queries.restarted) {
    notes.push(
      `${plural(queries.restarted, 'process was', 'processes were')} restarted since ${since}. A new build may number closures (func1) anew: such frames are compared with another function then.`
    );
  }
  const renumbered = renumberedClosures(tree);
  if (renumbered > 0) {
    notes.push(
      `${plural(renumbered, 'closure', 'closures')} vanished where one of another number appeared: after a new build this can be the same code.`
    );
  }
  return notes;
}

/** Stacks that pass through frames of a function; these are not nested. */
function sumOf(tree: CallTree, name: string): number {
  const id = tree.functions.indexOf(name);
  let sum = 0;
  if (id >= 0) {
    for (let frame = 1; frame < tree.size; frame++) {
      sum += tree.functionOf[frame] === id ? tree.now.total[frame] : 0;
    }
  }
  return tree.per ? ratio(sum, tree.per.now.total[0]) : sum;
}
