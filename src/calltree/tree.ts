import { type Callers, findCallers } from './callers';
import { NodeTable } from './nodeTable';
import { place } from './place';
import type { CallTreeColumns } from './series';

/** Figures that add up: `total` = `self` + the sum of the callees' `total`. By frame. */
export interface Amounts {
  total: Float64Array;
  self: Float64Array;
}

/** One time or two. */
export interface Compared {
  now: Amounts;
  /** At the baseline; `null` where there is none to compare with. */
  before: Amounts | null;
}

/** What had to be mended or left out so that the series make a tree. Counts of nodes; all zero for a sound answer. */
export interface Mended {
  /** Nodes that came in several rows; the last by time was kept. */
  duplicates: number;
  /** Nodes whose caller is not among the series; they hang from the root. */
  orphans: number;
  /** Cycles of callers, each cut open at its shallowest node, which hangs from the root. */
  cycles: number;
  /** Nodes with less than the sum of their callees, raised to that sum. */
  raised: number;
  /** Rows without a usable value (NaN, infinite, negative), left out. */
  invalid: number;
}

/**
 * A call tree in columns. Frames are numbered in preorder, so that a frame's subtree is the range from the frame to its
 * `end`, and a search or a sum over it is a loop over neighbours:
 *
 *     frame   0          1        2         3          4
 *             all        serve    handle    gopark     main
 *     end     5          4        4         4          5
 *
 * Siblings are in the order of the power of two of their weight, largest first, and by name within one: the widest are
 * at the left, and a refresh swaps two of similar width only when one of them passes a power of two.
 */
export interface CallTree extends Compared {
  /** Frames, with the synthetic one over all entry functions, which is 0. */
  size: number;
  nodes: string[];
  /** Distinct function names. */
  functions: string[];
  /** Index into `functions`, by frame. */
  functionOf: Uint32Array;
  /** The caller's frame; -1 for frame 0. */
  parent: Int32Array;
  /** One past the last frame of the subtree. */
  end: Uint32Array;
  /** 0 for frame 0. */
  level: Uint32Array;
  /** Callees. */
  children: Uint32Array;
  /** Place among its siblings, from 0. */
  sibling: Uint32Array;
  /** Row in the columns of now; -1 where it has none. */
  row: Int32Array;
  /** Where the frame begins and how wide it is, on the scale on which frame 0 is `weight[0]` wide. */
  start: Float64Array;
  weight: Float64Array;
  /** What of `weight` the callees take, from the frame's start on. */
  calleesWeight: Float64Array;
  /** What the amounts are divided by to be shown, where the tree is of a mean such as bytes per goroutine. */
  per: Compared | null;
  mended: Mended;
  /** The frame of a node, or `undefined`. */
  frameOf(node: string): number | undefined;
}

export interface CallTreeInput {
  now: CallTreeColumns;
  /** The same query at the baseline. */
  before?: CallTreeColumns;
  /** Makes it a tree of means: `now` ÷ `per.now`. */
  per?: { now: CallTreeColumns; before?: CallTreeColumns };
  /** Frames that are there at the baseline alone get the width that they had then; else none. */
  showVanished?: boolean;
  /** Functions that are cut off where only such functions are below: their goroutines are then their caller's own. */
  isCollapsed?(functionName: string): boolean;
}

/**
 * Builds the call tree from its series, in any order. Never throws: what does not fit together is mended so that the
 * picture stays true to the larger figures, and counted in {@link Mended}. Linear in the number of series.
 */
export function buildCallTree(input: CallTreeInput): CallTree {
  const { now, before, per, showVanished = true, isCollapsed } = input;
  const mended = soundTree();
  const queries = [now, before, per?.now, per?.before];
  const table = new NodeTable(queries.reduce((rows, query) => rows + (query?.node.length ?? 0), 1));
  const readings = queries.map((query) => query && table.read(query, mended));
  const callers = findCallers(table, mended);
  const amounts = readings.map((reading, query) =>
    reading ? addUp(reading.values, callers, query === 0 ? mended : soundTree()) : null
  );
  const hidden = isCollapsed ? collapse(table, callers, isCollapsed, amounts) : null;
  const compared = (first: number): Compared => ({ now: amounts[first]!, before: amounts[first + 1] });
  return place({
    table,
    callers,
    hidden,
    showVanished,
    rows: readings[0]!.rows,
    amounts: compared(0),
    per: per ? compared(2) : null,
    mended,
  });
}

function soundTree(): Mended {
  return { duplicates: 0, orphans: 0, cycles: 0, raised: 0, invalid: 0 };
}

