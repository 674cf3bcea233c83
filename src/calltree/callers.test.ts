import fc from 'fast-check';
import { anyGraph } from './fixtures/arbitrary';
import { columnsOf, frames, written } from './fixtures/rows';
import { buildCallTree, type CallTree, type Mended } from './tree';

const SOUND: Mended = { duplicates: 0, orphans: 0, cycles: 0, raised: 0, invalid: 0 };

const callerOf = (tree: CallTree, node: string) => tree.nodes[tree.parent[tree.frameOf(node)!]];

it('hangs a node whose caller is missing from the root, and counts it', () => {
  const tree = buildCallTree({ now: written('a 2', 'gone>b 3', 'b>c 1') });
  expect(tree.now.total[0]).toBe(5);
  expect(callerOf(tree, 'b')).toBe('');
  expect(tree.mended).toEqual({ ...SOUND, orphans: 1 });
});

it('finds a caller that only the baseline has', () => {
  const tree = buildCallTree({ now: written('a>b 3'), before: written('a 5', 'a>b 4') });
  expect(callerOf(tree, 'b')).toBe('a');
  expect(tree.mended).toEqual({ ...SOUND, raised: 1 });
});

it('takes no caller and an absent one for the same', () => {
  const tree = buildCallTree({
    now: columnsOf([
      { node: 'a', value: 1 },
      { node: 'b', parent: '', value: 1 },
    ]),
  });
  expect([callerOf(tree, 'a'), callerOf(tree, 'b')]).toEqual(['', '']);
  expect(tree.mended).toEqual(SOUND);
});

it('cuts a cycle of callers at its shallowest node, whether depth is text or a number', () => {
  const ring = [
    { node: 'a', parent: 'c', depth: '3', value: 3 },
    { node: 'b', parent: 'a', depth: 1, value: 4 },
    { node: 'c', parent: 'b', depth: '2', value: 4 },
    { node: 'leaf', parent: 'c', depth: '4', value: 1 },
    { node: 'other', value: 2 },
  ];
  const tree = buildCallTree({ now: columnsOf(ring) });
  expect(['b', 'c', 'a', 'leaf'].map((node) => callerOf(tree, node))).toEqual(['', 'b', 'c', 'c']);
  expect(tree.mended).toEqual({ ...SOUND, cycles: 1 });
});

it('cuts a cycle of unknown depth at the first node by name', () => {
  const tree = buildCallTree({ now: written('b>c 1', 'a>b 1', 'c>a 1') });
  expect(callerOf(tree, 'a')).toBe('');
});

it('cuts a node that names itself as its caller', () => {
  const tree = buildCallTree({ now: written('a>a 3') });
  expect(callerOf(tree, 'a')).toBe('');
  expect(tree.mended.cycles).toBe(1);
});

it('keeps each node’s caller but for what it counts as mended', () => {
  fc.assert(
    fc.property(anyGraph, (rows) => {
      const tree = buildCallTree({ now: columnsOf(rows) });
      expect(new Set(tree.nodes)).toEqual(new Set(['', ...rows.map(({ node }) => node)]));
      const moved = rows.filter(({ node, parent }) => callerOf(tree, node!) !== parent);
      expect(moved.every(({ node }) => callerOf(tree, node!) === '')).toBe(true);
      expect(moved).toHaveLength(tree.mended.orphans + tree.mended.cycles);
    }),
    { numRuns: 200 }
  );
});

it('makes one cut for each of many cycles', () => {
  const now = columnsOf(
    Array.from({ length: 20_000 }, (_, i) => ({ node: `n${i}`, parent: `n${i ^ 1}`, function: 'f', value: 1 }))
  );
  const tree = buildCallTree({ now });
  expect(tree.mended.cycles).toBe(10_000);
  expect(frames(tree).filter((frame) => tree.level[frame] === 2)).toHaveLength(10_000);
});
