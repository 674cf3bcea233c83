import { readFileSync } from 'node:fs';
import path from 'node:path';
import xxhash from 'xxhash-wasm';
import type { CallTreeSeries } from './series';
import { buildCallTree, type CallTree, pathTo, preorder, ROOT_NODE } from './tree';

const COLLECTOR = path.resolve(__dirname, '../../collector');

/** One series as the collector's own tests write it. */
interface RecordedSeries {
  depth: number | string;
  function: string;
  node: string;
  parent?: string;
  goroutines: number;
}

interface GoldenCase {
  name: string;
  stacks: Array<{ functions: string[]; goroutines: number; truncated?: boolean }>;
  tree: { frames_max: number; nodes: RecordedSeries[] };
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(path.join(COLLECTOR, file), 'utf8'));
}

function toSeries(recorded: RecordedSeries[]): CallTreeSeries[] {
  return recorded.map(({ depth, function: name, node, parent = '', goroutines }) => ({
    node,
    parent,
    function: name,
    depth: Number(depth),
    value: goroutines,
  }));
}

const SOUND = { duplicates: 0, orphans: 0, cycles: 0, raised: 0, invalid: 0 };

/** Rule 6 of the call tree: xxhash64 of the names from the root joined by NUL, base 36, 13 digits. */
async function expectIdsOfPaths(tree: CallTree) {
  const { h64 } = await xxhash();
  for (const frame of preorder(tree.root).filter(({ node }) => node !== ROOT_NODE)) {
    const names = pathTo(frame)
      .slice(1)
      .map((caller) => caller.function);
    expect(h64(names.join('\0')).toString(36).padStart(13, '0')).toBe(frame.node);
  }
}

describe('the golden vectors that the Go code is tested with', () => {
  const { cases } = read<{ cases: GoldenCase[] }>('calltree/testdata/golden.json');

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', async (_, { stacks, tree: { nodes } }) => {
    const tree = buildCallTree(toSeries(nodes));

    expect(tree.mended).toEqual(SOUND);
    expect(tree.root.total).toBe(stacks.reduce((sum, { goroutines }) => sum + goroutines, 0));
    for (const { node, goroutines, depth } of nodes) {
      const frame = tree.frames.get(node)!;
      expect(frame.total).toBe(goroutines);
      expect(pathTo(frame)).toHaveLength(Number(depth) + 1);
    }
    await expectIdsOfPaths(tree);
  });
});

describe.each([
  ['a Prometheus server', 'prometheus'],
  ['a net/http server under load', 'nethttp'],
  ['a spawn storm', 'spawnstorm'],
])('the recorded profile of %s', (_, name) => {
  const series = toSeries(read(`internal/pprofstacks/testdata/${name}.series.json`));
  const tree = buildCallTree(series);

  it('makes a tree of all its series that needs no mending', async () => {
    expect(tree.mended).toEqual(SOUND);
    expect(preorder(tree.root)).toHaveLength(series.length + 1);
    await expectIdsOfPaths(tree);
  });

  it('has as many goroutines as its entry functions together', () => {
    const entries = series.filter(({ depth }) => depth === 1);
    expect(tree.root.total).toBe(entries.reduce((sum, { value }) => sum + value, 0));
  });
});

it('shows the spawn storm as one wide frame under the root', () => {
  const tree = buildCallTree(toSeries(read('internal/pprofstacks/testdata/spawnstorm.series.json')));
  const [widest] = tree.root.children;
  expect(widest.function).toBe('main.processNode');
  expect(widest.total / tree.root.total).toBeGreaterThan(0.99);
});

it('merges two trees by adding their series up, as PromQL does', () => {
  const storm = toSeries(read('internal/pprofstacks/testdata/spawnstorm.series.json'));
  const server = toSeries(read('internal/pprofstacks/testdata/nethttp.series.json'));
  const sums = new Map<string, CallTreeSeries>();
  for (const row of [...storm, ...server]) {
    sums.set(row.node, { ...row, value: row.value + (sums.get(row.node)?.value ?? 0) });
  }
  const merged = buildCallTree([...sums.values()]);
  expect(merged.mended).toEqual(SOUND);
  expect(merged.root.total).toBe(buildCallTree(storm).root.total + buildCallTree(server).root.total);
});
