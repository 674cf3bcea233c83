import { type Amounts, type CallTree, isComparable, ratio } from './tree';

/** All frames of one function together. */
export interface FunctionRow {
  function: string;
  /** Of stacks that pass through the function, each counted once however often it is on the stack. */
  total: number;
  /** Of stacks that end in it. */
  self: number;
  /** `undefined` without a baseline. */
  totalBefore?: number;
  change?: number;
  appearance: 'new' | 'vanished' | null;
  /** Its widest frame: what a person who chooses the row wants to see. */
  frame: number;
  /** How many frames it has. */
  frames: number;
}

/** A row for each function, in no order; the synthetic frame over all has none. */
export function rowsByFunction(tree: CallTree): FunctionRow[] {
  const now = sumByFunction(tree, tree.now);
  const before = tree.before && sumByFunction(tree, tree.before);
  const perNow = tree.per && sumByFunction(tree, tree.per.now);
  const perBefore = tree.per?.before ? sumByFunction(tree, tree.per.before) : null;
  const widest = widestFrames(tree);
  const known = before !== null && (!tree.per || perBefore !== null);
  const comparable = isComparable(tree);

  const rows: FunctionRow[] = [];
  widest.frame.forEach((frame, id) => {
    if (frame === 0) {
      return;
    }
    const total = perNow ? ratio(now.total[id], perNow.total[id]) : now.total[id];
    const totalBefore = known
      ? perBefore
        ? ratio(before!.total[id], perBefore.total[id])
        : before!.total[id]
      : undefined;
    rows.push({
      function: tree.functions[id],
      total,
      self: perNow ? ratio(now.self[id], perNow.self[id]) : now.self[id],
      totalBefore,
      change: totalBefore === undefined ? undefined : total - totalBefore,
      appearance: !comparable
        ? null
        : before!.total[id] === 0 && now.total[id] > 0
          ? 'new'
          : before!.total[id] > 0 && now.total[id] === 0
            ? 'vanished'
            : null,
      frame,
      frames: widest.count[id],
    });
  });
  return rows;
}

/** By function, recursion counted once. */
function sumByFunction(tree: CallTree, { total, self }: Amounts): Amounts {
  const sums: Amounts = {
    total: new Float64Array(tree.functions.length),
    self: new Float64Array(tree.functions.length),
  };
  const outermostEnd = new Uint32Array(tree.functions.length);
  for (let frame = 1; frame < tree.size; frame++) {
    const id = tree.functionOf[frame];
    sums.self[id] += self[frame];
    if (frame >= outermostEnd[id]) {
      sums.total[id] += total[frame];
      outermostEnd[id] = tree.end[frame];
    }
  }
  return sums;
}

function widestFrames(tree: CallTree) {
  const frame = new Uint32Array(tree.functions.length);
  const count = new Uint32Array(tree.functions.length);
  for (let at = 1; at < tree.size; at++) {
    const id = tree.functionOf[at];
    count[id]++;
    if (frame[id] === 0 || tree.weight[at] > tree.weight[frame[id]]) {
      frame[id] = at;
    }
  }
  return { frame, count };
}
