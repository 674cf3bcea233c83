import fc from 'fast-check';
import { anyGraph, anyInput, anyTree } from './fixtures/arbitrary';
import { columnsOf, frames, type Row, written } from './fixtures/rows';
import { buildCallTree, type CallTree, childrenOf, functionName, isWithin, pathTo } from './tree';

const placed = (tree: CallTree) =>
  Object.fromEntries(
    frames(tree).map((frame) => [functionName(tree, frame), [tree.start[frame], tree.weight[frame]] as const])
  );

describe('numbers', () => {
  it('are in preorder: a frame’s subtree is the range from it to its end', () => {
    const tree = buildCallTree({ now: written('main 1', 'handle>gopark 3', 'serve 5', 'serve>handle 3') });
    expect(frames(tree).map((frame) => functionName(tree, frame))).toEqual([
      'all goroutines',
      'serve',
      'handle',
      'gopark',
      'main',
    ]);
    expect([...tree.end]).toEqual([5, 4, 4, 4, 5]);
    expect([...tree.parent]).toEqual([-1, 0, 1, 2, 0]);
    expect([...tree.level]).toEqual([0, 1, 2, 3, 1]);
  });

  it('agree with callers, levels and siblings, for any rows at all', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const tree = buildCallTree(input);
        const callees = frames(tree).map((frame) => childrenOf(tree, frame));
        expect(callees.flat().sort((a, b) => a - b)).toEqual(frames(tree).slice(1));
        callees.forEach((children, frame) => {
          expect(children).toHaveLength(tree.children[frame]);
          expect(tree.end[frame]).toBe(children.length > 0 ? tree.end[children[children.length - 1]] : frame + 1);
          expect(children.map((child) => tree.parent[child])).toEqual(children.map(() => frame));
          expect(children.map((child) => tree.level[child])).toEqual(children.map(() => tree.level[frame] + 1));
          expect(children.map((child) => tree.sibling[child])).toEqual(children.map((_, at) => at));
          expect(pathTo(tree, frame)).toEqual(frames(tree).filter((above) => isWithin(tree, frame, above)));
        });
      }),
      { numRuns: 100 }
    );
  });

  it('are found by node, whatever else is in the data', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const tree = buildCallTree(input);
        expect(frames(tree).map((frame) => tree.frameOf(tree.nodes[frame]))).toEqual(frames(tree));
        const shown = new Set(tree.nodes);
        expect([...'abcdefgh', 'gone', 'main.f'].filter((node) => tree.frameOf(node) !== undefined)).toEqual(
          [...'abcdefgh'].filter((node) => shown.has(node))
        );
      }),
      { numRuns: 100 }
    );
  });

  it('do not depend on the order of the rows', () => {
    const twoOrders = anyGraph.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))
    );
    const picture = (now: Row[], before: Row[]) => {
      const tree = buildCallTree({ now: columnsOf(now), before: columnsOf(before) });
      const names = frames(tree).map((frame) => functionName(tree, frame));
      return { ...tree, names, functions: null, functionOf: null, row: null, frameOf: null };
    };
    fc.assert(
      fc.property(twoOrders, twoOrders, ([now, nowToo], [before, beforeToo]) => {
        expect(picture(nowToo, beforeToo)).toEqual(picture(now, before));
      }),
      { numRuns: 150 }
    );
  });
});

describe('siblings', () => {
  const order = (tree: CallTree) => childrenOf(tree, 0).map((frame) => functionName(tree, frame));

  it('are in the order of the power of two of their width, and by name within one', () => {
    expect(order(buildCallTree({ now: written('d 15', 'c 8', 'b 7', 'a 1', 'e 0') }))).toEqual([
      'c',
      'd',
      'b',
      'a',
      'e',
    ]);
  });

  it('do not swap at a refresh that makes one a little wider than the next', () => {
    const first = order(buildCallTree({ now: written('a 100', 'b 90') }));
    expect(order(buildCallTree({ now: written('a 100', 'b 110') }))).toEqual(first);
  });

  it('of one name and width are in the order of their nodes', () => {
    const now = columnsOf(['3', '1', '2'].map((node) => ({ node, function: 'f', value: 5 })));
    expect(buildCallTree({ now }).nodes).toEqual(['', '1', '2', '3']);
  });
});

