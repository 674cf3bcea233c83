import fc from 'fast-check';
import { anyInput, anyStacks, HOSTILE_NAMES } from './fixtures/arbitrary';
import { chain, columnsOf, frames, type Row, rowsOfStacks, star, sum, sumByNode, written } from './fixtures/rows';
import { isOfRuntime } from './functionName';
import {
  type Amounts,
  appearance,
  buildCallTree,
  type CallTree,
  changeOf,
  functionName,
  type Mended,
  pathTo,
  selfOf,
  totalBefore,
  totalOf,
} from './tree';

const SOUND: Mended = { duplicates: 0, orphans: 0, cycles: 0, raised: 0, invalid: 0 };

const total = (tree: CallTree, node: string) => totalOf(tree, tree.frameOf(node)!);
const self = (tree: CallTree, node: string) => selfOf(tree, tree.frameOf(node)!);

function expectToAddUp(tree: CallTree, amounts: Amounts) {
  const added = amounts.self.slice();
  for (let frame = 1; frame < tree.size; frame++) {
    added[tree.parent[frame]] += amounts.total[frame];
  }
  expect(amounts.total).toEqual(added);
  expect(sum(amounts.self)).toBe(amounts.total[0]);
  expect(amounts.self.every((own) => own >= 0)).toBe(true);
}

const allAmounts = ({ now, before, per }: CallTree): Amounts[] =>
  [now, before, per?.now, per?.before].filter((amounts) => !!amounts);

describe('totals', () => {
  it('of the root are those of the entry functions together', () => {
    const tree = buildCallTree({ now: written('main 1', 'serve 5', 'serve>handle 3') });
    expect(tree.now.total[0]).toBe(6);
    expect(tree.now.self[0]).toBe(0);
    expect([total(tree, 'serve'), self(tree, 'serve')]).toEqual([5, 2]);
    expect(tree.mended).toEqual(SOUND);
  });

  it('of a caller that has less than its callees are raised to their sum, up to the root', () => {
    const tree = buildCallTree({ now: written('a 5', 'a>b 4', 'b>c 3', 'b>d 4') });
    expect([total(tree, 'b'), total(tree, 'a'), total(tree, '')]).toEqual([7, 7, 7]);
    expect(tree.mended).toEqual({ ...SOUND, raised: 2 });
  });

  it('that differ from their sum as floating-point sums do count as sound', () => {
    expect(buildCallTree({ now: written('a 0.3', 'a>b 0.1', 'a>c 0.2') }).mended).toEqual(SOUND);
  });

  it('of the baseline are raised too, which is no defect of now', () => {
    const tree = buildCallTree({ now: written('a 5', 'a>b 4'), before: written('a 1', 'a>b 4') });
    expect(totalBefore(tree, tree.frameOf('a')!)).toBe(4);
    expect(tree.mended).toEqual(SOUND);
  });

  it('of no series are an empty root', () => {
    const tree = buildCallTree({ now: columnsOf([]) });
    expect(tree.nodes).toEqual(['']);
    expect([...tree.now.total, ...tree.weight]).toEqual([0, 0]);
    expect(tree.mended).toEqual(SOUND);
  });

  it('add up for any rows at all: now, at the baseline, and of what means are by', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const tree = buildCallTree(input);
        allAmounts(tree).forEach((amounts) => expectToAddUp(tree, amounts));
      }),
      { numRuns: 200 }
    );
  });
});

