import { parser } from '@prometheus-io/lezer-promql';
import { timeToLimit, urgency } from './urgency';
import { withMatchers } from './withMatchers';

it.each(Object.entries({ timeToLimit, urgency }))('%s is PromQL, and can be asked for chosen processes', (_, expr) => {
  const chosen = withMatchers(expr, [{ label: 'job', operator: '=', value: 'web' }]);
  const errors: number[] = [];
  parser.parse(chosen).iterate({ enter: ({ type, from }) => void (type.isError && errors.push(from)) });
  expect(errors).toEqual([]);
  expect(chosen).not.toMatch(/\b(go|process)_\w+(?!\w|\{job="web"\})/);
});