describe('widths', () => {
  it('are the totals, callees from the left, the rest is the frame’s own', () => {
    const tree = buildCallTree({ now: written('a 10', 'a>b 4', 'a>c 3') });
    expect(placed(tree)).toEqual({ 'all goroutines': [0, 10], a: [0, 10], b: [0, 4], c: [4, 3] });
    expect(tree.calleesWeight[tree.frameOf('a')!]).toBe(7);
  });

  it('leave room for what vanished, also in its callers', () => {
    const now = written('a 10', 'a>b 4');
    const before = written('a 9', 'a>b 5', 'a>gone 2', 'gone>leaf 1');
    const tree = buildCallTree({ now, before });
    expect(placed(tree)).toEqual({ 'all goroutines': [0, 12], a: [0, 12], b: [0, 4], gone: [4, 2], leaf: [4, 1] });
  });

  it('of what vanished are none where that is not shown', () => {
    const tree = buildCallTree({ now: written('a 10'), before: written('gone 2'), showVanished: false });
    expect(placed(tree)).toEqual({ 'all goroutines': [0, 10], a: [0, 10], gone: [10, 0] });
  });

  it('leave no room for what vanished where that is collapsed', () => {
    const now = written('main.a 10', 'main.a>runtime.select 10');
    const before = written('main.a 7', 'main.a>runtime.gopark 7');
    const tree = buildCallTree({ now, before, isCollapsed: (name) => name.startsWith('runtime.') });
    expect(placed(tree)).toEqual({ 'all goroutines': [0, 10], 'main.a': [0, 10] });
  });

  it('of means share the caller’s in proportion, its own stacks included', () => {
    const tree = buildCallTree({
      now: written('a 100', 'a>b 30', 'a>c 60'),
      per: { now: written('a 12', 'a>b 1', 'a>c 6') },
    });
    const { a, b, c } = placed(tree);
    expect(a).toEqual([0, 1]);
    // Means: 30 of b, 10 of c, 10 ÷ 5 of a itself.
    expect(b[1]).toBeCloseTo(30 / 42);
    expect(c[0]).toBe(b[1]);
    expect(c[1]).toBeCloseTo(10 / 42);
  });

  it('of means leave a vanished frame its own stacks too', () => {
    const bytes = written('gone 90', 'gone>leaf 30');
    const tree = buildCallTree({
      now: written('a 1'),
      before: bytes,
      per: { now: written('a 1'), before: written('gone 3', 'gone>leaf 1') },
    });
    const gone = tree.frameOf('gone')!;
    expect(tree.calleesWeight[gone] / tree.weight[gone]).toBeCloseTo(1 / 2);
  });

  it('keep callees within their caller, one after the other and without a gap, for any rows at all', () => {
    const anyTreeAtAll = fc.oneof(
      anyTree,
      anyInput.map((input) => buildCallTree(input))
    );
    fc.assert(
      fc.property(anyTreeAtAll, (tree) => {
        const rounding = 1e-9 * tree.weight[0];
        for (const frame of frames(tree)) {
          let next = tree.start[frame];
          for (const child of childrenOf(tree, frame)) {
            expect(tree.weight[child]).toBeGreaterThanOrEqual(0);
            expect(Math.abs(tree.start[child] - next)).toBeLessThanOrEqual(rounding);
            next = tree.start[child] + tree.weight[child];
          }
          expect(Math.abs(tree.start[frame] + tree.calleesWeight[frame] - next)).toBeLessThanOrEqual(rounding);
          expect(next).toBeLessThanOrEqual(tree.start[frame] + tree.weight[frame] + rounding);
        }
      }),
      { numRuns: 100 }
    );
  });

  it('of siblings never grow by a power of two from left to right', () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const powers = frames(tree).map((frame) => childrenOf(tree, frame).map((child) => power(tree.weight[child])));
        expect(powers).toEqual(powers.map((siblings) => [...siblings].sort((a, b) => b - a)));
      }),
      { numRuns: 100 }
    );
  });
});

/** The largest power of two in a weight, exactly. */
function power(weight: number): number {
  const rounded = Math.floor(Math.log2(weight));
  return 2 ** rounded > weight ? rounded - 1 : rounded;
}
