import { isAlertingRule } from '../promql/prometheusRules';
import { chosenAlerts, chosenGrafanaGroups, chosenGroups, defaultChoices, type InstallChoices } from './choices';
import { parseCondition } from './condition';
import { OUR_ALERTS } from './ruleFiles';

const DEFAULTS = defaultChoices('prom1');
const ALL = { ...DEFAULTS, alerts: OUR_ALERTS.map(({ rule }) => rule.alert) };
const IN_PROD = [{ label: 'namespace', operator: '=', value: 'prod' }] as const;

const exprOf = (choices: InstallChoices, name: string) =>
  chosenAlerts(choices).find(({ alert }) => alert === name)!.expr;

describe('chosenGroups', () => {
  it('has all alerts but the article’s by default', () => {
    expect(chosenGroups(DEFAULTS).map(({ name }) => name)).toEqual([
      'go-process-oom',
      'go-process-leaks',
      'goroutine-collector',
    ]);
  });

  it('leaves groups out of which nothing is chosen', () => {
    expect(chosenGroups({ ...DEFAULTS, alerts: ['GoCollectorBlind'] }).map(({ name }) => name)).toEqual([
      'goroutine-collector',
    ]);
  });

  it('has the recordings that the chosen alerts read, and no others', () => {
    const recorded = (alerts: string[]) =>
      chosenGroups({ ...DEFAULTS, recorded: true, alerts })
        .flatMap(({ rules }) => rules)
        .flatMap((rule) => (isAlertingRule(rule) ? [] : [rule.record]));
    expect(recorded(['GoOOMUnpredictable'])).toEqual(['go_process:memory_limit_bytes']);
    expect(recorded(['GoGCThrash'])).toEqual(['go_process:gc_cycle_bytes', 'go_process:gc_pressure_ratio']);
    expect(recorded(['GoCollectorBlind'])).toEqual([]);
  });

  it('puts recordings in their place where Prometheus has none, so that no alert reads any', () => {
    expect(chosenAlerts(ALL).filter(({ expr }) => expr.includes('go_process:'))).toEqual([]);
    expect(exprOf({ ...DEFAULTS, recorded: true }, 'GoOOMAhead')).toContain('go_process:time_to_oom_seconds');
  });

  it('keeps the form that a Grafana rule is made from, whatever is chosen', () => {
    for (const recorded of [true, false]) {
      for (const { alert, expr } of chosenAlerts({ ...ALL, recorded, matchers: IN_PROD })) {
        const { rule } = OUR_ALERTS.find((our) => our.rule.alert === alert)!;
        expect(parseCondition(expr).comparisons).toHaveLength(parseCondition(rule.expr).comparisons.length);
      }
    }
  });

  it('restricts each process’s own metrics, after recordings are in their place', () => {
    const chosen = { ...DEFAULTS, matchers: IN_PROD };
    expect(exprOf({ ...chosen, recorded: true }, 'GoOOMAhead')).toContain(
      '(go_process:time_to_oom_seconds{namespace="prod"}) < 720'
    );
    const inlined = exprOf(chosen, 'GoOOMAhead');
    expect(inlined.match(/\bgo_goroutines\b/g)).toHaveLength(
      inlined.match(/\bgo_goroutines\{namespace="prod"\}/g)!.length
    );
    expect(inlined).toContain('kube_pod_container_resource_limits{resource="memory"}');
  });

  it('restricts what the collector says of itself to the job and its probe', () => {
    const matchers = [{ label: 'job', operator: '=', value: 'a.b' }] as const;
    const expr = exprOf({ ...DEFAULTS, matchers }, 'GoCollectorBlind');
    expect(expr).toContain('goroutine_stack_exporter_snapshot_timestamp_seconds{job=~"(a\\\\.b)(-goroutines)?"}');
    expect(expr).toContain('up{job=~"(a\\\\.b)(-goroutines)?", job=~".+-goroutines"}');
  });
});

describe('chosenGrafanaGroups', () => {
  const queriesOf = (choices: InstallChoices) =>
    chosenGrafanaGroups(choices)
      .flatMap(({ rules }) => rules)
      .flatMap(({ data }) => data)
      .flatMap(({ model }) => (typeof model.expr === 'string' && model.type === undefined ? [model.expr] : []));

  it('restricts the queries of annotations too', () => {
    for (const expr of queriesOf({ ...ALL, matchers: IN_PROD })) {
      expect(expr).not.toMatch(/\bgo_goroutines\b(?!\{namespace="prod")/);
    }
  });

  it('reads recordings in conditions and annotations where Prometheus has them, and else nowhere', () => {
    expect(queriesOf(ALL).filter((expr) => expr.includes('go_process:'))).toEqual([]);
    expect(
      queriesOf({ ...DEFAULTS, recorded: true }).filter((expr) => expr.includes('go_process:')).length
    ).toBeGreaterThan(5);
  });

  it.each([
    [{ kind: 'policies' }, undefined],
    [
      { kind: 'contactPoint', name: 'On call' },
      { receiver: 'On call', group_wait: '5s', group_interval: '1m' },
    ],
    [
      { kind: 'ours', robots: ['slack'] },
      { receiver: 'Goroutine Stack Pressure', group_wait: '5s', group_interval: '1m' },
    ],
  ] as const)('notifies as chosen: %j', (delivery, expected) => {
    const [{ rules }] = chosenGrafanaGroups({ ...DEFAULTS, delivery });
    expect(rules[0].notification_settings).toEqual(expected);
  });
});
