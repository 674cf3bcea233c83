import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { DASHBOARD_PANELS, FLEET_PANELS, PANEL_ID } from '../src/constants';
import pluginJson from '../src/plugin.json';
import { files } from './files';

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  interval?: string;
  gridPos: { h: number; w: number; x: number; y: number };
  collapsed?: boolean;
  panels?: Panel[];
  targets?: Array<{ refId: string; expr: string }>;
  options?: { restartQuery?: string };
  fieldConfig: { defaults: { noValue?: string } };
}

interface Dashboard {
  uid: string;
  title: string;
  revision: number;
  panels: Panel[];
  links: Array<{ url: string }>;
  templating: { list: Array<{ name: string; query?: { query: string } | string }> };
  annotations: { list?: Array<{ name: string; target?: { expr: string } }> };
}

const written: Record<string, Dashboard> = JSON.parse(JSON.stringify(files));
const all = Object.entries(written);
const allPanels = ({ panels }: Dashboard) => panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
const withQueries = (dashboard: Dashboard) => allPanels(dashboard).filter(({ type }) => type !== 'row');

const main = written['goroutine-stack-pressure.json'];
const fleet = written['goroutine-stack-fleet.json'];

/** What a variable's query asks of Prometheus, without the function of Grafana around it. */
function askedBy(query: string): string {
  return /^query_result\((.*)\)$/s.exec(query)?.[1] ?? /^label_values\((.*), \w+\)$/s.exec(query)?.[1] ?? query;
}

function queriesOf(dashboard: Dashboard): Array<[from: string, expr: string]> {
  return [
    ...withQueries(dashboard).flatMap(({ title, targets = [], options }) => [
      ...targets.map(({ refId, expr }): [string, string] => [`${title}, ${refId}`, expr]),
      ...(options?.restartQuery ? [[`${title}, the last restart`, options.restartQuery] as [string, string]] : []),
    ]),
    ...dashboard.templating.list.flatMap(({ name, query }): Array<[string, string]> =>
      typeof query === 'object' ? [[`variable ${name}`, askedBy(query.query)]] : []
    ),
    ...(dashboard.annotations.list ?? []).flatMap(({ name, target }): Array<[string, string]> =>
      target ? [[`annotation ${name}`, target.expr]] : []
    ),
  ];
}

function errorsIn(expr: string): number[] {
  const errors: number[] = [];
  parser.parse(expr).iterate({ enter: ({ type, from }) => void (type.isError && errors.push(from)) });
  return errors;
}

/** As Grafana fills it in; `$1` is PromQL's own. */
function filledIn(expr: string, baseline: string, unlessRecorded = '+'): string {
  const values = {
    job: 'a|b',
    instance: '.*',
    shown: 'a',
    watched: '(a|b)',
    pods: '(none)',
    unrecorded: '.+',
    __range: '3600s',
    tree: 'tree',
    bytes: '',
    __from: '1764000000000',
  };
  return Object.entries({ ...values, baseline, unlessRecorded, unlessAllRecorded: unlessRecorded }).reduce(
    (text, [name, value]) => text.replaceAll(`$${name}`, value),
    expr
  );
}

