import { callTree } from '../data/callTree';
import { randomOf } from '../data/random';

/** A node of a call tree: the labels of its series (docs/design.md, "The call tree"), and the course of its value. */
export interface ChangingNode {
  node: string;
  /** The caller's node, `''` at depth 1. */
  parent: string;
  function: string;
  depth: number;
  /** The caller's place in the tree, -1 at depth 1. */
  caller: number;
  /** Goroutines whose stack ends here, on average, but for the storm. */
  self: number;
  /** Of the wave about that average: seconds from crest to crest, and where it begins, in turns. */
  wave: { seconds: number; phase: number };
  /** The share of the storm's goroutines whose stack ends here. */
  stormShare: number;
  /** Of work that is there in every other five minutes only, the even or the odd ones. */
  shift?: 'even' | 'odd';
  /** Stack memory of each goroutine whose stack ends here. */
  stackBytes: number;
}

/** A call tree whose goroutines change as time goes by: callers before callees. */
export type ChangingTree = readonly ChangingNode[];

/** The function under which the storm grows. */
export const STORM_FUNCTION = 'github.com/acme/shop/internal/fanout.(*Dispatcher).spawn';

/** A storm grows evenly for this long; then it is over, and the next begins from nothing. */
export const STORM_SECONDS = 5400;

/** How long one shift works before the other takes over: a baseline of five minutes ago always shows the other one. */
export const SHIFT_SECONDS = 300;

/** At its end, a storm is so many times what the program has without it. */
const STORM_HEIGHT = 3;

const WAVE_HEIGHT = 0.15;

/** Of subtrees small enough to be a shift's work. */
const SHIFT_SHARE = 0.02;
const SHIFT_NODES = 8;

/** Small trees have more goroutines a node, so that a storm in them is seen to grow at each scrape. */
const FEWEST_GOROUTINES = 1500;

/**
 * The benchmark's tree of that many nodes, with a storm growing in one subtree, while small ones come and go. At any time
 * exactly `size` nodes have goroutines; the others are of the other shift.
 */
export function changingTree(size: number): ChangingTree {
  const random = randomOf(size);
  const nodes = calmTree(size, random);
  addShifts(nodes, random);
  addStorm(nodes, random);
  addStacks(nodes, random);
  return nodes;
}

/**
 * The goroutines whose stack passes through each node (inclusive), in the tree's order; 0 where none does, so that the node
 * has no series then.
 * @param seconds since a storm began
 */
export function goroutinesAt(tree: ChangingTree, seconds: number): Float64Array {
  return inclusive(tree, selfAt(tree, seconds));
}

/** The stack memory in bytes of the same goroutines. */
export function stackBytesAt(tree: ChangingTree, seconds: number): Float64Array {
  return inclusive(
    tree,
    selfAt(tree, seconds).map((self, place) => self * tree[place].stackBytes)
  );
}

/** The sum over the entry functions, which is that of all goroutines. */
export function total(tree: ChangingTree, values: Float64Array): number {
  return values.reduce((sum, value, place) => sum + (tree[place].caller < 0 ? value : 0), 0);
}

/** Seconds since the last storm began, at any time before or after the one from which `seconds` counts. */
export function stormAge(seconds: number): number {
  return modulo(seconds, STORM_SECONDS);
}

function selfAt(tree: ChangingTree, seconds: number): Float64Array {
  const calm = tree.reduce((sum, { self }) => sum + self, 0);
  const storm = (STORM_HEIGHT * calm * stormAge(seconds)) / STORM_SECONDS;
  const shift = modulo(Math.floor(seconds / SHIFT_SECONDS), 2) === 0 ? 'even' : 'odd';
  return Float64Array.from(tree, (node) => {
    if (node.shift && node.shift !== shift) {
      return 0;
    }
    const wave = Math.sin(2 * Math.PI * (seconds / node.wave.seconds + node.wave.phase));
    return Math.round(node.self * (1 + WAVE_HEIGHT * wave) + node.stormShare * storm);
  });
}

/** Adds each node's value to its caller's. */
function inclusive(tree: ChangingTree, self: Float64Array): Float64Array {
  const sum = self.slice();
  for (let place = tree.length - 1; place >= 0; place--) {
    const { caller } = tree[place];
    if (caller >= 0) {
      sum[caller] += sum[place];
    }
  }
  return sum;
}

