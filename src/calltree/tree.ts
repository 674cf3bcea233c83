import type { CallTreeSeries } from './series';

/** A node of a call tree that adds up: `total` = `self` + the sum of its children's `total`. */
export interface Frame {
  node: string;
  function: string;
  total: number;
  self: number;
  parent: Frame | null;
  /** Widest first; equal widths by function, then by node, so that a refresh never swaps frames. */
  children: Frame[];
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

export interface CallTree {
  /** A synthetic frame over all entry functions, with the node `''`. */
  root: Frame;
  /** Every frame by its node, the root included. */
  frames: Map<string, Frame>;
  mended: Mended;
}

export const ROOT_NODE = '';

/** Frames that stand for something other than a function (docs/design.md, rules 1, 5 and 7). */
export const SYNTHETIC_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['(not started)', 'Goroutines that were just created and have no stack yet'],
  ['(running)', 'Goroutines that were running and could not be unwound from outside'],
  ['(truncated)', 'Stacks that their source cut off: the frames nearest the root are missing'],
  ['(unknown)', 'Frames without a name, such as C code'],
  ['(dropped)', 'Call paths left out to stay within the limit of nodes for a process'],
]);

/**
 * Builds the call tree from its series, in any order. Never throws: what does not fit together is mended so that the
 * picture stays true to the larger figures, and counted in {@link Mended}.
 */
export function buildCallTree(series: CallTreeSeries[]): CallTree {
  const mended: Mended = { duplicates: 0, orphans: 0, cycles: 0, raised: 0, invalid: 0 };
  const rows = lastRowOfEachNode(series, mended);

  const root: Frame = { node: ROOT_NODE, function: 'all goroutines', total: 0, self: 0, parent: null, children: [] };
  const frames = new Map<string, Frame>([[ROOT_NODE, root]]);
  for (const row of rows.values()) {
    frames.set(row.node, {
      node: row.node,
      function: row.function,
      total: row.value,
      self: row.value,
      parent: null,
      children: [],
    });
  }
  for (const row of rows.values()) {
    const frame = frames.get(row.node)!;
    const parent = frames.get(row.parent);
    if (!parent) {
      mended.orphans++;
    }
    frame.parent = parent ?? root;
  }
  cutCycles(rows, frames, root, mended);
  for (const frame of frames.values()) {
    frame.parent?.children.push(frame);
  }
  addUp(root, mended);
  return { root, frames, mended };
}

function lastRowOfEachNode(series: CallTreeSeries[], mended: Mended): Map<string, CallTreeSeries> {
  const rows = new Map<string, CallTreeSeries>();
  const repeated = new Set<string>();
  for (const row of series) {
    if (!Number.isFinite(row.value) || row.value < 0) {
      mended.invalid++;
      continue;
    }
    const known = rows.get(row.node);
    if (known) {
      repeated.add(row.node);
    }
    if (!known || (row.time ?? -Infinity) >= (known.time ?? -Infinity)) {
      rows.set(row.node, row);
    }
  }
  mended.duplicates = repeated.size;
  return rows;
}

/** Each frame has one parent, so what the root cannot reach are cycles with trees on them: one cut mends each. */
function cutCycles(rows: Map<string, CallTreeSeries>, frames: Map<string, Frame>, root: Frame, mended: Mended) {
  const reachesRoot = new Set<Frame>([root]);
  for (const start of frames.values()) {
    const path: Frame[] = [];
    const onPath = new Set<Frame>();
    let frame = start;
    while (!reachesRoot.has(frame) && !onPath.has(frame)) {
      path.push(frame);
      onPath.add(frame);
      frame = frame.parent!;
    }
    if (onPath.has(frame)) {
      mended.cycles++;
      const cycle = path.slice(path.indexOf(frame));
      shallowest(cycle, rows).parent = root;
    }
    path.forEach((passed) => reachesRoot.add(passed));
  }
}

function shallowest(cycle: Frame[], rows: Map<string, CallTreeSeries>): Frame {
  const depth = (frame: Frame) => rows.get(frame.node)?.depth ?? Infinity;
  return cycle.reduce((best, frame) => {
    const shallower = depth(frame) - depth(best);
    const wins =
      shallower < 0 || (!(shallower > 0) && (frame.total - best.total || (frame.node < best.node ? 1 : -1)) > 0);
    return wins ? frame : best;
  });
}

/**
 * Makes totals and selfs agree, callees first. A scrape is not atomic over an aggregation, so a caller can have less
 * than its callees; drawn as it is, frames would lie outside their caller.
 */
function addUp(root: Frame, mended: Mended) {
  const callersFirst = preorder(root);
  for (let i = callersFirst.length - 1; i >= 0; i--) {
    const frame = callersFirst[i];
    const inCallees = frame.children.reduce((sum, child) => sum + child.total, 0);
    if (inCallees > frame.total) {
      // The root has no value of its own; floating-point sums of averages are not a defect.
      if (frame !== root && inCallees - frame.total > 1e-9 * inCallees) {
        mended.raised++;
      }
      frame.total = inCallees;
    }
    frame.self = frame.total - inCallees;
    frame.children.sort(byWidth);
  }
}

function byWidth(a: Frame, b: Frame): number {
  return b.total - a.total || compareText(a.function, b.function) || compareText(a.node, b.node);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The frame and all below it, callers before callees. No recursion: data from elsewhere can be of any depth. */
export function preorder(frame: Frame): Frame[] {
  const frames: Frame[] = [];
  const open = [frame];
  while (open.length > 0) {
    const next = open.pop()!;
    frames.push(next);
    for (let i = next.children.length - 1; i >= 0; i--) {
      open.push(next.children[i]);
    }
  }
  return frames;
}

/** The frames from the root to this one, both included. */
export function pathTo(frame: Frame): Frame[] {
  const path: Frame[] = [];
  for (let at: Frame | null = frame; at; at = at.parent) {
    path.unshift(at);
  }
  return path;
}
