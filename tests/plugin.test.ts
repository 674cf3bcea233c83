import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

// What `npm run build` made: what Grafana loads, and the catalog's validator reads.
const DIST = path.resolve(__dirname, '../dist');
const PANEL = path.join(DIST, 'panels/goroutine-flamegraph');

const read = (...at: string[]) => readFileSync(path.join(...at), 'utf8');
const json = (...at: string[]) => JSON.parse(read(...at));

/** What an AMD module asks of its loader: `define(["react", …], …)`. */
function externalsOf(folder: string): string[] {
  const list = /define\((\[[^\]]*\])/.exec(read(folder, 'module.js'));
  return JSON.parse(list![1]);
}

// Grafana 12.2.0 shares these (public/app/features/plugins/loader/sharedDependencies.ts), and not react/jsx-runtime.
const SHARED_BY_GRAFANA_12_2 = [
  '@emotion/css',
  '@grafana/data',
  '@grafana/runtime',
  '@grafana/ui',
  'module',
  'react',
  'react-dom',
  'rxjs',
];

describe.each([
  ['app', DIST],
  ['panel', PANEL],
])('the built %s', (_, folder) => {
  it('asks only for what Grafana 12.2.0 shares', () => {
    const externals = externalsOf(folder);
    expect(externals).toContain('react');
    expect(SHARED_BY_GRAFANA_12_2).toEqual(expect.arrayContaining(externals));
  });

  it('has a source map for the catalog’s review', () => {
    expect(existsSync(path.join(folder, 'module.js.map'))).toBe(true);
  });

  it('has the logos that its plugin.json names, and its placeholders filled in', () => {
    const { info } = json(folder, 'plugin.json');
    for (const logo of [info.logos.small, info.logos.large]) {
      expect(read(folder, logo)).toContain('<svg');
    }
    expect(read(folder, 'plugin.json')).not.toContain('%');
    expect(info.version).toBe(json(__dirname, '../package.json').version);
  });

  it('runs on Grafana 12.2 and newer', () => {
    expect(json(folder, 'plugin.json').dependencies.grafanaDependency).toBe('>=12.2.0');
  });
});

it('has a panel of one file of at most 150 kB gzipped: a nested panel’s chunks and workers break under CDNs and sub-paths', () => {
  expect(gzipSync(read(PANEL, 'module.js')).length).toBeLessThanOrEqual(150_000);
  expect(readdirSync(PANEL).filter((file) => file.endsWith('.js'))).toEqual(['module.js']);
  expect(read(PANEL, 'module.js')).not.toMatch(/new Worker|\.e\(\d+\)\.then/);
});

it('includes files that exist, under the ids of the contract', () => {
  const { id, includes } = json(DIST, 'plugin.json');
  expect(id).toBe('stackpressure-goroutines-app');
  for (const include of includes.filter(({ type }: { type: string }) => type !== 'page')) {
    expect(existsSync(path.join(DIST, include.path))).toBe(true);
  }
  expect(json(PANEL, 'plugin.json').id).toBe('stackpressure-goroutineflamegraph-panel');
});

it('bundles the dashboard in the form that Grafana imports by itself', () => {
  const dashboard = json(DIST, 'dashboards/goroutine-stack-pressure.json');
  expect(dashboard).toMatchObject({ uid: 'goroutine-stack-pressure', title: 'Goroutine Stack Pressure' });
  // With __inputs the import fails, and without a revision no later version is imported.
  expect(dashboard).not.toHaveProperty('__inputs');
  expect(dashboard.revision).toBeGreaterThanOrEqual(1);
});
