import { parser } from '@prometheus-io/lezer-promql';
import { OUR_ALERTS, ourAlert, RECORDINGS } from '../alerting/ruleFiles';
import { inProcesses } from './chosenProcesses';
import { narrowed } from './possibleAlarms';

function hasErrors(promql: string): boolean {
  let found = false;
  parser.parse(promql).iterate({ enter: ({ type }) => void (found ||= type.isError) });
  return found;
}

const oom = (expr = ourAlert('GoOOMAhead')!.rule.expr) => narrowed({ alert: 'GoOOMAhead', expr }, RECORDINGS);

describe('narrowed', () => {
  it.each(OUR_ALERTS.map(({ rule }) => [rule.alert, rule] as const))(
    'asks of %s valid PromQL without recordings',
    (_, rule) => {
      for (const expr of narrowed(rule, RECORDINGS)) {
        expect(hasErrors(expr)).toBe(false);
        expect(expr).not.toContain('go_process:');
      }
    }
  );

  it('asks a rule that reads no recordings as it is', () => {
    const { rule } = ourAlert('GoGoroutineLeak')!;
    expect(narrowed(rule, RECORDINGS)).toEqual([rule.expr]);
  });

  it('asks for the time to OOM last, after what costs less', () => {
    const lengths = oom().map(({ length }) => length);
    expect(lengths.at(-1)).toBe(Math.max(...lengths));
    expect(lengths.at(-1)! / lengths[0]).toBeGreaterThan(10);
  });

  it('implies with the thresholds of the rule', () => {
    const { expr } = ourAlert('GoOOMAhead')!.rule;
    const [first] = oom(expr.replace('< 720', '< 1800').replace('> 50', '> 70'));
    expect(first).toContain('0.999 / 1800');
    expect(first).toContain('> 70 and');
  });
});

describe('inProcesses', () => {
  const web = { job: 'web', instance: 'a:80', namespace: 'prod', pod: 'web-1' };

  it('asks containers by their pod, and processes by job and instance', () => {
    expect(inProcesses('go_goroutines * on (pod) container_memory_rss', [{ labels: web }])).toBe(
      'go_goroutines{job="web", instance="a:80"} * on (pod) container_memory_rss{namespace="prod", pod="web-1"}'
    );
  });

  it('asks for no container of a process that is in no pod', () => {
    const noPod = { job: 'web', instance: 'b:80' };
    expect(inProcesses('go_goroutines + container_memory_rss', [{ labels: noPod }])).toBe(
      'go_goroutines{job="web", instance="b:80"} + container_memory_rss{namespace="", pod=""}'
    );
    expect(inProcesses('container_memory_rss', [{ labels: web }, { labels: noPod }])).toBe(
      'container_memory_rss{namespace=~"|prod", pod=~"|web-1"}'
    );
  });

  it('asks for all where one is not told by job and instance', () => {
    expect(inProcesses('go_goroutines', [{ labels: web }, { labels: { job: 'web' } }])).toBe(
      'go_goroutines{job="web"}'
    );
  });
});
