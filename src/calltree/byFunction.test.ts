import fc from 'fast-check';
import { rowsByFunction } from './byFunction';
import { anyInput, anyTree } from './fixtures/arbitrary';
import { recordedRows } from './fixtures/recorded';
import { chain, columnsOf, frames, star, sum, written } from './fixtures/rows';
import { appearance, buildCallTree, type CallTree, functionName, pathTo } from './tree';

const rowOf = (tree: CallTree, name: string) => rowsByFunction(tree).find((row) => row.function === name);

/** Of one function called on several paths: node, caller, function, goroutines. */
function paths(...rows: Array<[string, string, string, number]>) {
  return columnsOf(rows.map(([node, parent, name, value]) => ({ node, parent, function: name, value })));
}

it('adds up the frames of a function, of which the widest is the one to see', () => {
  const tree = buildCallTree({
    now: paths(['a', '', 'main.a', 5], ['b', '', 'main.b', 9], ['a1', 'a', 'io.Copy', 2], ['b1', 'b', 'io.Copy', 4]),
  });
  expect(rowOf(tree, 'io.Copy')).toEqual({
    function: 'io.Copy',
    total: 6,
    self: 6,
    totalBefore: undefined,
    change: undefined,
    appearance: null,
    frame: tree.frameOf('b1'),
    frames: 2,
  });
});

it('counts a function that calls itself once', () => {
  const now = paths(['1', '', 'main.f', 5], ['2', '1', 'main.g', 4], ['3', '2', 'main.f', 3], ['4', '3', 'main.f', 1]);
  expect(rowOf(buildCallTree({ now }), 'main.f')).toMatchObject({ total: 5, self: 1 + 2 + 1, frames: 3 });
});

it('compares each function with the baseline, over all of its paths', () => {
  const now = paths(['a', '', 'main.a', 5], ['a1', 'a', 'io.Copy', 2], ['n', '', 'main.new', 1]);
  const before = paths(['b', '', 'main.b', 9], ['b1', 'b', 'io.Copy', 4], ['a', '', 'main.a', 3]);
  const tree = buildCallTree({ now, before });
  // On one path it vanished and on another it is new: the function is at both.
  expect(rowOf(tree, 'io.Copy')).toMatchObject({ total: 2, totalBefore: 4, change: -2, appearance: null });
  expect(rowOf(tree, 'main.new')).toMatchObject({ totalBefore: 0, change: 1, appearance: 'new' });
  expect(rowOf(tree, 'main.b')).toMatchObject({ total: 0, change: -9, appearance: 'vanished' });
  expect(rowOf(tree, 'main.a')).toMatchObject({ change: 2, appearance: null });
});

it('calls nothing new where nothing is at the baseline', () => {
  const tree = buildCallTree({ now: written('main.a 5'), before: columnsOf([]) });
  expect(rowOf(tree, 'main.a')).toMatchObject({ change: 5, appearance: null });
});

it('divides sums of means, not means', () => {
  const bytes = paths(['a', '', 'main.a', 100], ['a1', 'a', 'io.Copy', 90], ['b1', '', 'io.Copy', 10]);
  const goroutines = paths(['a', '', 'main.a', 3], ['a1', 'a', 'io.Copy', 1], ['b1', '', 'io.Copy', 4]);
  const tree = buildCallTree({ now: bytes, before: bytes, per: { now: goroutines, before: goroutines } });
  expect(rowOf(tree, 'io.Copy')).toMatchObject({ total: 100 / 5, self: 100 / 5, totalBefore: 100 / 5, change: 0 });
  expect(rowOf(tree, 'main.a')).toMatchObject({ self: 10 / 2 });
});

it('knows no change of means where what they are by has no baseline', () => {
  const tree = buildCallTree({ now: written('a 4'), before: written('a 2'), per: { now: written('a 1') } });
  expect(rowOf(tree, 'a')).toMatchObject({ total: 4, totalBefore: undefined, change: undefined });
});

it('has no row for the frame over all, nor for a function that is collapsed', () => {
  const now = written('main.a 4', 'main.a>runtime.gopark 4');
  const tree = buildCallTree({ now, isCollapsed: (name) => name === 'runtime.gopark' });
  expect(rowsByFunction(tree).map((row) => row.function)).toEqual(['main.a']);
});

it('has each function once, and the selfs of all are the total, for any rows at all', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const tree = buildCallTree({ ...input, per: undefined });
      const rows = rowsByFunction(tree);
      expect(new Set(rows.map((row) => row.function))).toEqual(
        new Set(
          frames(tree)
            .slice(1)
            .map((frame) => functionName(tree, frame))
        )
      );
      expect(sum(rows.map(({ self }) => self))).toBe(tree.now.total[0]);
      expect(sum(rows.map((row) => row.frames))).toBe(tree.size - 1);
      expect(rows.every((row) => functionName(tree, row.frame) === row.function)).toBe(true);
    }),
    { numRuns: 60 }
  );
});

it('counts the frames of a function that are below no other of it, for any tree', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      for (const row of rowsByFunction({ ...tree, per: null })) {
        const isOfRow = (frame: number) => functionName(tree, frame) === row.function;
        const outermost = frames(tree).filter(
          (frame) => isOfRow(frame) && pathTo(tree, frame).filter(isOfRow).length === 1
        );
        expect(row.total).toBe(sum(outermost.map((frame) => tree.now.total[frame])));
        expect(outermost.every((frame) => tree.weight[frame] <= tree.weight[row.frame])).toBe(true);
        if (row.appearance !== null) {
          expect(outermost.map((frame) => appearance(tree, frame))).toEqual(outermost.map(() => row.appearance));
        }
      }
    }),
    { numRuns: 40 }
  );
});

it('names gopark as what most goroutines of a real server are in', () => {
  const rows = rowsByFunction(buildCallTree({ now: columnsOf(recordedRows('nethttp')) }));
  const [first] = rows.sort((a, b) => b.self - a.self);
  expect(first.function).toBe('runtime.gopark');
  expect(first.total).toBe(first.self);
});

it.each([
  ['a chain of 50,000 calls to one function', chain(50_000), 1],
  ['200,000 functions', star(200_000), 200_001],
])('takes %s', (_, rows, count) => {
  expect(rowsByFunction(buildCallTree({ now: columnsOf(rows) }))).toHaveLength(count);
});
