import { functionNames, packageExpression } from './functionNames';
import { randomOf } from './random';

/** A call tree as Grafana's Prometheus data source has it: a row a node, in no order. */
export interface CallTreeTable {
  /** In ms since 1970. */
  Time: number[];
  /** 1 for entry functions. */
  depth: string[];
  function: string[];
  /** 13 digits in base 36. */
  node: string[];
  /** '' for entry functions. */
  parent: string[];
  /** Goroutines with the node on their stack: at least the sum of its callees'. */
  Value: number[];
}

/** What a run looks at. */
export interface Subject {
  /** Node at depth 3 to zoom into and to point at. */
  node: string;
  function: string;
  /** Share of the whole width, 0 to 1. */
  share: number;
  /** Nodes below it. */
  below: number;
  /** Regular expression that about a tenth of the nodes match. */
  search: string;
  /** Nodes that match it. */
  found: number;
}

const SEED = 20261124;
const ENTRY_FUNCTIONS = 12;
const MAX_DEPTH = 60;
/** Distinct names among nodes, as in profiles of large Go programs. */
const NAMES_PER_NODE = 0.08;
/**
 * How often the next node is a callee of the last one; else of the shallower of any two, as most stacks part early. Mean
 * depths are 10 to 20, as of stacks.
 */
const CHAIN = 0.8;
/** Pareto's exponent of goroutines per leaf: a few have most. */
const TAIL = 1.1;
/** A sixteenth of nodes with callees have goroutines of their own too, as callers of a blocking call. */
const SELF_OF_CALLERS = 1 / 16;

/** The same table for the same number of nodes, whichever machine makes it. */
export function callTree(nodes: number): CallTreeTable {
  const random = randomOf(SEED + nodes);
  const { parent, depth } = shape(nodes, random);
  const names = nameNodes(parent, random);
  const values = goroutines(parent, random);
  const ids = uniqueIds(nodes, random);
  const order = shuffled(nodes, random);
  const column = <T>(value: (node: number) => T) => order.map(value);
  return {
    Time: column(() => 1795439929172),
    depth: column((node) => String(depth[node])),
    function: column((node) => names[node]),
    node: column((node) => ids[node]),
    parent: column((node) => (parent[node] < 0 ? '' : ids[parent[node]])),
    Value: column((node) => values[node]),
  };
}

/** Callers before their callees; -1 is no caller. */
function shape(nodes: number, random: () => number) {
  const parent = new Int32Array(nodes).fill(-1);
  const depth = new Uint8Array(nodes).fill(1);
  for (let node = Math.min(ENTRY_FUNCTIONS, nodes); node < nodes; node++) {
    const shallowerOfTwo = () => {
      const [a, b] = [Math.floor(random() * node), Math.floor(random() * node)];
      return depth[a] < depth[b] ? a : b;
    };
    let caller = random() < CHAIN ? node - 1 : shallowerOfTwo();
    while (depth[caller] === MAX_DEPTH) {
      caller = shallowerOfTwo();
    }
    parent[node] = caller;
    depth[node] = depth[caller] + 1;
  }
  return { parent, depth };
}

/** Each name is used, few of them much; callees of one node differ. */
function nameNodes(parent: Int32Array, random: () => number): string[] {
  const pool = functionNames(Math.max(ENTRY_FUNCTIONS, Math.round(parent.length * NAMES_PER_NODE)), random);
  const unused = shuffled(pool.length, random);
  const taken = new Map<number, Set<string>>();
  return Array.from(parent, (caller) => {
    const ofSiblings = taken.get(caller) ?? new Set();
    taken.set(caller, ofSiblings);
    let name: string;
    do {
      const next = random() < NAMES_PER_NODE ? unused.pop() : undefined;
      name = pool[next ?? Math.floor(pool.length * random() ** 3)];
    } while (ofSiblings.has(name));
    ofSiblings.add(name);
    return name;
  });
}

/** By node, callees included. */
function goroutines(parent: Int32Array, random: () => number): Float64Array {
  const total = new Float64Array(parent.length);
  for (let node = parent.length - 1; node >= 0; node--) {
    if (total[node] === 0 || random() < SELF_OF_CALLERS) {
      total[node] += Math.ceil((1 - random()) ** (-1 / TAIL));
    }
    if (parent[node] >= 0) {
      total[parent[node]] += total[node];
    }
  }
  return total;
}

function uniqueIds(count: number, random: () => number): string[] {
  const digits = () => Math.floor(random() * 36 ** 5).toString(36);
  const ids = new Set<string>();
  while (ids.size < count) {
    ids.add((digits() + digits() + digits()).padStart(13, '0').slice(0, 13));
  }
  return [...ids];
}

function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** A wide frame with much below it, and a search that finds a tenth of all. */
export function subjectOf(table: CallTreeTable): Subject {
  const all = table.parent.reduce((sum, parent, row) => sum + (parent === '' ? table.Value[row] : 0), 0);
  const below = nodesBelow(table);
  const candidates = table.node
    .map((_, row) => row)
    // Not as wide as all, or there would be nothing to zoom.
    .filter((row) => table.depth[row] === '3' && table.Value[row] > 0.03 * all && table.Value[row] < 0.6 * all)
    .sort((a, b) => below.get(table.node[b])! - below.get(table.node[a])!);
  const row = candidates[0];
  return {
    node: table.node[row],
    function: table.function[row],
    share: table.Value[row] / all,
    below: below.get(table.node[row])!,
    ...searchFor(table.function, 0.1),
  };
}

function nodesBelow({ node, parent, depth }: CallTreeTable): Map<string, number> {
  const below = new Map(node.map((id) => [id, 0]));
  const deepestFirst = node.map((_, row) => row).sort((a, b) => Number(depth[b]) - Number(depth[a]));
  for (const row of deepestFirst) {
    if (parent[row] !== '') {
      below.set(parent[row], below.get(parent[row])! + below.get(node[row])! + 1);
    }
  }
  return below;
}

/** Packages, most used first, until the share is reached as closely as they allow. */
function searchFor(names: string[], share: number): Pick<Subject, 'search' | 'found'> {
  const uses = new Map<string, number>();
  for (const name of names) {
    const expression = packageExpression(name);
    uses.set(expression, (uses.get(expression) ?? 0) + 1);
  }
  const chosen: string[] = [];
  let found = 0;
  for (const [expression, count] of [...uses].sort((a, b) => b[1] - a[1])) {
    if (found + count <= 1.1 * share * names.length) {
      chosen.push(expression);
      found += count;
    }
  }
  const search = chosen.slice(0, 4).join('|');
  const pattern = new RegExp(search);
  return { search, found: names.reduce((sum, name) => sum + Number(pattern.test(name)), 0) };
}
