import type { InstalledRule } from './installedRules';
import { OUR_ALERTS, PROCESS_RECORDINGS } from './ourRules';
import { rulesReadinessOf } from './readiness';

const NOTHING = { processes: false, trees: false, article: false };

const named = (names: string[]): InstalledRule[] => names.map((name) => ({ name }));

it('knows the rules of alerts/', () => {
  expect(OUR_ALERTS).toEqual(expect.arrayContaining(['GoOOMAhead', 'GoCollectorBlind']));
  expect(PROCESS_RECORDINGS).toContain('go_process:memory_limit_bytes');
});

it.each([
  ['all of them in Grafana', named([]), named(OUR_ALERTS), true],
  ['all of them in Prometheus', named(OUR_ALERTS), undefined, true],
  ['some in each', named(OUR_ALERTS.slice(1)), named(OUR_ALERTS.slice(0, 1)), false],
  ['none', named([]), named([]), false],
  ['none known', undefined, undefined, false],
])('alerts with %s', (_, inPrometheus, inGrafana, isAlerting) => {
  expect(rulesReadinessOf(inPrometheus, inGrafana, NOTHING).isAlerting).toBe(isAlerting);
});

it.each([
  ['all are listed', named(PROCESS_RECORDINGS), false, 'installed'],
  ['some are', named(PROCESS_RECORDINGS.slice(1)), true, 'partly'],
  ['none is', named([]), false, 'none'],
  ['they are evaluated elsewhere, as by vmalert', named([]), true, 'installed'],
  ['nothing lists rules', undefined, false, 'unknown'],
])('tells of the recordings that %s', (_, inPrometheus, isRecorded, expected) => {
  expect(rulesReadinessOf(inPrometheus, named([]), { ...NOTHING, processes: isRecorded }).processRecordings).toBe(
    expected
  );
});

it('hands on what fails', () => {
  const failing = { name: 'GoOOMAhead', error: 'many-to-many matching' };
  expect(rulesReadinessOf([failing], named([]), NOTHING).failing).toEqual([failing]);
});
