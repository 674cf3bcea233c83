import { anyOf, isOfCgroup, isOfContainers, isOfProcesses, type Matcher, withMatchers } from './withMatchers';

/** Processes by their labels. */
export type ByLabels = ReadonlyArray<{ labels: Record<string, string> }>;

/** More of them make an expression of a thousand selectors longer than Prometheus is glad to parse. */
const MAX_CHOSEN = 30;

/**
 * The expression for these processes, and maybe some others: where one is not told by job and instance, or they are more
 * than `most`, for all.
 */
export function inProcesses(expr: string, processes: ByLabels, most = MAX_CHOSEN): string {
  if (processes.length > most) {
    return expr;
  }
  return withMatchers(
    withMatchers(expr, processMatchers(processes), (metric) => isOfProcesses(metric) || isOfCgroup(metric)),
    // A process without a pod is in no container that is told by one, so none is right where no process has one.
    ['namespace', 'pod'].map((label) => anyOf(label, valuesOf(label, processes))),
    isOfContainers
  );
}

/** What picks these processes among others by job and instance. */
export function processMatchers(processes: ByLabels): Matcher[] {
  return ['job', 'instance'].flatMap((label) => {
    const values = valuesOf(label, processes);
    return values.includes('') ? [] : [anyOf(label, values)];
  });
}

function valuesOf(label: string, processes: ByLabels): string[] {
  return [...new Set(processes.map(({ labels }) => labels[label] ?? ''))].sort();
}
