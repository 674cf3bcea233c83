import { inlineRecordings, type Recordings } from './inlineRecordings';

const RECORDINGS: Recordings = new Map([
  ['p:used', { expr: 'max by (a) (b)\n', intervalSeconds: 20 }],
  ['p:growth', { expr: 'deriv(p:used[5m])', intervalSeconds: 20 }],
]);

function inlined(expr: string) {
  return inlineRecordings(expr, RECORDINGS);
}

describe('inlineRecordings', () => {
  it.each([
    ['nothing', 'go_goroutines > 1', 'go_goroutines > 1'],
    ['an instant', 'p:used / limit', '(max by (a) (b)) / limit'],
    ['a range', 'deriv(p:used[5m])', 'deriv((max by (a) (b))[5m:20s])'],
    [
      'an offset',
      'p:used - p:used offset 100s',
      '(max by (a) (b)) - last_over_time((max by (a) (b))[20s:20s] offset 100s)',
    ],
    ['a range with an offset', 'deriv(p:used[5m] offset 1h)', 'deriv((max by (a) (b))[5m:20s] offset 1h)'],
    ['a recording of a recording', 'p:growth > 0', '(deriv((max by (a) (b))[5m:20s])) > 0'],
    ['a name that another begins with', 'p:used_by_all', 'p:used_by_all'],
    [
      'a name in a string',
      'label_replace(x, "p:used", "p:used", "", "")',
      'label_replace(x, "p:used", "p:used", "", "")',
    ],
  ])('replaces %s', (_, expr, expected) => {
    expect(inlined(expr)).toBe(expected);
  });

  it('refuses a recording with matchers, and says how to write it', () => {
    expect(() => inlined('p:used{job="a"} > 1')).toThrow('write p:used without matchers');
  });
});
