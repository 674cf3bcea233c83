import { withoutMetricName } from './metricName';

it.each([
  ['a * 100', 'a * 100'],
  ['a - b', 'a - b'],
  ['sum by (job) (a)', 'sum by (job) (a)'],
  ['deriv(a[5m])', 'deriv(a[5m])'],
  ['a', '(a) + 0'],
  ['a > 1', '(a > 1) + 0'],
  ['last_over_time(a[5m])', '(last_over_time(a[5m])) + 0'],
  ['label_replace(a, "b", "c", "", "")', '(label_replace(a, "b", "c", "", "")) + 0'],
  ['topk(1, a)', '(topk(1, a)) + 0'],
  ['a * 2 or b', '(a * 2 or b) + 0'],
])('makes of %s %s', (vector, expected) => {
  expect(withoutMetricName(vector)).toBe(expected);
});
