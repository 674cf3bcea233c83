import { columnsOf, written } from './fixtures/rows';
import { buildCallTree, functionName, type Mended } from './tree';

const SOUND: Mended = { duplicates: 0, orphans: 0, cycles: 0, raised: 0, invalid: 0 };
const row = { node: 'a', parent: '', function: 'main.a' };

it('keeps the last row by time of a node that comes in several', () => {
  const now = columnsOf([
    { ...row, value: 7, time: 2000 },
    { ...row, value: 1, time: 1000 },
    { ...row, value: 2 },
  ]);
  const tree = buildCallTree({ now });
  expect(tree.now.total[tree.frameOf('a')!]).toBe(7);
  expect(tree.row[tree.frameOf('a')!]).toBe(0);
  expect(tree.mended).toEqual({ ...SOUND, duplicates: 1 });
});

it('keeps the last of several rows of one time, or of none', () => {
  const tree = buildCallTree({ now: columnsOf([1, 2, 3].map((value) => ({ ...row, value }))) });
  expect(tree.now.total[0]).toBe(3);
  expect(tree.mended).toEqual({ ...SOUND, duplicates: 1 });
});

it('leaves rows without a usable value out, and their callees hang from the root', () => {
  const tree = buildCallTree({ now: written('a NaN', 'a>b 2', 'c -1', 'd Infinity') });
  expect(tree.nodes).toEqual(['', 'b']);
  expect(tree.mended).toEqual({ ...SOUND, invalid: 3, orphans: 1 });
});

it('takes the usable one of several rows', () => {
  const tree = buildCallTree({
    now: columnsOf([
      { ...row, value: 4 },
      { ...row, value: null, time: 9000 },
    ]),
  });
  expect(tree.now.total[0]).toBe(4);
  expect(tree.mended).toEqual({ ...SOUND, invalid: 1 });
});

it('passes over rows without a node, which are of another query in a joined table', () => {
  const now = columnsOf([{ ...row, value: 4 }, { value: 1 }, { node: '', value: 1 }, { node: null, value: NaN }]);
  const tree = buildCallTree({ now });
  expect(tree.size).toBe(2);
  expect(tree.mended).toEqual(SOUND);
});

it('keeps a node of zero goroutines, as it may grow', () => {
  const tree = buildCallTree({ now: written('a 0', 'b 1') });
  expect(tree.now.total[tree.frameOf('a')!]).toBe(0);
});

it('calls a function without a name unknown', () => {
  const tree = buildCallTree({ now: columnsOf([{ node: 'a', value: 1 }]) });
  expect(functionName(tree, 1)).toBe('(unknown)');
});

it('gives each frame the row that it is made of, and none to what is at the baseline alone', () => {
  const tree = buildCallTree({ now: written('a 1', 'b 2'), before: written('gone 3', 'a 3') });
  expect([tree.row[tree.frameOf('a')!], tree.row[tree.frameOf('b')!]]).toEqual([0, 1]);
  expect(tree.row[tree.frameOf('gone')!]).toBe(-1);
  expect(tree.row[0]).toBe(-1);
});

it('counts what it mends in each of the queries', () => {
  const twice = columnsOf([
    { ...row, value: 1 },
    { ...row, value: 1 },
    { ...row, value: NaN },
  ]);
  const { mended } = buildCallTree({ now: twice, before: twice, per: { now: twice, before: twice } });
  expect(mended).toEqual({ ...SOUND, duplicates: 4, invalid: 4 });
});