/**
 * Makes totals and selfs agree, callees first. A scrape is not atomic over an aggregation, so a caller can have less
 * than its callees; drawn as it is, frames would lie outside their caller.
 */
function addUp(values: Float64Array, { parent, callersFirst }: Callers, mended: Mended): Amounts {
  const total = values.slice(0, parent.length);
  const inCallees = new Float64Array(parent.length);
  for (let i = callersFirst.length - 1; i >= 0; i--) {
    const id = callersFirst[i];
    if (inCallees[id] > total[id]) {
      // The root has no value of its own; floating-point sums of averages are not a defect.
      if (id !== 0 && inCallees[id] - total[id] > 1e-9 * inCallees[id]) {
        mended.raised++;
      }
      total[id] = inCallees[id];
    }
    if (id !== 0) {
      inCallees[parent[id]] += total[id];
    }
  }
  const self = inCallees;
  for (let id = 0; id < self.length; id++) {
    self[id] = total[id] - inCallees[id];
  }
  return { total, self };
}

/** Marks what is cut off, and gives its amounts to the caller. An entry function stays whatever it is. */
function collapse(
  table: NodeTable,
  { parent, level, callersFirst }: Callers,
  isCollapsed: (functionName: string) => boolean,
  amounts: Array<Amounts | null>
): Uint8Array {
  const cut = new Uint8Array(table.size);
  const byFunction = table.functions.map(isCollapsed);
  cut.forEach((_, id) => (cut[id] = Number(level[id] > 1 && byFunction[table.functionOf[id]])));
  for (let i = callersFirst.length - 1; i > 0; i--) {
    const id = callersFirst[i];
    if (cut[id] === 0) {
      cut[parent[id]] = 0;
    }
  }
  for (const id of callersFirst) {
    if (cut[id] === 1 && cut[parent[id]] === 0) {
      amounts.forEach((each) => each && (each.self[parent[id]] += each.total[id]));
    }
  }
  return cut;
}

/** Amount of a frame as shown: a sum, or a mean where the tree is of one. */
export function totalOf(tree: CallTree, frame: number): number {
  return tree.per ? ratio(tree.now.total[frame], tree.per.now.total[frame]) : tree.now.total[frame];
}

export function selfOf(tree: CallTree, frame: number): number {
  return tree.per ? ratio(tree.now.self[frame], tree.per.now.self[frame]) : tree.now.self[frame];
}

/** {@link totalOf} at the baseline; `undefined` where there is none. */
export function totalBefore(tree: CallTree, frame: number): number | undefined {
  const { before, per } = tree;
  if (!before || (per && !per.before)) {
    return undefined;
  }
  return per ? ratio(before.total[frame], per.before!.total[frame]) : before.total[frame];
}

/** Change since the baseline, as an amount, not a share; `undefined` without a baseline. */
export function changeOf(tree: CallTree, frame: number): number | undefined {
  const before = totalBefore(tree, frame);
  return before === undefined ? undefined : totalOf(tree, frame) - before;
}

/** A mean of nothing is shown as 0. */
export function ratio(amount: number, per: number): number {
  return per > 0 ? amount / per : 0;
}

/** Whether there is data of a baseline: without a goroutine then, everything would be new. */
export function isComparable({ before }: CallTree): boolean {
  return before !== null && before.total[0] > 0;
}

/** Only there now, only there at the baseline, or `null`: at both, or not known. */
export function appearance(tree: CallTree, frame: number): 'new' | 'vanished' | null {
  if (!isComparable(tree)) {
    return null;
  }
  const now = tree.now.total[frame] > 0;
  const before = tree.before!.total[frame] > 0;
  return now === before ? null : now ? 'new' : 'vanished';
}

export function functionName(tree: CallTree, frame: number): string {
  return tree.functions[tree.functionOf[frame]];
}

/** The frames from the root to this one, both included. */
export function pathTo(tree: CallTree, frame: number): number[] {
  const path: number[] = [];
  for (let at = frame; at >= 0; at = tree.parent[at]) {
    path.push(at);
  }
  return path.reverse();
}

/** Callees in their order. */
export function childrenOf(tree: CallTree, frame: number): number[] {
  const children: number[] = [];
  for (let child = frame + 1; child < tree.end[frame]; child = tree.end[child]) {
    children.push(child);
  }
  return children;
}

/** Whether `frame` is in the subtree of `above`; a frame is in its own. */
export function isWithin(tree: CallTree, frame: number, above: number): boolean {
  return above <= frame && frame < tree.end[above];
}
