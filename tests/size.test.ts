import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bytes, FILES, json, SCRIPTS } from './dist';

/** In bytes, gzipped as servers do: a little above what the parts are, so that growth is a decision. */
const BUDGET = {
  /** Fetched by each page of Grafana that preloads the app or shows a part of it. */
  entry: 3_500,
  /** Fetched by each dashboard with the panel. One file, as nested plugins cannot fetch chunks under every address. */
  panel: 47_000,
  /** A chunk of the app that has no budget of its own. */
  chunk: 8_000,
  /** Chunks by a module of theirs, a source of ours or an npm package: their file names are numbers that change. */
  chunks: {
    'pages/alerts/RulesOfGrafana.tsx': 38_000,
    'pages/setup/remedies.ts': 18_000,
    // The parser of PromQL, and the router.
    'react-router-dom': 31_000,
    'js-yaml': 15_000,
    '@tanstack/query-core': 9_500,
    'prometheus/askPrometheus.ts': 9_500,
  } as Record<string, number>,
  /** All that the app can ever fetch for its own pages. */
  app: 150_000,
};

/** The whole plugin on the disk of a Grafana, in bytes: source maps are the most of it. */
const UNPACKED = 4_000_000;

interface Part {
  file: string;
  size: number;
  /** Its modules, largest first: './pages/…' and 'npm package'. */
  modules: string[];
}

const ENTRY = 'module.js';
const PANEL = 'panels/goroutine-flamegraph/module.js';

const parts = SCRIPTS.map((file): Part => ({ file, size: gzipSync(bytes(file)).length, modules: modulesOf(file) }));
const chunks = parts.filter(({ file }) => file !== ENTRY && file !== PANEL);

it(`has an entry of at most ${BUDGET.entry} bytes, which Grafana fetches before the app is opened`, () => {
  expect(
    overBudget(
      parts.filter(({ file }) => file === ENTRY),
      () => BUDGET.entry
    )
  ).toEqual([]);
});

it(`has a panel of at most ${BUDGET.panel} bytes`, () => {
  expect(
    overBudget(
      parts.filter(({ file }) => file === PANEL),
      () => BUDGET.panel
    )
  ).toEqual([]);
});

it('has no chunk above its budget', () => {
  const budgetOf = ({ modules }: Part) =>
    Object.entries(BUDGET.chunks).find(([module]) => modules.includes(module))?.[1] ?? BUDGET.chunk;
  expect(overBudget(chunks, budgetOf)).toEqual([]);
});

it('has every chunk that a budget names', () => {
  const built = chunks.flatMap(({ modules }) => modules);
  expect(Object.keys(BUDGET.chunks).filter((module) => !built.includes(module))).toEqual([]);
});

it(`has an app of at most ${BUDGET.app} bytes, with all of its chunks`, () => {
  const app = parts.filter(({ file }) => file !== PANEL);
  const total = app.reduce((sum, { size }) => sum + size, 0);
  const largest = [...app].sort((a, b) => b.size - a.size).map(describePart);
  // What a failure shows is where the bytes are.
  expect(total > BUDGET.app ? { total, budget: BUDGET.app, largest } : {}).toEqual({});
});

it(`takes at most ${UNPACKED} bytes of disk`, () => {
  expect(FILES.reduce((sum, file) => sum + bytes(file).length, 0)).toBeLessThanOrEqual(UNPACKED);
});

function overBudget(of: Part[], budgetOf: (part: Part) => number): string[] {
  expect(of).not.toEqual([]);
  return of
    .filter((part) => part.size > budgetOf(part))
    .map((part) => `${describePart(part)}, and its budget is ${budgetOf(part)}`);
}

function describePart({ file, size, modules }: Part): string {
  return `${file} (${modules.slice(0, 3).join(', ')}) has ${size} bytes gzipped`;
}

function modulesOf(file: string): string[] {
  const { sources, sourcesContent } = json(`${file}.map`) as { sources: string[]; sourcesContent: string[] };
  const sizes = new Map<string, number>();
  sources.forEach((source, at) => {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? source.replace(/^webpack:\/\/[^/]*\//, '');
    sizes.set(name, (sizes.get(name) ?? 0) + sourcesContent[at].length);
  });
  return [...sizes].sort(([, a], [, b]) => b - a).map(([name]) => path.posix.normalize(name));
}
