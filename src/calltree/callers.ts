import { countingSort } from './countingSort';
import type { NodeTable } from './nodeTable';
import type { Mended } from './tree';

/** Who calls whom, by {@link NodeTable} id; every node is reached from the frame over all, 0. */
export interface Callers {
  /** -1 for the frame over all. */
  parent: Int32Array;
  /** 0 for the frame over all. */
  level: Int32Array;
  /** All ids, callers before callees. */
  callersFirst: Uint32Array;
}

const UNKNOWN = -1;
const ON_PATH = -2;

/** Nodes whose caller is in no query hang from the frame over all, and so does one node of each cycle. */
export function findCallers(table: NodeTable, mended: Mended): Callers {
  const parent = new Int32Array(table.size);
  parent[0] = -1;
  for (let id = 1; id < table.size; id++) {
    const caller = table.callerOf(id);
    if (caller === undefined) {
      mended.orphans++;
    }
    parent[id] = caller ?? 0;
  }
  const level = levelsOf(parent, table, mended);
  const ids = new Uint32Array(table.size);
  let deepest = 0;
  for (let id = 0; id < ids.length; id++) {
    ids[id] = id;
    deepest = Math.max(deepest, level[id]);
  }
  return { parent, level, callersFirst: countingSort(ids, level, deepest + 1) };
}

/** Each node has one caller, so what the root cannot reach are cycles with trees on them: one cut mends each. */
function levelsOf(parent: Int32Array, table: NodeTable, mended: Mended): Int32Array {
  const level = new Int32Array(parent.length).fill(UNKNOWN);
  level[0] = 0;
  for (let start = 1; start < parent.length; start++) {
    if (level[start] !== UNKNOWN) {
      continue;
    }
    const path: number[] = [];
    let at = start;
    while (level[at] === UNKNOWN) {
      level[at] = ON_PATH;
      path.push(at);
      at = parent[at];
    }
    if (level[at] === ON_PATH) {
      mended.cycles++;
      parent[shallowest(path.slice(path.indexOf(at)), table)] = 0;
      path.forEach((id) => (level[id] = UNKNOWN));
      // Walked again: the path ends at the root now.
      start--;
      continue;
    }
    let deeper = level[at];
    for (let i = path.length - 1; i >= 0; i--) {
      level[path[i]] = ++deeper;
    }
  }
  return level;
}

function shallowest(cycle: number[], table: NodeTable): number {
  return cycle.reduce((best, id) => {
    const deeper = table.depthOf(id) - table.depthOf(best);
    // Infinity less Infinity is NaN: neither is known.
    return deeper < 0 || (!(deeper > 0) && table.nodes[id] < table.nodes[best]) ? id : best;
  });
}
