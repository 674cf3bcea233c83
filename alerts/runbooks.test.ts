import { parser } from '@prometheus-io/lezer-promql';
import { globSync } from 'glob';
import { load } from 'js-yaml';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DASHBOARD_PANELS, DASHBOARD_UID, FLEET_DASHBOARD_UID } from '../src/constants';
import pluginJson from '../src/plugin.json';
import { isAlertingRule, type RuleFile } from '../src/promql/prometheusRules';

const ROOT = path.join(__dirname, '..');
const FOLDER = path.join(__dirname, 'runbooks');
const ADDRESS = 'https://github.com/stackpressure/goroutines/blob/main/';

/** Those of prometheus-operator's runbooks, and ours: https://runbooks.prometheus-operator.dev/docs/add-runbook/ */
const HEADINGS = [
  'Meaning',
  'Impact',
  'Decide in sixty seconds',
  'Diagnosis',
  'Mitigation',
  'How to tell a false alarm',
  'Afterwards',
];

const ALERTS = globSync('*.rules.yml', { cwd: __dirname })
  .sort()
  .map((name) => load(readFileSync(path.join(__dirname, name), 'utf8')) as RuleFile)
  .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules.filter(isAlertingRule)));

const PAGE_NAMES = globSync('**/*.md', { cwd: FOLDER }).sort();
const RUNBOOKS = PAGE_NAMES.filter((name) => name !== 'README.md');

/** Words of Grafana's own. */
const GRAFANA = ['Instant', 'Table', 'All'];

/** Where the words of the dashboards, the panel and the app's pages are. */
const SCREEN = ['dashboards/*.json', 'src/panels/**/*.{ts,tsx}', 'src/locales/en-US/*.json']
  .flatMap((pattern) => globSync(pattern, { cwd: ROOT, absolute: true }))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

function read(name: string): string {
  return readFileSync(path.join(FOLDER, name), 'utf8');
}

/** Blocks of code of a language, also those in lists, without their indentation. */
function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(/^( *)```(\w+)\n(.*?)^ *```$/gms)]
    .filter(([, , of]) => of === language)
    .map(([, indentation, , code]) => code.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''));
}

