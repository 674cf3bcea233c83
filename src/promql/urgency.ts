import {
  CGROUP_LIMIT,
  CGROUP_UNRECLAIMABLE,
  CONTAINER_LIMIT,
  GOMEMLIMIT,
  GOROUTINES,
  KUBERNETES_LIMIT,
  limited,
  RESIDENT_MEMORY,
} from './metrics';

/**
 * Which processes to look at first, among thousands. The alerts' own time to OOM (alerts/oom.rules.yml) takes some 4 ms a
 * process; this takes a hundredth. What it pays with: noise counts as growth, and what GOMEMLIMIT holds back does not. So it
 * ranks, and the exact time says of the first few whether there is a reason to worry.
 *
 * Each expression is of all processes, with all labels of their targets; `withMatchers` makes it one of chosen processes.
 */

const CONTAINER = 'namespace, pod, container';

/** A container's limit, for each process in it. */
function ofContainer(limits: string): string {
  return `${GOROUTINES} * 0 + on (${CONTAINER}) group_left () min by (${CONTAINER}) (${limits})`;
}

/** Bytes: the limits of the alerts, in their order, but for what the host has left. */
export const memoryLimit = [
  limited(CGROUP_LIMIT),
  ofContainer(limited(`{__name__=~"${CGROUP_LIMIT}|${CONTAINER_LIMIT}", pod!="", container!=""}`)),
  ofContainer(`${KUBERNETES_LIMIT}{resource="memory"} > 0`),
  limited(GOMEMLIMIT),
].join(' or ');

/** What the kernel counts for the process; else what it holds of itself, or what the Go runtime does. */
function memory(ofMetric: (metric: string) => string): string {
  const ofGo = `${ofMetric('go_memstats_sys_bytes')} - ${ofMetric('go_memstats_heap_released_bytes')}`;
  return `${ofMetric(CGROUP_UNRECLAIMABLE)} or ${ofMetric(RESIDENT_MEMORY)} or ${ofGo}`;
}

/** Bytes. */
export const memoryUsed = memory((metric) => metric);

/** Bytes a second over five minutes; less than none where memory shrinks. */
export const memoryGrowth = memory((metric) => `deriv(${metric}[5m])`);

/** Bytes to the limit: one MiB at least, so that of processes beyond it the one that grows fastest is first. */
const left = `clamp_min((${memoryLimit}) - (${memoryUsed}), 2^20)`;

/** Seconds to the limit, if memory grows on as in the last five minutes; absent where it did not, or no limit is known. */
export const timeToLimit = `${left} / ((${memoryGrowth}) > 0)`;

/** Of those that do not grow, the one with the least left is then first: it is none to overlook at 100 %. */
const LEAST_GROWTH = 100;

/**
 * One by the seconds to the limit: the greater the worse. Where no limit is known, one by the seconds in which goroutines
 * double, counted from a thousand at least, as a few more of a few are nothing. Every process has one.
 */
export const urgency =
  `clamp_min(${memoryGrowth}, ${LEAST_GROWTH}) / ${left}` +
  ` or deriv(${GOROUTINES}[5m]) / clamp_min(${GOROUTINES}, 1000)` +
  ` or ${GOROUTINES} * 0`;

const TIME_TO_OOM = 'go_process:time_to_oom_seconds';
const RECORDED_USED = 'go_process:memory_used_bytes';
const recordedLeft = `clamp_min(max without (limit) (go_process:memory_limit_bytes) - ${RECORDED_USED}, 2^20)`;

/** The same by what Prometheus records of alerts/oom.rules.yml, the alerts' own time to OOM first; none where it records nothing. */
export const recordedUrgency =
  `1 / clamp_min(${TIME_TO_OOM}, 1)` +
  ` or ${LEAST_GROWTH} / ${recordedLeft}` +
  ` or deriv(${GOROUTINES}[5m]) / clamp_min(${GOROUTINES}, 1000) and ${RECORDED_USED}` +
  ` or ${GOROUTINES} * 0 and ${RECORDED_USED}`;
