import type { Recordings } from '../inlineRecordings';
import { GOROUTINES, PROCESS_START } from '../metrics';
import { memoryGrowth } from '../urgency';
import { chosen, PROCESS } from './selection';

const RESIDENT = 'go_process:memory_resident_bytes';
const STACKS = 'go_memstats_stack_sys_bytes';
const HEAP = 'go_memstats_heap_inuse_bytes';

/** "Since when, how fast?": bytes over time, of several instances their sums. */
export function memoryCourse(recordings: Recordings) {
  const sum = (expr: string) => `sum(${chosen(expr, recordings)})`;
  return {
    stacks: sum(STACKS),
    heap: sum(HEAP),
    /** What is neither: code, the collector's own, cgo, memory that is free but not given back. */
    rest: `clamp_min(${sum(RESIDENT)} - ${sum(HEAP)} - ${sum(STACKS)}, 0)`,
    /** By kind of limit. */
    limit: `sum by (limit) (${chosen('go_process:memory_limit_bytes', recordings)})`,
    inFiveMinutes: `${sum(RESIDENT)} + 300 * ${sum(memoryGrowth)}`,
  };
}

export const goroutinesByInstance = `sum by (instance) (${GOROUTINES}{${PROCESS}})`;

/** Alerts of Prometheus that fire, by name and instance. */
export const firingAlerts = `max by (alertname, instance, severity) (ALERTS{alertstate="firing", ${PROCESS}})`;

/** When processes began, in milliseconds of Unix time, within the dashboard's range. */
export const starts = `1000 * max by (instance) (${PROCESS_START}{${PROCESS}}) > $__from`;
