import type { Callers } from './callers';
import { countingSort } from './countingSort';
import type { NodeTable } from './nodeTable';
import { type Amounts, type CallTree, type Compared, type Mended, ratio } from './tree';

/** All by {@link NodeTable} id. */
export interface Unplaced {
  table: NodeTable;
  callers: Callers;
  /** 1 where the frame is left out; all below such a frame are. */
  hidden: Uint8Array | null;
  showVanished: boolean;
  rows: Int32Array;
  amounts: Compared;
  per: Compared | null;
  mended: Mended;
}

/** Gives each frame its width, its siblings' order, and with them its number in preorder. */
export function place(unplaced: Unplaced): CallTree {
  const { table, callers, hidden, rows, amounts, per, mended } = unplaced;
  const weight = per ? weightsOfMeans(unplaced, per) : weightsOfSums(unplaced);
  const siblings = sortSiblings(unplaced, weight);
  const ids = hidden ? callers.callersFirst.filter((id) => hidden[id] === 0) : callers.callersFirst;
  const frameOfId = numberInPreorder(ids, siblings, callers.parent);

  const size = ids.length;
  const nodes = new Array<string>(size);
  const functionOf = new Uint32Array(size);
  const parent = new Int32Array(size);
  const end = new Uint32Array(size);
  const level = new Uint32Array(size);
  const children = new Uint32Array(size);
  const sibling = new Uint32Array(size);
  const row = new Int32Array(size);
  const start = new Float64Array(size);
  const placedWeight = new Float64Array(size);
  const calleesWeight = new Float64Array(size);

  for (const id of ids) {
    const frame = frameOfId.first[id];
    const caller = callers.parent[id];
    const callerFrame = caller < 0 ? -1 : frameOfId.first[caller];
    nodes[frame] = table.nodes[id];
    functionOf[frame] = table.functionOf[id];
    parent[frame] = callerFrame;
    end[frame] = frame + frameOfId.size[id];
    level[frame] = callers.level[id];
    row[frame] = rows[id];
    placedWeight[frame] = weight[id];
  }
  // In preorder, siblings come in their order and after their caller.
  for (let frame = 1; frame < size; frame++) {
    const caller = parent[frame];
    sibling[frame] = children[caller]++;
    start[frame] = start[caller] + calleesWeight[caller];
    calleesWeight[caller] += placedWeight[frame];
  }
  const placeAmounts = (unordered: Amounts): Amounts => ({
    total: inPreorder(unordered.total, ids, frameOfId.first),
    self: inPreorder(unordered.self, ids, frameOfId.first),
  });
  const placeCompared = ({ now, before }: Compared): Compared => ({
    now: placeAmounts(now),
    before: before && placeAmounts(before),
  });
  return {
    ...placeCompared(amounts),
    per: per && placeCompared(per),
    size,
    nodes,
    functions: table.functions,
    functionOf,
    parent,
    end,
    level,
    children,
    sibling,
    row,
    start,
    weight: placedWeight,
    calleesWeight,
    mended,
    frameOf: (node) => {
      const id = table.idOf(node);
      return id === undefined || hidden?.[id] ? undefined : frameOfId.first[id];
    },
  };
}

function inPreorder(amounts: Float64Array, ids: Uint32Array, frameOfId: Uint32Array): Float64Array {
  const ordered = new Float64Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    ordered[frameOfId[ids[i]]] = amounts[ids[i]];
  }
  return ordered;
}

/** A frame is as wide as it is now, and has room for the callees that vanished since the baseline. */
function weightsOfSums({ amounts: { now, before }, callers, hidden, showVanished }: Unplaced): Float64Array {
  const weight = now.total.slice();
  if (!before || !showVanished) {
    return weight;
  }
  const { parent, callersFirst } = callers;
  const vanished = new Float64Array(weight.length);
  for (let i = callersFirst.length - 1; i >= 0; i--) {
    const id = callersFirst[i];
    if (now.total[id] === 0) {
      vanished[id] = before.total[id];
    }
    weight[id] += vanished[id];
    if (id !== 0 && !hidden?.[id]) {
      vanished[parent[id]] += vanished[id];
    }
  }
  return weight;
}

