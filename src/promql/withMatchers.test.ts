import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { anyOf, isOfContainers, type Matcher, withMatchers } from './withMatchers';

const WEB: Matcher = { label: 'job', operator: '=', value: 'web' };

it.each([
  ['go_goroutines', 'go_goroutines{job="web"}'],
  ['go_goroutines{} + 1', 'go_goroutines{job="web"} + 1'],
  ['go_goroutines{pod!=""}', 'go_goroutines{job="web", pod!=""}'],
  ['deriv(go_goroutines[5m] offset 2m)', 'deriv(go_goroutines{job="web"}[5m] offset 2m)'],
  ['deriv((process_a - go_b)[5m:20s])', 'deriv((process_a{job="web"} - go_b{job="web"})[5m:20s])'],
  ['go_process:time_to_oom_seconds < 60', 'go_process:time_to_oom_seconds{job="web"} < 60'],
])('picks processes in %s', (expr, expected) => {
  expect(withMatchers(expr, [WEB])).toBe(expected);
});

it.each([
  ['go_a * on (pod) group_left () container_b', 'go_a * on (pod) group_left () container_b{job="web"}'],
  ['min by (pod) ({__name__=~"cgroup_a|container_b"})', 'min by (pod) ({job="web", __name__=~"cgroup_a|container_b"})'],
])('picks containers in %s where that is asked', (expr, expected) => {
  expect(withMatchers(expr, [WEB], isOfContainers)).toBe(expected);
});

it('leaves what is joined to a process: it has labels of its own', () => {
  const expr = 'go_a + on (pod) group_left () max by (pod) (container_b{pod!=""})';
  expect(withMatchers(expr, [WEB])).toBe(expr.replace('go_a', 'go_a{job="web"}'));
});

it('changes nothing without matchers', () => {
  expect(withMatchers('go_a', [])).toBe('go_a');
});

it('says when there is no expression to put them into', () => {
  expect(() => withMatchers('go_a{', [WEB])).toThrow('not valid PromQL: go_a{');
});

it('is valid for any value: values are untrusted', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 }), (values) => {
      const expr = withMatchers('go_a', [anyOf('job', values)]);
      const errors: string[] = [];
      parser.parse(expr).iterate({ enter: ({ type, name }) => void (type.isError && errors.push(name)) });
      expect(errors).toEqual([]);
      expect(expr.startsWith('go_a{job=')).toBe(true);
      expect(expr.endsWith('"}')).toBe(true);
    })
  );
});

it('matches each of several values literally', () => {
  expect(anyOf('instance', ['10.0.0.1:80', 'a|b'])).toEqual({
    label: 'instance',
    operator: '=~',
    value: '10\\.0\\.0\\.1:80|a\\|b',
  });
});
