import { parseCondition } from './condition';

describe('parseCondition', () => {
  it('reads a comparison', () => {
    expect(parseCondition('go_process:time_to_oom_seconds < 9e2').comparisons).toEqual([
      { vector: 'go_process:time_to_oom_seconds', operator: '<', threshold: 900 },
    ]);
  });

  it.each(['up < 1', '(up) < 1 and (a) > 2'])('joins by all labels where none are said: %s', (expr) => {
    expect(parseCondition(expr).on).toBeUndefined();
  });

  it('reads a chain, in its order, joined by labels in any order', () => {
    expect(
      parseCondition('(a / b) > 85 and on (job, instance) (c) >= -0.35 and on (instance, job) rate(d[5m]) <= 1')
    ).toEqual({
      comparisons: [
        { vector: 'a / b', operator: '>', threshold: 85 },
        { vector: 'c', operator: '>=', threshold: -0.35 },
        { vector: 'rate(d[5m])', operator: '<=', threshold: 1 },
      ],
      on: ['job', 'instance'],
    });
  });

  it.each([
    ['((a) > 1 and on (job) (b) > 2) and on (job) (c) > 3'],
    ['(a) > 1 and on (job) ((b) > 2 and on (job) (c) > 3)'],
    ['(((a) > 1) and on (job) (((b) > 2) and on (job) (c) > 3))'],
  ])('flattens the nested %s', (expr) => {
    expect(parseCondition(expr).comparisons.map(({ vector, threshold }) => [vector, threshold])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
  });

  it('splits at the top only, not within vectors or strings', () => {
    const { comparisons } = parseCondition('(a{x="p > 1 and q > 2"} and on (job) b > 3) > 4');
    expect(comparisons).toEqual([{ vector: 'a{x="p > 1 and q > 2"} and on (job) b > 3', operator: '>', threshold: 4 }]);
  });

  it('keeps offsets and @ modifiers, and drops comments', () => {
    const { comparisons } = parseCondition(`
      ( # ) > 1 and nothing
        a - a offset 5m # against five minutes ago
      ) > 1
      and on (job) (b @ end()) > 2`);
    expect(comparisons.map(({ vector }) => vector.replace(/\s+/g, ' '))).toEqual(['a - a offset 5m', 'b @ end()']);
  });

  it.each([
    ['has no comparison', 'a'],
    ['compares two series', 'a > b'],
    ['compares with a calculation', 'a > 1 + 1'],
    ['compares with what is no number of Grafana', 'a > Inf'],
    ['has the number first', '1 < a'],
    ['gives 0 or 1', 'a > bool 1'],
    ['compares for equality', 'a == 1'],
    ['joins on labels and on all', 'a > 1 and b > 1 and on (job) c > 1'],
    ['joins by ignoring', 'a > 1 and ignoring (x) b > 1'],
    ['joins on nothing', 'a > 1 and on () b > 1'],
    ['joins on different labels', 'a > 1 and on (job) b > 1 and on (instance) c > 1'],
    ['has alternatives', 'a > 1 or b > 1'],
    ['has an exception', 'a > 1 unless on (job) b > 1'],
    // The grammar takes the offset for one of the whole chain.
    ['has an operation without parentheses', 'a > 1 and on (job) b - b offset 5m > 1'],
    ['has an offset that reaches over the chain', 'a > 1 and on (job) b offset 5m > 1'],
    ['has a modifier that reaches over the chain', 'a > 1 and on (job) b @ end() > 1'],
  ])('says which form is supported when an expression %s', (_, expr) => {
    expect(() => parseCondition(expr)).toThrow('(<vector>) > <number> and (<vector>) > <number>');
  });

  it('says when an expression is not PromQL', () => {
    expect(() => parseCondition('a > 1 and')).toThrow('not valid PromQL: a > 1 and');
  });
});
