import { parseCondition } from './condition';
import { OUR_ALERTS, ourAlert } from './ruleFiles';
import { THRESHOLD_SETTINGS, thresholdsOf, withChosenThresholds } from './thresholds';

const numbersOf = (expr: string) => parseCondition(expr).comparisons.map(({ threshold }) => threshold);

const places = THRESHOLD_SETTINGS.flatMap((setting) =>
  Object.entries(setting.sets).map(([alert, index]) => ({ setting, name: setting.name, alert, index }))
);

describe('the settings of thresholds', () => {
  it.each(places)('have as default what the rule files have: $name of $alert', ({ setting, alert, index }) => {
    const { rule } = ourAlert(alert)!;
    expect(setting.default * setting.factor).toBeCloseTo(numbersOf(rule.expr)[index], 10);
  });

  it('never set one comparison twice', () => {
    const all = places.map(({ alert, index }) => `${alert} ${index}`);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('withChosenThresholds', () => {
  it.each(OUR_ALERTS.map(({ rule }) => rule))('changes nothing of $alert without a choice', (rule) => {
    expect(withChosenThresholds(rule, {})).toEqual(rule);
  });

  it('moves the two alerts that a share of stacks divides together', () => {
    const [ahead, stackAhead] = ['GoOOMAhead', 'GoStackOOMAhead'].map((name) =>
      withChosenThresholds(ourAlert(name)!.rule, { stackShare: 25, minutesLeft: 20 })
    );
    expect(numbersOf(ahead.expr)).toEqual([1200, 50, 25]);
    expect(numbersOf(stackAhead.expr)).toEqual([1200, 50, 25]);
    expect(ahead.expr).toContain('<= 25');
    expect(stackAhead.expr).toContain('> 25');
  });

  it('writes percents of what rules have as fractions without rounding errors', () => {
    const { expr } = withChosenThresholds(ourAlert('JVMThreadPressure')!.rule, { headroomUsed: 29 });
    expect(numbersOf(expr)).toEqual([85, 0.29]);
  });

  it('has the settings of an alert in the order of its condition', () => {
    expect(thresholdsOf('GoOOMAhead').map(({ name }) => name)).toEqual(['minutesLeft', 'memoryUsed', 'stackShare']);
    expect(thresholdsOf('GoCollectorBlind')).toEqual([]);
  });
});