describe('merged trees', () => {
  const build = (rows: Row[]) => buildCallTree({ now: columnsOf(rows) });
  const picture = (tree: CallTree) =>
    frames(tree).map((frame) => [tree.nodes[frame], functionName(tree, frame), tree.end[frame], totalOf(tree, frame)]);

  it('are the tree of all their stacks, in whichever order their series are added up', () => {
    fc.assert(
      fc.property(anyStacks, anyStacks, (a, b) => {
        const merged = picture(build(sumByNode(rowsOfStacks(a), rowsOfStacks(b))));
        expect(merged).toEqual(picture(build(sumByNode(rowsOfStacks(b), rowsOfStacks(a)))));
        expect(merged).toEqual(picture(build(rowsOfStacks([...a, ...b]))));
      }),
      { numRuns: 50 }
    );
  });

  it('have the total of each frame in the one and in the other', () => {
    fc.assert(
      fc.property(anyStacks, anyStacks, (a, b) => {
        const [one, other] = [build(rowsOfStacks(a)), build(rowsOfStacks(b))];
        const merged = build(sumByNode(rowsOfStacks(a), rowsOfStacks(b)));
        const inEach = merged.nodes.map((node) =>
          sum([one, other].map((tree) => tree.now.total[tree.frameOf(node) ?? -1] ?? 0))
        );
        expect([...merged.now.total]).toEqual(inEach);
      }),
      { numRuns: 50 }
    );
  });
});

describe('compared with a baseline', () => {
  const before = written('main 1', 'serve 4', 'serve>handle 3', 'gone 2');
  const tree = buildCallTree({ now: written('main 1', 'serve 9', 'serve>accept 7'), before });
  const of = <T>(what: (tree: CallTree, frame: number) => T) =>
    Object.fromEntries(frames(tree).map((frame) => [functionName(tree, frame), what(tree, frame)]));

  it('each frame has a change, as an amount', () => {
    expect(of(changeOf)).toEqual({ 'all goroutines': 3, main: 0, serve: 5, accept: 7, handle: -3, gone: -2 });
  });

  it('frames are new, vanished or at both', () => {
    expect(of(appearance)).toEqual({
      'all goroutines': null,
      main: null,
      serve: null,
      accept: 'new',
      handle: 'vanished',
      gone: 'vanished',
    });
  });

  it('with nothing at the baseline, which is not known from no baseline, nothing is new', () => {
    const unknown = buildCallTree({ now: written('main 1'), before: columnsOf([]) });
    expect(appearance(unknown, 1)).toBeNull();
    expect(changeOf(unknown, 1)).toBe(1);
  });

  it('without a baseline there is no change', () => {
    const alone = buildCallTree({ now: written('main 1') });
    expect([totalBefore(alone, 1), changeOf(alone, 1), appearance(alone, 1)]).toEqual([undefined, undefined, null]);
  });

  it('swapped, each change turns its sign, and new and vanished change places', () => {
    const goneFor = { new: 'vanished', vanished: 'new' } as const;
    const someStacks = anyStacks.filter((stacks) => stacks.length > 0);
    fc.assert(
      fc.property(someStacks, someStacks, fc.boolean(), (a, b, isMean) => {
        const [x, y] = [a, b].map((stacks) => columnsOf(rowsOfStacks(stacks)));
        const there = buildCallTree({ now: x, before: y, per: isMean ? { now: y, before: x } : undefined });
        const back = buildCallTree({ now: y, before: x, per: isMean ? { now: x, before: y } : undefined });
        expect(back.size).toBe(there.size);
        for (const frame of frames(there)) {
          const same = back.frameOf(there.nodes[frame])!;
          // 0 has no sign here.
          expect(changeOf(back, same)! + changeOf(there, frame)!).toBe(0);
          const state = appearance(there, frame);
          expect(appearance(back, same)).toBe(state && goneFor[state]);
        }
      }),
      { numRuns: 50 }
    );
  });
});

describe('means', () => {
  const bytes = { now: written('a 4096', 'a>b 4096', 'c 0'), before: written('a 2048') };
  const goroutines = { now: written('a 4', 'a>b 1', 'c 0'), before: written('a 1') };
  const tree = buildCallTree({ ...bytes, per: goroutines });

  it('are the amounts divided, at each frame by its own', () => {
    expect([total(tree, ''), total(tree, 'a'), total(tree, 'b')]).toEqual([1024, 1024, 4096]);
    expect([self(tree, 'a'), self(tree, 'b')]).toEqual([0, 4096]);
    expect(changeOf(tree, tree.frameOf('a')!)).toBe(1024 - 2048);
  });

  it('of nothing are 0', () => {
    expect(total(tree, 'c')).toBe(0);
  });

  it('cannot be compared where what they are by has no baseline', () => {
    const unknown = buildCallTree({ ...bytes, per: { now: goroutines.now } });
    expect(changeOf(unknown, unknown.frameOf('a')!)).toBeUndefined();
  });
});

