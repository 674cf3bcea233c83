import type { Recordings } from '../inlineRecordings';
import { GOROUTINES } from '../metrics';
import { chosen, shown, urgencyOfShown, urgencyOfWatched, watched } from './selection';

const TIME_TO_OOM = 'go_process:time_to_oom_seconds';
const LIMIT = 'go_process:memory_limit_bytes';
const USED = 'go_process:memory_used_bytes';
const STACKS = 'go_memstats_stack_inuse_bytes';

/** Percent, with the label `limit`. */
const USED_OF_LIMIT = `100 * ${USED} / ignoring (limit) group_right () ${LIMIT}`;
const STACKS_OF_USED = `100 * ${STACKS} / ${USED}`;

/** Seconds, of a process whose time is not foreseen: it is then the last one, and still has a name. */
export const NOT_FORESEEN = 1e9;

/** "Is anything about to die?" of the chosen instances, by the alerts' own figures; of many, the worst. */
export function dangerOfChosen(recordings: Recordings) {
  const worst = (expr: string) => shown(expr, recordings);
  return {
    /** Seconds, by instance. */
    timeToOom:
      `bottomk(1, min by (instance) (${worst(TIME_TO_OOM)}))` +
      ` or on () (topk(1, max by (instance) (${urgencyOfShown})) * 0 + ${NOT_FORESEEN})`,
    /** Percent, by kind of limit. */
    usedOfLimit: `topk(1, max by (limit) (${worst(USED_OF_LIMIT)}))`,
    /** Bytes, by kind of limit. */
    limit: `bottomk(1, min by (limit) (${worst(LIMIT)}))`,
    goroutines: chosen(`sum(${GOROUTINES})`),
    goroutinesChange: chosen(`sum(${GOROUTINES} - ${GOROUTINES} offset 5m)`),
    stacks: chosen('sum(go_memstats_stack_sys_bytes)'),
    /** Percent of the memory that is used. */
    stacksShare: `max(${worst(STACKS_OF_USED)})`,
  };
}

/** A column each, by job and instance. The first two order the rows: by time, and where none is foreseen by urgency. */
export function dangerOfWatched(recordings: Recordings) {
  const by = (labels: string, expr: string) => `max by (${labels}) (${watched(expr, recordings)})`;
  const byProcess = (expr: string) => by('job, instance', expr);
  return {
    timeToOom: `sort(${byProcess(TIME_TO_OOM)} or ${byProcess(GOROUTINES)} * 0 + ${NOT_FORESEEN})`,
    urgency: `sort_desc(max by (job, instance) (${urgencyOfWatched}))`,
    usedOfLimit: byProcess(USED_OF_LIMIT),
    used: byProcess(USED),
    limit: by('job, instance, limit', LIMIT),
    goroutines: byProcess(GOROUTINES),
    goroutinesChange: byProcess(`${GOROUTINES} - ${GOROUTINES} offset 5m`),
    stacksShare: byProcess(STACKS_OF_USED),
  };
}
