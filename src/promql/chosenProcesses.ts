import { anyOf, isOfContainers, isOfProcesses, type Matcher, withMatchers } from './withMatchers';

/** More of them make an expression of a thousand selectors longer than Prometheus is glad to parse. */
const MAX_CHOSEN = 30;

/**
 * The expression for these processes, and maybe some others: where one is not told by job and instance, or they are many, for all.
 * @param processes by their labels
 */
export function inProcesses(expr: string, processes: ReadonlyArray<{ labels: Record<string, string> }>): string {
  if (processes.length > MAX_CHOSEN) {
    return expr;
  }
  const of = (names: string[]) => names.flatMap((name) => matcher(name, processes) ?? []);
  return withMatchers(
    withMatchers(expr, of(['job', 'instance']), isOfProcesses),
    of(['namespace', 'pod']),
    isOfContainers
  );
}

function matcher(label: string, processes: ReadonlyArray<{ labels: Record<string, string> }>): Matcher | undefined {
  const values = new Set(processes.map(({ labels }) => labels[label] ?? ''));
  return values.has('') ? undefined : anyOf(label, [...values].sort());
}
