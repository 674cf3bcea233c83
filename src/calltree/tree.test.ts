import fc from 'fast-check';
import type { CallTreeSeries } from './series';
import { buildCallTree, type CallTree, pathTo, preorder, ROOT_NODE } from './tree';

/** `a>b 3` is the node b called by a with 3 goroutines; the node's id is its function. */
function series(...rows: string[]): CallTreeSeries[] {
  return rows.map((row) => {
    const [path, value] = row.split(' ');
    const names = path.split('>');
    const name = names[names.length - 1];
    return { node: name, parent: names[names.length - 2] ?? '', function: name, value: Number(value) };
  });
}

function total(tree: CallTree, node: string) {
  return tree.frames.get(node)?.total;
}

function selfs(tree: CallTree) {
  return preorder(tree.root).reduce((sum, frame) => sum + frame.self, 0);
}

const SOUND = { duplicates: 0, orphans: 0, cycles: 0, raised: 0, invalid: 0 };

describe('buildCallTree', () => {
  it('puts entry functions under one root that has the sum of them', () => {
    const tree = buildCallTree(series('main 1', 'serve 5', 'serve>handle 3'));

    expect(tree.root.total).toBe(6);
    expect(tree.root.children.map((frame) => frame.function)).toEqual(['serve', 'main']);
    expect(tree.frames.get('serve')).toMatchObject({ total: 5, self: 2 });
    expect(pathTo(tree.frames.get('handle')!).map((frame) => frame.function)).toEqual([
      'all goroutines',
      'serve',
      'handle',
    ]);
    expect(tree.mended).toEqual(SOUND);
  });

  it('does not depend on the order of the series', () => {
    const rows = series('a 9', 'a>b 4', 'b>c 2', 'a>d 5', 'e 9');
    expect(preorder(buildCallTree([...rows].reverse()).root).map((frame) => frame.node)).toEqual(
      preorder(buildCallTree(rows).root).map((frame) => frame.node)
    );
  });

  it('hangs a node whose caller is missing from the root, and counts it', () => {
    const tree = buildCallTree(series('a 2', 'gone>b 3', 'b>c 1'));

    expect(tree.root.total).toBe(5);
    expect(tree.frames.get('b')!.parent).toBe(tree.root);
    expect(tree.mended).toEqual({ ...SOUND, orphans: 1 });
  });

  it('cuts a cycle of callers at its shallowest node', () => {
    const rows = series('c>a 3', 'a>b 4', 'b>c 4', 'c>leaf 1', 'other 2').map((row) => ({
      ...row,
      depth: { a: 3, b: 1, c: 2 }[row.node],
    }));
    const tree = buildCallTree(rows);

    expect(tree.frames.get('b')!.parent).toBe(tree.root);
    expect(tree.frames.get('leaf')!.parent).toBe(tree.frames.get('c'));
    expect(preorder(tree.root)).toHaveLength(6);
    expect(tree.mended).toEqual({ ...SOUND, cycles: 1 });
  });

  it('cuts a node that names itself as its caller', () => {
    const tree = buildCallTree(series('a>a 3'));
    expect(tree.root.children.map((frame) => frame.node)).toEqual(['a']);
    expect(tree.mended.cycles).toBe(1);
  });

  it('keeps the last row by time of a node that comes in several', () => {
    const row = { node: 'a', parent: '', function: 'a' };
    const tree = buildCallTree([
      { ...row, value: 7, time: 2000 },
      { ...row, value: 1, time: 1000 },
      { ...row, value: 2 },
    ]);
    expect(total(tree, 'a')).toBe(7);
    expect(tree.mended).toEqual({ ...SOUND, duplicates: 1 });
  });

  it('raises a caller that has less than its callees to their sum, up to the root', () => {
    const tree = buildCallTree(series('a 5', 'a>b 4', 'b>c 3', 'b>d 4'));
    expect(total(tree, 'b')).toBe(7);
    expect(total(tree, 'a')).toBe(7);
    expect(tree.root.total).toBe(7);
    expect(tree.mended).toEqual({ ...SOUND, raised: 2 });
  });

  it('leaves rows without a usable value out, and their callees hang from the root', () => {
    const tree = buildCallTree(series('a NaN', 'a>b 2', 'c -1', 'd Infinity'));
    expect(tree.root.children.map((frame) => frame.node)).toEqual(['b']);
    expect(tree.mended).toEqual({ ...SOUND, invalid: 3, orphans: 1 });
  });

  it('keeps a node of zero goroutines, as it may grow', () => {
    expect(total(buildCallTree(series('a 0', 'b 1')), 'a')).toBe(0);
  });

  it('is an empty root for no series', () => {
    const tree = buildCallTree([]);
    expect(tree.root).toMatchObject({ total: 0, children: [] });
    expect([...tree.frames.keys()]).toEqual([ROOT_NODE]);
  });

  it('builds a chain of 50,000 frames without overflowing', () => {
    const rows: CallTreeSeries[] = Array.from({ length: 50_000 }, (_, i) => ({
      node: `n${i}`,
      parent: i === 0 ? '' : `n${i - 1}`,
      function: 'f',
      value: 1,
    }));
    expect(buildCallTree(rows).root.total).toBe(1);
  });

  const anySeries = fc.array(
    fc.record({
      node: fc.constantFrom(...'abcdefgh'),
      parent: fc.constantFrom('', ...'abcdefgh', 'gone'),
      function: fc.constantFrom('main.f', 'runtime.gopark', '(dropped)'),
      value: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(NaN, -1)),
      time: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    })
  );

  it('makes a tree that adds up from any series at all', () => {
    fc.assert(
      fc.property(anySeries, (rows) => {
        const tree = buildCallTree(rows);
        const reached = preorder(tree.root);
        expect(new Set(reached)).toEqual(new Set(tree.frames.values()));
        expect(selfs(tree)).toBe(tree.root.total);
        for (const frame of reached) {
          expect(frame.self).toBeGreaterThanOrEqual(0);
          expect(frame.total).toBe(frame.self + frame.children.reduce((sum, child) => sum + child.total, 0));
        }
      })
    );
  });
});