/** Means do not add up, so siblings share their caller's width in proportion to theirs, the caller's own stacks included. */
function weightsOfMeans({ amounts, callers, hidden, showVanished }: Unplaced, per: Compared): Float64Array {
  const { parent, callersFirst } = callers;
  const meanOf = (part: keyof Amounts, id: number) =>
    amounts.now.total[id] === 0 && showVanished && amounts.before && per.before
      ? ratio(amounts.before[part][id], per.before[part][id])
      : ratio(amounts.now[part][id], per.now[part][id]);
  const shared = Float64Array.from(parent, (_, id) => meanOf('self', id));
  const weight = new Float64Array(parent.length);
  for (const id of callersFirst) {
    if (id !== 0 && !hidden?.[id]) {
      weight[id] = meanOf('total', id);
      shared[parent[id]] += weight[id];
    }
  }
  weight[0] = 1;
  for (const id of callersFirst) {
    if (id !== 0) {
      weight[id] *= ratio(weight[parent[id]], shared[parent[id]]);
    }
  }
  return weight;
}

/** Ids without the frame over all: by caller, then widest power of two first, then by name and node. */
function sortSiblings({ table, callers, hidden }: Unplaced, weight: Float64Array): Uint32Array {
  const { parent, callersFirst } = callers;
  const ids = callersFirst.subarray(1);
  const names = rankOf(table.functions);
  const rank = new Uint32Array(table.size);
  for (let id = 0; id < rank.length; id++) {
    rank[id] = names[table.functionOf[id]];
  }
  const powers = exponents(weight);
  let sorted = hidden ? ids.filter((id) => hidden[id] === 0) : ids;
  sorted = countingSort(sorted, rank, table.functions.length);
  sorted = countingSort(sorted, powers, EXPONENTS);
  sorted = countingSort(sorted, parent, table.size);
  const sameKeys = (a: number, b: number) =>
    parent[a] === parent[b] && powers[a] === powers[b] && table.functionOf[a] === table.functionOf[b];
  // Rare: orphans, and callees of a node that several paths share.
  for (let from = 0, to = 1; to <= sorted.length; to++) {
    if (to === sorted.length || !sameKeys(sorted[from], sorted[to])) {
      if (to - from > 1) {
        sorted.subarray(from, to).sort((a, b) => (table.nodes[a] < table.nodes[b] ? -1 : 1));
      }
      from = to;
    }
  }
  return sorted;
}

function rankOf(names: string[]): Uint32Array {
  const order = names.map((_, i) => i).sort((a, b) => (names[a] < names[b] ? -1 : 1));
  const rank = new Uint32Array(names.length);
  order.forEach((name, at) => (rank[name] = at));
  return rank;
}

const EXPONENTS = 2048;

/** Powers of two of each weight, the largest as 0: the 11 bits of exponent of an IEEE 754 double, turned round. */
function exponents(weight: Float64Array): Uint32Array {
  const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
  const words = new Uint32Array(weight.buffer, weight.byteOffset, 2 * weight.length);
  const high = littleEndian ? 1 : 0;
  const exponent = new Uint32Array(weight.length);
  for (let i = 0; i < exponent.length; i++) {
    exponent[i] = EXPONENTS - 1 - ((words[2 * i + high] >>> 20) & 0x7ff);
  }
  return exponent;
}

/** By id. */
interface Preorder {
  first: Uint32Array;
  /** Frames of the subtree. */
  size: Uint32Array;
}

function numberInPreorder(callersFirst: Uint32Array, siblings: Uint32Array, parent: Int32Array): Preorder {
  const size = new Uint32Array(parent.length).fill(1);
  for (let i = callersFirst.length - 1; i > 0; i--) {
    size[parent[callersFirst[i]]] += size[callersFirst[i]];
  }
  // Where the callees of each id begin among the siblings, which are grouped by caller.
  const from = new Uint32Array(parent.length);
  const to = new Uint32Array(parent.length);
  for (let i = 0; i < siblings.length; i++) {
    const caller = parent[siblings[i]];
    from[caller] = to[caller] === 0 ? i : from[caller];
    to[caller] = i + 1;
  }
  const first = new Uint32Array(parent.length);
  for (let at = 0; at < callersFirst.length; at++) {
    const id = callersFirst[at];
    let next = first[id] + 1;
    for (let i = from[id]; i < to[id]; i++) {
      first[siblings[i]] = next;
      next += size[siblings[i]];
    }
  }
  return { first, size };
}
