import { APP_ID, PANEL_ID } from '../src/constants';
import { FILES, json, PLUGINS, SCRIPTS, text } from './dist';

// What the built plugin needs for Grafana to load it. What the catalog asks beyond that is in catalog.test.ts.

/** What an AMD module asks of its loader: `define(["react", …], …)`. */
function externalsOf(script: string): string[] {
  const list = /define\((\[[^\]]*\])/.exec(text(script));
  return JSON.parse(list![1]);
}

// Grafana 12.2.0 shares these (public/app/features/plugins/loader/sharedDependencies.ts; `module` is SystemJS' own), and
// others that no plugin should need. It does not share react/jsx-runtime.
const SHARED_BY_GRAFANA_12_2 = [
  '@emotion/css',
  '@emotion/react',
  '@grafana/data',
  '@grafana/runtime',
  '@grafana/ui',
  'd3',
  'i18next',
  'lodash',
  'module',
  'moment',
  'prismjs',
  'react',
  'react-dom',
  'react-inlinesvg',
  'react-redux',
  'react-router',
  'redux',
  'rxjs',
  'rxjs/operators',
];

it.each(PLUGINS)('asks only for what Grafana 12.2.0 shares: %s', (folder) => {
  const externals = externalsOf(`${folder}/module.js`);
  expect(externals).toContain('react');
  expect(SHARED_BY_GRAFANA_12_2).toEqual(expect.arrayContaining(externals));
});

it('asks for nothing from chunks, which find what their entry has asked for', () => {
  const asking = SCRIPTS.filter((script) => /\bdefine\(\[/.test(text(script)));
  expect(asking.map((script) => script.replace(/(^|\/)module\.js$/, '') || '.').sort()).toEqual([...PLUGINS].sort());
});

it('has a panel of one file: a nested plugin’s chunks and workers break under CDNs and sub-paths', () => {
  const panel = 'panels/goroutine-flamegraph';
  expect(SCRIPTS.filter((script) => script.startsWith(panel))).toEqual([`${panel}/module.js`]);
  expect(text(panel, 'module.js')).not.toMatch(/new Worker|\.e\(\d+\)\.then/);
});

it('is loaded under the ids of the contract', () => {
  expect(json('plugin.json').id).toBe(APP_ID);
  expect(json('panels/goroutine-flamegraph/plugin.json').id).toBe(PANEL_ID);
});

it('has the dashboard that links and alerts lead to', () => {
  expect(FILES).toContain('dashboards/goroutine-stack-pressure.json');
  expect(json('dashboards/goroutine-stack-pressure.json')).toMatchObject({
    uid: 'goroutine-stack-pressure',
    title: 'Goroutine Stack Pressure',
  });
});
