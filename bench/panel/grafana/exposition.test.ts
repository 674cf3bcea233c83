import { exposition, openMetrics } from './exposition';

const SAMPLES = [
  { metric: 'go_goroutines', labels: '', value: 3 },
  { metric: 'goroutine_calltree_goroutines', labels: 'depth="1",function="main.main"', value: 1 },
  { metric: 'goroutine_calltree_goroutines', labels: 'depth="1",function="net/http.(*conn).serve"', value: 2 },
];

test('a target says the type of each metric once', () => {
  expect(exposition(SAMPLES)).toBe(
    [
      '# TYPE go_goroutines gauge',
      'go_goroutines{} 3',
      '# TYPE goroutine_calltree_goroutines gauge',
      'goroutine_calltree_goroutines{depth="1",function="main.main"} 1',
      'goroutine_calltree_goroutines{depth="1",function="net/http.(*conn).serve"} 2',
      '',
    ].join('\n')
  );
});

test('the past has the labels of the target and the time', () => {
  expect(openMetrics(SAMPLES.slice(0, 2), 'job="shop"', 1764000000)).toBe(
    'go_goroutines{job="shop"} 3 1764000000\n' +
      'goroutine_calltree_goroutines{depth="1",function="main.main",job="shop"} 1 1764000000\n'
  );
});
