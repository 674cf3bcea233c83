import { changingTree, goroutinesAt, SHIFT_SECONDS, stackBytesAt, STORM_FUNCTION, total } from './changingTree';

const SIZES = [100, 1000, 20_000];

describe.each(SIZES)('a changing tree of %i nodes', (size) => {
  const tree = changingTree(size);

  test('has that many series at any time, of distinct ids, and callees in their callers', () => {
    expect(new Set(tree.map(({ node }) => node)).size).toBe(tree.length);
    for (const seconds of [0, SHIFT_SECONDS, 2400, -1]) {
      const goroutines = goroutinesAt(tree, seconds);
      expect(goroutines.filter((value) => value > 0)).toHaveLength(size);
      expect(tree.every(({ caller }, i) => caller < 0 || goroutines[caller] >= goroutines[i])).toBe(true);
    }
  });

  test('has distinct functions among the callees of each', () => {
    const paths = tree.map(({ parent, function: name }) => `${parent} ${name}`);
    expect(new Set(paths).size).toBe(tree.length);
  });

  test('grows by a storm in one subtree, while other nodes come and go', () => {
    const storm = tree.findIndex((node) => node.function === STORM_FUNCTION);
    const [before, now] = [goroutinesAt(tree, 2100), goroutinesAt(tree, 2400)];
    const growth = now.map((value, i) => value - before[i]);
    const callers = new Set<number>();
    for (let at = storm; at >= 0; at = tree[at].caller) {
      callers.add(at);
    }
    expect(growth[storm]).toBeGreaterThanOrEqual(Math.max(...growth.filter((_, i) => !callers.has(i))));
    expect(before.some((value, i) => value === 0 && now[i] > 0)).toBe(true);
    expect(before.some((value, i) => value > 0 && now[i] === 0)).toBe(true);
  });

  test('has stacks of 2 to 64 KiB a goroutine', () => {
    const each = total(tree, stackBytesAt(tree, 2400)) / total(tree, goroutinesAt(tree, 2400));
    expect(each).toBeGreaterThan(2048);
    expect(each).toBeLessThan(65_536);
  });
});
