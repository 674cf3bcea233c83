import xxhash from 'xxhash-wasm';
import { readCollectorJson, type RecordedSeries, recordedRows, toRows } from './fixtures/recorded';
import { columnsOf, frames, type Row, sum, sumByNode } from './fixtures/rows';
import { isOfRuntime } from './functionName';
import { appearance, buildCallTree, type CallTree, changeOf, functionName, type Mended, pathTo } from './tree';

interface GoldenCase {
  name: string;
  stacks: Array<{ functions: string[]; goroutines: number; truncated?: boolean }>;
  tree: { frames_max: number; nodes: RecordedSeries[] };
}

const SOUND: Mended = { duplicates: 0, orphans: 0, cycles: 0, raised: 0, invalid: 0 };

const build = (rows: Row[]) => buildCallTree({ now: columnsOf(rows) });

/** Rule 6 of the call tree: xxhash64 of the names from the root joined by NUL, base 36, 13 digits. */
async function expectIdsOfPaths(tree: CallTree) {
  const { h64 } = await xxhash();
  const hashed = frames(tree).map((frame) => {
    const names = pathTo(tree, frame)
      .slice(1)
      .map((caller) => functionName(tree, caller));
    return frame === 0 ? '' : h64(names.join('\0')).toString(36).padStart(13, '0');
  });
  expect(hashed).toEqual(tree.nodes);
}

describe('the golden vectors that the Go code is tested with', () => {
  const { cases } = readCollectorJson<{ cases: GoldenCase[] }>('calltree/testdata/golden.json');

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', async (_, { stacks, tree: { nodes } }) => {
    const tree = build(toRows(nodes));

    expect(tree.mended).toEqual(SOUND);
    expect(tree.now.total[0]).toBe(sum(stacks.map(({ goroutines }) => goroutines)));
    for (const { node, goroutines, depth } of nodes) {
      const frame = tree.frameOf(node)!;
      expect(tree.now.total[frame]).toBe(goroutines);
      expect(tree.level[frame]).toBe(Number(depth));
    }
    await expectIdsOfPaths(tree);
  });
});

describe.each([
  ['a Prometheus server', 'prometheus'],
  ['a net/http server under load', 'nethttp'],
  ['a spawn storm', 'spawnstorm'],
] as const)('the recorded profile of %s', (_, name) => {
  const rows = recordedRows(name);
  const tree = build(rows);

  it('makes a tree of all its series that needs no mending', async () => {
    expect(tree.mended).toEqual(SOUND);
    expect(tree.size).toBe(rows.length + 1);
    await expectIdsOfPaths(tree);
  });

  it('has as many goroutines as its entry functions together, and as its stacks end in', () => {
    const entries = rows.filter(({ depth }) => Number(depth) === 1);
    expect(tree.now.total[0]).toBe(sum(entries.map(({ value }) => value!)));
    expect(sum(tree.now.self)).toBe(tree.now.total[0]);
  });

  it('without the runtime’s frames has the goroutines that it had', () => {
    const collapsed = buildCallTree({ now: columnsOf(rows), isCollapsed: isOfRuntime });
    expect(collapsed.size).toBeLessThan(tree.size);
    expect(sum(collapsed.now.self)).toBe(tree.now.total[0]);
  });
});

const storm = recordedRows('spawnstorm');
const server = recordedRows('nethttp');

it('shows the spawn storm as one wide frame under the root', () => {
  const tree = build(storm);
  expect(functionName(tree, 1)).toBe('main.processNode');
  expect(tree.now.total[1] / tree.now.total[0]).toBeGreaterThan(0.99);
});

it('merges two trees by adding their series up, as PromQL does', () => {
  const merged = build(sumByNode(storm, server));
  expect(merged.mended).toEqual(SOUND);
  expect(merged.now.total[0]).toBe(build(storm).now.total[0] + build(server).now.total[0]);
  expect(merged.nodes).toEqual(build(sumByNode(server, storm)).nodes);
});

it('shows what the storm added to a server as its growth, and nothing else as new', () => {
  const tree = buildCallTree({ now: columnsOf(sumByNode(server, storm)), before: columnsOf(server) });
  expect(changeOf(tree, 0)).toBe(build(storm).now.total[0]);
  const fresh = frames(tree).filter((frame) => appearance(tree, frame) === 'new');
  const known = new Set(server.map(({ node }) => node));
  expect(fresh.map((frame) => tree.nodes[frame]).sort()).toEqual(
    storm
      .map(({ node }) => node)
      .filter((node) => !known.has(node))
      .sort()
  );
});