describe('collapsed frames', () => {
  const now = written('main.a 9', 'main.a>runtime.gopark 4', 'main.a>main.b 5', 'main.b>sync.runtime_Wait 5');
  const before = written('main.a 3', 'main.a>runtime.gopark 3');

  it('are cut off, and their goroutines are their caller’s own', () => {
    const tree = buildCallTree({ now, before, isCollapsed: isOfRuntime });
    expect(tree.nodes).toEqual(['', 'main.a', 'main.b']);
    expect([self(tree, 'main.a'), self(tree, 'main.b')]).toEqual([4, 5]);
    expect(tree.before!.self[tree.frameOf('main.a')!]).toBe(3);
  });

  it('have no number, though the data has them', () => {
    expect(buildCallTree({ now, isCollapsed: isOfRuntime }).frameOf('runtime.gopark')).toBeUndefined();
  });

  it('stay where a function that is not of them is below', () => {
    const callback = written('main.a 2', 'main.a>runtime.call 2', 'runtime.call>main.b 1', 'runtime.call>runtime.x 1');
    expect(buildCallTree({ now: callback, isCollapsed: isOfRuntime }).nodes).toEqual([
      '',
      'main.a',
      'runtime.call',
      'main.b',
    ]);
  });

  it('stay where they are a goroutine’s entry function', () => {
    const entry = written('runtime.main 1', 'runtime.main>runtime.gopark 1');
    expect(buildCallTree({ now: entry, isCollapsed: isOfRuntime }).nodes).toEqual(['', 'runtime.main']);
  });

  it('take nothing from the total and from the sum of selfs, for any rows at all', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const whole = buildCallTree({ ...input, isCollapsed: undefined });
        const collapsed = buildCallTree({ ...input, isCollapsed: isOfRuntime });
        expect(allAmounts(collapsed).map((each) => each.total[0])).toEqual(
          allAmounts(whole).map((each) => each.total[0])
        );
        allAmounts(collapsed).forEach((amounts) => expectToAddUp(collapsed, amounts));
        for (const frame of frames(collapsed)) {
          expect(totalOf(collapsed, frame)).toBe(total(whole, collapsed.nodes[frame]));
        }
      }),
      { numRuns: 50 }
    );
  });
});

describe('hostile names', () => {
  it.each(HOSTILE_NAMES.map((name) => [name.slice(0, 30), name]))('%j is only data', (_, name) => {
    const now = columnsOf([
      { node: name, parent: '', function: name, value: 3 },
      { node: 'leaf', parent: name, function: name, value: 2 },
    ]);
    const tree = buildCallTree({ now });
    expect(pathTo(tree, tree.frameOf('leaf')!).map((frame) => functionName(tree, frame))).toEqual([
      'all goroutines',
      name,
      name,
    ]);
    expect(tree.now.total[0]).toBe(3);
  });
});

describe('size', () => {
  it.each([20_000, 50_000])('a chain of %d frames is built, its leaf first or last', (length) => {
    const rows = chain(length);
    for (const given of [rows, [...rows].reverse()]) {
      const tree = buildCallTree({ now: columnsOf(given) });
      expect(tree.now.total[0]).toBe(1);
      expect(pathTo(tree, tree.frameOf(`n${length - 1}`)!)).toHaveLength(length + 1);
    }
  });

  it('a star of 200,000 siblings is built', () => {
    const tree = buildCallTree({ now: columnsOf(star(200_000)) });
    expect(tree.children[tree.frameOf('entry')!]).toBe(200_000);
    expect(self(tree, 'entry')).toBe(0);
  });
});