function calmTree(size: number, random: () => number): ChangingNode[] {
  const table = callTree(size);
  const rows = table.node.map((_, row) => row).sort((a, b) => Number(table.depth[a]) - Number(table.depth[b]));
  const placeOf = new Map(rows.map((row, place) => [table.node[row], place]));
  const nodes: ChangingNode[] = [];
  let goroutines = 0;
  for (const row of rows) {
    const { [row]: value } = table.Value;
    const caller = placeOf.get(table.parent[row]) ?? -1;
    nodes.push({
      node: table.node[row],
      parent: table.parent[row],
      function: table.function[row],
      depth: Number(table.depth[row]),
      caller,
      self: value,
      wave: newWave(random),
      stormShare: 0,
      stackBytes: 0,
    });
    if (caller >= 0) {
      nodes[caller].self -= value;
    } else {
      goroutines += value;
    }
  }
  const each = Math.ceil(FEWEST_GOROUTINES / goroutines);
  nodes.forEach((node) => (node.self *= each));
  return nodes;
}

function newWave(random: () => number) {
  return { seconds: 180 + 720 * random(), phase: random() };
}

/** Gives some small subtrees to the even shift, and as many nodes beside them to the odd one, so that the size stays. */
function addShifts(nodes: ChangingNode[], random: () => number) {
  const sizes = subtreeSizes(nodes);
  const callees = calleesOf(nodes);
  for (let root = nodes.length - 1; root >= 0; root--) {
    const places = sizes[root] <= SHIFT_NODES ? subtree(root, callees) : [];
    const isFree = nodes[root].caller >= 0 && places.every((place) => !nodes[place].shift);
    if (!isFree || random() > SHIFT_SHARE) {
      continue;
    }
    const copies = new Map<number, number>();
    for (const place of places) {
      const node = nodes[place];
      node.shift = 'even';
      const caller = copies.get(node.caller) ?? node.caller;
      copies.set(place, nodes.length);
      nodes.push({
        ...node,
        // The digits are drawn, so that backwards they are as unlikely to be another node's.
        node: [...node.node].reverse().join(''),
        parent: nodes[caller].node,
        function: place === root ? `${node.function}.odd` : node.function,
        caller,
        wave: newWave(random),
        shift: 'odd',
      });
    }
  }
}

/** In a subtree of a fiftieth of the tree, or as near to that as there is one. */
function addStorm(nodes: ChangingNode[], random: () => number) {
  const callees = calleesOf(nodes);
  const root = subtreeOfSize(nodes, nodes.length / 50);
  nodes[root].function = STORM_FUNCTION;
  const leaves = subtree(root, callees).filter((place) => !nodes[place].shift && callees[place].length === 0);
  const weights = leaves.map(() => 1 / (1.05 - random()));
  const sum = weights.reduce((a, b) => a + b, 0);
  leaves.forEach((place, i) => (nodes[place].stormShare = weights[i] / sum));
}

/** Stacks double as they grow, from Go's 2 KiB to 64 KiB; those of one subtree have large local variables. */
function addStacks(nodes: ChangingNode[], random: () => number) {
  const large = new Set(subtree(subtreeOfSize(nodes, nodes.length / 10), calleesOf(nodes)));
  nodes.forEach((node, place) => {
    const doublings = Math.floor(node.depth / 15) + Math.floor(2 * random()) + (large.has(place) ? 2 : 0);
    node.stackBytes = 2048 * 2 ** Math.min(5, doublings);
  });
}

/** The place of a function with callees whose subtree is nearest to a size. */
function subtreeOfSize(tree: ChangingTree, size: number): number {
  const sizes = subtreeSizes(tree);
  const distance = (place: number) =>
    sizes[place] > 1 && tree[place].caller >= 0 && !tree[place].shift ? Math.abs(sizes[place] - size) : Infinity;
  return tree.reduce((best, _, place) => (distance(place) < distance(best) ? place : best), 0);
}

function subtreeSizes(tree: ChangingTree): Float64Array {
  return inclusive(tree, new Float64Array(tree.length).fill(1));
}

function calleesOf(tree: ChangingTree): number[][] {
  const callees: number[][] = tree.map(() => []);
  tree.forEach(({ caller }, place) => callees[caller]?.push(place));
  return callees;
}

/** The places of a function and of all below it, callers first. */
function subtree(root: number, callees: number[][]): number[] {
  const places = [root];
  for (const place of places) {
    places.push(...callees[place]);
  }
  return places;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
