import dashboard from '../../dashboards/goroutine-stack-pressure.json';
import { DASHBOARD_PANELS } from '../constants';
import { grafanaGroup, grafanaRule } from './grafanaRule';
import type { AlertingRule, RuleGroup } from '../promql/prometheusRules';

const ALERT: AlertingRule = {
  alert: 'GoroutineStackPressure',
  expr: '(100 * g / m) > 85 and on (job, instance) (limit - used) < 5',
  for: '30s',
  keep_firing_for: '5m',
  labels: { severity: 'critical' },
  annotations: {
    summary: '{{ $labels.instance }} at {{ $value }}',
    description: '{{ with printf "f{job=%q}" $labels.job | query }}{{ . | first | label "function" }}{{ end }}',
  },
};

const TARGET = { datasourceUid: 'prometheus' };

function group(rules: RuleGroup['rules'], interval?: string): RuleGroup {
  return { name: 'pressure', interval, rules };
}

describe('grafanaRule', () => {
  const rule = grafanaRule(ALERT, 10, { ...TARGET, receiver: 'Robots' });

  it('asks for each side unfiltered, the later ones with a partner for each series of the first, and never for nothing', () => {
    expect(
      rule.data
        .filter(({ datasourceUid }) => datasourceUid === 'prometheus')
        .map(({ refId, model }) => [refId, model.expr])
    ).toEqual([
      ['A', '100 * g / m\nor on () vector(NaN)'],
      ['B', 'min by (job, instance) (limit - used)\nor on (job, instance) (100 * g / m) * NaN\nor on () vector(NaN)'],
      [
        'Q1',
        'topk by (job, instance) (1, f)\n* on (job, instance) group_right (function) (100 * g / m) ^ 0\nor on () vector(NaN)',
      ],
    ]);
  });

  it('has a threshold for each side, and a condition that joins them', () => {
    expect(
      rule.data.filter(({ datasourceUid }) => datasourceUid === '__expr__').map(({ model }) => model)
    ).toMatchObject([
      {
        refId: 'A_holds',
        type: 'threshold',
        expression: 'A',
        conditions: [{ evaluator: { type: 'gt', params: [85] } }],
      },
      {
        refId: 'B_holds',
        type: 'threshold',
        expression: 'B',
        conditions: [{ evaluator: { type: 'lt', params: [5] } }],
      },
      { refId: 'condition', type: 'math', expression: '${A_holds} && ${B_holds}' },
    ]);
    expect(rule.condition).toBe('condition');
  });

  it('keeps firing as long as Prometheus does, with and without series', () => {
    expect(rule).toMatchObject({ for: '30s', keepFiringFor: '5m', missing_series_evals_to_resolve: 30 });
    expect(grafanaRule({ alert: 'A', expr: 'a > 1' }, 60, TARGET)).toMatchObject({
      for: '0s',
      keepFiringFor: '0s',
      missing_series_evals_to_resolve: 1,
    });
  });

  it('says when it cannot be evaluated', () => {
    expect(rule).toMatchObject({ execErrState: 'Error', noDataState: 'NoData' });
  });

  it('carries the labels and the annotations of the alert, and the panel that shows it', () => {
    expect(rule.labels).toEqual({ severity: 'critical' });
    expect(rule.annotations).toEqual({
      summary: '{{ $labels.instance }} at {{ $values.A.Value }}',
      description: '{{ if $values.Q1.Labels.job }}{{ $values.Q1.Labels.function }}{{ end }}',
      __dashboardUid__: dashboard.uid,
      __panelId__: '1',
    });
    expect(dashboard.panels.find(({ id }) => id === DASHBOARD_PANELS.memory)?.title).toBe('Memory against its limit');
  });

  it('notifies a receiver only when there is one', () => {
    expect(rule.notification_settings).toEqual({ receiver: 'Robots', group_wait: '5s', group_interval: '1m' });
    expect(grafanaRule(ALERT, 10, TARGET)).not.toHaveProperty('notification_settings');
  });

  it('has a uid of its name', () => {
    const uid = (alert: string) => grafanaRule({ ...ALERT, alert }, 10, TARGET).uid;
    expect(uid('GoroutineStackPressure')).toBe('gsp-goroutine-stack-pressure');
    expect(uid('GoOOMAhead')).toBe('gsp-go-oom-ahead');
    expect(() => uid('A'.repeat(37))).toThrow('at most 40');
    expect(() => uid('Out of memory')).toThrow('alert "Out of memory": its name makes the uid');
  });

  it('names the alert whose expression has another form', () => {
    expect(() => grafanaRule({ ...ALERT, expr: 'a' }, 10, TARGET)).toThrow(
      'alert "GoroutineStackPressure": its expression'
    );
  });
});

describe('grafanaGroup', () => {
  it('is a group of the folder, with the alerts alone', () => {
    const made = grafanaGroup(group([{ record: 'r', expr: 'a' }, ALERT], '1m'), TARGET);
    expect(made).toMatchObject({ name: 'pressure', folder: 'Goroutine Stack Pressure', interval: '1m' });
    expect(made?.rules.map(({ title }) => title)).toEqual(['GoroutineStackPressure']);
  });

  it('is none when a group only records, whatever its interval', () => {
    expect(grafanaGroup(group([{ record: 'r', expr: 'a' }]), TARGET)).toBeUndefined();
  });

  it.each([undefined, '15s', '0s', '500ms'])('is refused with the interval %s', (interval) => {
    expect(() => grafanaGroup(group([ALERT], interval), TARGET)).toThrow(/group "pressure" .* multiple of 10s/);
  });

  it('is refused with an interval that is none', () => {
    expect(() => grafanaGroup(group([ALERT], '10 seconds'), TARGET)).toThrow('"10 seconds" is not a duration');
  });
});