/** A page without its code, in which `#` and `](` mean something else. */
function textOf(page: string): string {
  return page.replaceAll(/^ *```.*?^ *```$/gms, '').replaceAll(/`[^`\n]*`/g, '');
}

function headingsOf(page: string): Array<[level: number, title: string]> {
  return [...textOf(page).matchAll(/^(#+) (.+)$/gm)].map(([, marks, title]) => [marks.length, title]);
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return headingsOf(page).map(([, title]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  );
}

it.each(ALERTS)('$alert has a page to which its runbook_url leads', ({ alert, annotations }) => {
  expect(annotations?.runbook_url).toBe(`${ADDRESS}alerts/runbooks/${alert}.md`);
  expect(RUNBOOKS).toContain(`${alert}.md`);
});

it('has no page of an alert that is gone, and lists all', () => {
  const names = ALERTS.map(({ alert }) => `${alert}.md`).sort();
  expect(RUNBOOKS).toEqual(names);
  expect([...read('README.md').matchAll(/^\| \[\w+\]\((\w+\.md)\)/gm)].map(([, name]) => name).sort()).toEqual(names);
});

it.each(ALERTS)('is listed with its severity: $alert', ({ alert, labels }) => {
  const [, severity] = new RegExp(`^\\| \\[${alert}\\]\\(.*?\\) +\\| (\\w+)`, 'm').exec(read('README.md')) ?? [];
  expect(severity).toBe(labels?.severity);
});

describe.each(RUNBOOKS)('%s', (name) => {
  const page = read(name);

  it('has the headings in which somebody looks at 3 a.m., each with a text', () => {
    const headings = headingsOf(page);
    expect(headings[0]).toEqual([1, path.basename(name, '.md')]);
    expect(headings.filter(([level]) => level === 2).map(([, title]) => title)).toEqual(HEADINGS);
    for (const section of page.split(/^## .+$/m).slice(1)) {
      expect(section.trim().length).toBeGreaterThan(40);
    }
  });

  it('decides by a table and by queries that can be copied', () => {
    const [, decision] = /^## Decide in sixty seconds$(.*?)^## /ms.exec(page)!;
    expect(decision).toMatch(/^\| *:?-{3,}/m);
    expect(blocksOf(decision, 'promql')).not.toEqual([]);
  });
});

describe.each(PAGE_NAMES)('%s', (name) => {
  const page = read(name);
  const queries = blocksOf(page, 'promql');

  it('asks PromQL that parses', () => {
    for (const query of queries) {
      expect([query, errorsIn(query)]).toEqual([query, []]);
    }
  });

  it('asks about one process or job, or sums: nobody reads a fleet at 3 a.m.', () => {
    for (const query of queries) {
      expect([query, /JOB|POD|^sum by /m.test(query)]).toEqual([query, true]);
    }
  });

  it('needs no recording rule, but where it says so', () => {
    for (const query of queries.filter((text) => text.includes('go_process:'))) {
      const before = page
        .slice(0, page.indexOf(query.trim().split('\n')[0]))
        .split('\n')
        .slice(-6)
        .join('\n');
      expect([query, before]).toEqual([query, expect.stringContaining('recording rules')]);
    }
  });

  it('leads nowhere that is not there', () => {
    for (const [, target] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) {
        continue;
      }
      const [file, anchor] = target.split('#');
      const linked = file === '' ? path.join(FOLDER, name) : path.join(FOLDER, path.dirname(name), file);
      expect([target, existsSync(linked)]).toEqual([target, true]);
      if (anchor) {
        expect([target, anchorsOf(readFileSync(linked, 'utf8'))]).toEqual([target, expect.arrayContaining([anchor])]);
      }
    }
  });

  it('names dashboards, panels, pages and parameters that there are', () => {
    const ids = Object.values(DASHBOARD_PANELS).map(String);
    for (const [, uid, query] of page.matchAll(/`[^`]*\/d\/([\w-]+)(?:\?([^`\s]*))?/g)) {
      expect([DASHBOARD_UID, FLEET_DASHBOARD_UID]).toContain(uid);
      const parameters = [...new URLSearchParams(query ?? '')].map(([key]) => key).filter((key) => key !== '…');
      for (const parameter of parameters) {
        expect(['var-job', 'var-instance', 'var-baseline', 'from', 'to', 'viewPanel']).toContain(parameter);
      }
      const panel = new URLSearchParams(query ?? '').get('viewPanel');
      expect(panel === null || ids.includes(panel)).toBe(true);
    }
    const pages = pluginJson.includes.map((include) => include.path.replace('%PLUGIN_ID%', pluginJson.id));
    for (const [, place] of page.matchAll(/`(\/a\/[^?`]*)/g)) {
      expect(pages).toContain(place);
    }
  });

  it('quotes words that are on the screen, in italics', () => {
    for (const [, words] of textOf(page)
      .replaceAll(/\s+/g, ' ')
      .matchAll(/(?<!\w)_([^_]+)_(?!\w)/g)) {
      expect([words, GRAFANA.includes(words) || SCREEN.includes(words)]).toEqual([words, true]);
    }
  });
});

it('asks who takes the memory in the same words on both pages that do', () => {
  const [memory, stacks] = ['GoOOMAhead.md', 'GoStackOOMAhead.md'].map((name) => blocksOf(read(name), 'promql')[0]);
  expect(memory).toContain('goroutine stacks, MiB');
  expect(stacks).toBe(memory);
});

function errorsIn(expr: string): number[] {
  const errors: number[] = [];
  parser.parse(expr).iterate({ enter: ({ type, from }) => void (type.isError && errors.push(from)) });
  return errors;
}