describe.each(all)('%s', (name, dashboard) => {
  it('is the JSON that is committed; `npm run dashboards` writes it', () => {
    expect(dashboard).toEqual(JSON.parse(readFileSync(path.join(__dirname, name), 'utf8')));
  });

  it('says of each panel what it shows and what an empty one lacks, and asks at most every 15 s', () => {
    for (const { title, description, interval, fieldConfig } of withQueries(dashboard)) {
      expect([title, description]).toEqual([title, expect.stringMatching(/\w/)]);
      expect([title, fieldConfig.defaults.noValue]).toEqual([title, expect.stringMatching(/./)]);
      expect([title, interval]).toEqual([title, expect.stringMatching(/^(15s|1m)$/)]);
    }
  });

  it('lays no panel over another', () => {
    const places = dashboard.panels.flatMap(({ id, gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, i) => [id, `${x + (i % w)},${y + Math.floor(i / w)}`] as const)
    );
    expect(new Set(places.map(([, place]) => place)).size).toBe(places.length);
    expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it.each(['', 'offset 5m', '@ 1764000000'])('asks valid PromQL with “%s” as the baseline', (baseline) => {
    for (const [from, expr] of queriesOf(dashboard)) {
      const asked = filledIn(expr, baseline);
      expect([from, asked.match(/\$[^1]/)]).toEqual([from, null]);
      expect([from, errorsIn(asked)]).toEqual([from, []]);
    }
  });

  it('needs no input when it is imported', () => {
    expect(dashboard).not.toHaveProperty('__inputs');
    expect(dashboard.revision).toBeGreaterThan(2);
  });
});

it.each([
  [main, DASHBOARD_PANELS],
  [fleet, FLEET_PANELS],
])('keeps the panel ids that links and URLs carry: $title', (dashboard, ids) => {
  const used = allPanels(dashboard).map(({ id }) => id);
  expect(new Set(used).size).toBe(used.length);
  expect(used.sort()).toEqual(Object.values(ids).sort());
  expect(allPanels(dashboard).find(({ id }) => id === ids.flameGraph)!.type).toBe(PANEL_ID);
});

it('still has the first panels under their first ids', () => {
  expect(DASHBOARD_PANELS).toMatchObject({ memory: 1, goroutines: 2, flameGraph: 3, growing: 4, largest: 5 });
});

describe('our recordings', () => {
  const asked = all.flatMap(([name, dashboard]) =>
    queriesOf(dashboard).map(([from, expr]) => [`${path.basename(name)}, ${from}`, expr] as const)
  );

  it('are read only beside what reads metrics where they are missing, but by the variables that ask for them', () => {
    const reading = asked.filter(([from, expr]) => /go_process:/.test(expr) && !/variable un\w*ecorded$/.test(from));
    for (const [from, expr] of reading) {
      expect([from, expr]).toEqual([from, expect.stringMatching(/\$(unrecorded|unless(All)?Recorded)\b/)]);
      const unrecorded = expr.match(/\$unless(All)?Recorded .*$/gm) ?? [];
      expect([from, unrecorded.filter((line) => line.includes('go_process:'))]).toEqual([from, []]);
    }
  });

  it('of the fleet’s trees are read where they are there, and only then', () => {
    const reading = asked.filter(([, expr]) => /stack_depth_goroutines_total|job:goroutine_calltree/.test(expr));
    expect(new Set(reading.map(([from]) => from))).toEqual(
      new Set(['goroutine-stack-fleet.json, variable tree', 'goroutine-stack-fleet.json, variable bytes'])
    );
  });

  it('are all that is read where they are there, which a comment leaves of panels’ queries', () => {
    const dear = asked.filter(([, expr]) => /\$unless(All)?Recorded /.test(expr));
    expect(dear.length).toBeGreaterThan(10);
    for (const [from, expr] of dear) {
      const read = filledIn(expr, '', '#').replace(/#.*$/gm, '');
      expect([from, errorsIn(read)]).toEqual([from, []]);
      expect([from, read.length < 4000]).toEqual([from, true]);
    }
  });
});

it('has other uids and titles for git than those that the app imports, and links within each kind', () => {
  expect(new Set(all.map(([, { uid }]) => uid)).size).toBe(all.length);
  expect(new Set(all.map(([, { title }]) => title)).size).toBe(all.length);
  for (const [name, dashboard] of all) {
    const ofGit = name.startsWith('gitops/');
    const uids = JSON.stringify(dashboard).match(/(?<=\/d\/)[\w-]+/g)!;
    expect(uids.filter((uid) => uid.endsWith('-gitops') !== ofGit)).toEqual([]);
  }
});

it('bundles what the plugin includes, and nothing that is for git', () => {
  const included = pluginJson.includes.flatMap(({ type, path: file, uid }) =>
    type === 'dashboard' ? [[file, uid]] : []
  );
  const bundled = all.filter(([name]) => !name.includes('/')).map(([name, { uid }]) => [`dashboards/${name}`, uid]);
  expect(included).toEqual(bundled);
});

it('chooses the worst job and instance where the URL names none', () => {
  expect(main.templating.list.find(({ name }) => name === 'instance')).toMatchObject({
    current: { text: 'the worst', value: '' },
    includeAll: true,
    sort: 0,
  });
  expect(main.templating.list.find(({ name }) => name === 'job')).toMatchObject({ includeAll: false, sort: 0 });
});
