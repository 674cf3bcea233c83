import { isOfProcesses, literally, type Matcher, withMatchers } from '../promql/withMatchers';
import { PROBE_JOB_SUFFIX } from '../promql/metrics';

/** Metrics of programs that are no Go processes: of JVMs. */
const OF_OTHERS = /^jvm_/;

/** What the collector says of itself, be it linked into the process or a probe of it; and whether the probe answers. */
const OF_COLLECTORS = /^(goroutine_stack_exporter_|up$)/;

/**
 * The alert's expression for the processes that the matchers pick; limits of containers and the like need none, as they are
 * joined to these.
 */
export function restrict(expr: string, matchers: readonly Matcher[]): string {
  const processes = withMatchers(expr, matchers, (metric) => isOfProcesses(metric) || OF_OTHERS.test(metric));
  return withMatchers(processes, matchers.map(ofProbesToo), (metric) => OF_COLLECTORS.test(metric));
}

/** A probe's job is the program's with a suffix (docs/design.md, "Identity"). */
function ofProbesToo(matcher: Matcher): Matcher {
  if (matcher.label !== 'job') {
    return matcher;
  }
  const isNegative = matcher.operator.startsWith('!');
  const isRegex = matcher.operator.endsWith('~');
  return {
    label: 'job',
    operator: isNegative ? '!~' : '=~',
    value: `(${isRegex ? matcher.value : literally(matcher.value)})(${PROBE_JOB_SUFFIX})?`,
  };
}
