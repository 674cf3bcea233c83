import { openMetrics } from './openMetrics';

describe('openMetrics', () => {
  it('is a line for each sample, series after series, labels in order', () => {
    const up = { __name__: 'up', job: 'a', instance: 'b' };
    expect(
      openMetrics([
        {
          metric: up,
          values: [
            [1.5, '1'],
            [16.5, '0'],
          ],
        },
        { metric: { __name__: 'go_goroutines' }, values: [[1.5, '7']] },
      ])
    ).toBe('go_goroutines 7 1.5\nup{instance="b",job="a"} 1 1.5\nup{instance="b",job="a"} 0 16.5\n# EOF\n');
  });

  it('escapes what a label may hold', () => {
    const metric = { __name__: 'up', job: 'a"b\\c\nd' };
    expect(openMetrics([{ metric, values: [[1, '+Inf']] }])).toBe('up{job="a\\"b\\\\c\\nd"} +Inf 1\n# EOF\n');
  });
});
