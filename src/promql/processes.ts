import { type ByLabels, inProcesses, processMatchers } from './chosenProcesses';
import { inlineRecordings } from './inlineRecordings';
import { CALLTREE_GOROUTINES, GOROUTINES, PROBE_JOB_SUFFIX, PROCESS_START } from './metrics';
import { PROCESS_ALERTS, processRecordings } from './processRecordings';
import { recordedUrgency, urgency } from './urgency';
import { anyOf, literally, type Matcher, withMatchers, writtenMatcher } from './withMatchers';

const TIME_TO_OOM = 'go_process:time_to_oom_seconds';
const LIMIT = 'go_process:memory_limit_bytes';
const USED = 'go_process:memory_used_bytes';
const STACKS = 'go_memstats_stack_inuse_bytes';

/** The greatest growth of memory by any of the windows that a prediction looks at, in bytes a second. */
const FASTEST_GROWTH = ['5m', '15m', '1h'].map((window) => `deriv(${USED}[${window}])`);

/** Which processes: of one job, or with a text in their instance. */
export interface ProcessFilter {
  job?: string;
  instance?: string;
}

export function matchersOf({ job, instance }: ProcessFilter): Matcher[] {
  return [
    ...(job ? [{ label: 'job', operator: '=' as const, value: job }] : []),
    ...(instance ? [{ label: 'instance', operator: '=~' as const, value: `(?i).*${literally(instance)}.*` }] : []),
  ];
}

/** Processes by job, of all jobs. */
export const processesByJob = `count by (job) (${GOROUTINES})`;

/**
 * The processes to look at first, at most `count` of them, by all of their labels, and how many there are. `recorded` gives
 * none where Prometheus does not record our rules; then ask `rankedByMetrics`.
 */
export function overviewQueries(filter: ProcessFilter, count: number) {
  const only = (expr: string) => withMatchers(expr, matchersOf(filter));
  return {
    total: only(`count(${GOROUTINES})`),
    recorded: only(`topk(${count}, ${recordedUrgency})`),
  };
}

/** The same from metrics alone: cheap for thousands of processes, as it only has to bring those that grow into sight. */
export function rankedByMetrics(filter: ProcessFilter, count: number): string {
  return withMatchers(`topk(${count}, ${urgency})`, matchersOf(filter));
}

/**
 * What the page shows of these processes. Without recordings there is no time to OOM in it, whose expression has a thousand
 * selectors, but what bounds it: ask `timeToOom` for those that it can concern.
 * @param recorded whether Prometheus records our rules
 */
export function detailQueries(processes: ByLabels, recorded: boolean) {
  const only = (expr: string) => inProcesses(recorded ? expr : inlined(expr), processes, Infinity);
  const matchers = processMatchers(processes);
  const trees = matchers.filter(({ label }) => label === 'instance').map(writtenMatcher);
  const roots = `${CALLTREE_GOROUTINES}{${[...trees, 'depth="1"'].join(', ')}}`;
  const alerts = [anyOf('alertname', PROCESS_ALERTS), ...matchers].map(writtenMatcher).join(', ');
  return {
    limit: only(LIMIT),
    used: only(USED),
    goroutines: only(GOROUTINES),
    goroutinesChange: only(`${GOROUTINES} - ${GOROUTINES} offset 5m`),
    stacks: only(STACKS),
    age: only(`time() - ${PROCESS_START}`),
    alerts: `ALERTS{${alerts}}`,
    functions: growingFastest(roots),
    ...(recorded
      ? { timeToOom: only(TIME_TO_OOM) }
      : Object.fromEntries(FASTEST_GROWTH.map((growth, index) => [`growth${index}`, only(growth)]))),
  };
}

/** The alerts' own time to OOM, in seconds, from metrics alone: some tenths of a second, for its thousand selectors. */
export function timeToOom(processes: ByLabels): string {
  return inProcesses(inlined(TIME_TO_OOM), processes, Infinity);
}

const inlinedTexts = new Map<string, string>();

/** Without recordings; some expressions become tens of kilobytes, so each is made once. */
function inlined(expr: string): string {
  const text = inlinedTexts.get(expr) ?? inlineRecordings(expr, processRecordings);
  inlinedTexts.set(expr, text);
  return text;
}

/**
 * By job and instance, the function in which most of the goroutines start that came in five minutes, as in the alerts: the
 * probe's job is the program's.
 */
function growingFastest(roots: string): string {
  const toProgram = (expr: string) => `label_replace(${expr}, "process", "$1", "job", "(.+?)(${PROBE_JOB_SUFFIX})?")`;
  const growth = `${roots} - (${roots} offset 5m or ${roots} * 0) and on (job, instance) ${roots} offset 5m`;
  const byProgram = `sum by (process, instance, function) (${toProgram(growth)})`;
  return `topk by (job, instance) (1, label_replace(${byProgram}, "job", "$1", "process", "(.+)")) > 0`;
}
