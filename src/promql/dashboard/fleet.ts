import {
  CALLTREE_GOROUTINES,
  CALLTREE_STACK_BYTES,
  GOROUTINES,
  PROBE_JOB_SUFFIX,
  PROCESS_START,
  STACK_FRAMES_MAX,
  treeJobMatcher,
} from '../metrics';
import { memoryLimit, memoryUsed, recordedUrgency, timeToLimit, urgency } from '../urgency';
import { NOT_FORESEEN } from './danger';
import { BASELINE, beforeLastRestart, mergedTree, restarted, uncovered } from './callTrees';
import { unlessAllRecorded } from './selection';

const byJob = (expr: string) => `sum by (job) (${expr})`;

/** Processes with a call tree, by the program's own job. */
const treesByProgram =
  `count by (program) (count by (program, instance) (label_replace(${STACK_FRAMES_MAX}` +
  `, "program", "$1", "job", "(.+?)(${PROBE_JOB_SUFFIX})?")))`;

/** A column each, by job; the first orders the rows. */
export const jobs = {
  urgency: `sort_desc(max by (job) (${unlessAllRecorded(urgency, recordedUrgency)}))`,
  processes: `count by (job) (${GOROUTINES})`,
  /** Seconds: the alerts' time to OOM where it is recorded, else a straight line. */
  timeToLimit: `min by (job) (${unlessAllRecorded(timeToLimit, 'go_process:time_to_oom_seconds')}) or max by (job) (${GOROUTINES}) * 0 + ${NOT_FORESEEN}`,
  goroutines: byJob(GOROUTINES),
  goroutinesChange: byJob(`${GOROUTINES} - ${GOROUTINES} offset 5m`),
  restarts: byJob(`changes(${PROCESS_START}[1h])`),
  callTrees: `label_replace(${treesByProgram}, "job", "$1", "program", "(.+)")`,
};

/** Percent of its limit, of the process that is the fullest. */
export const usedOfLimit = `100 * max by (job) (${unlessAllRecorded(
  `(${memoryUsed}) / (${memoryLimit})`,
  'go_process:memory_used_bytes / ignoring (limit) group_right () go_process:memory_limit_bytes'
)})`;

export const goroutinesByJob = byJob(GOROUTINES);
export const stacksByJob = byJob('go_memstats_stack_sys_bytes');
/** In the five minutes before. */
export const restartsByJob = `${byJob(`changes(${PROCESS_START}[5m])`)} > 0`;

const PROCESSES = 'job=~"$job"';
const TREES = treeJobMatcher('$job');

/**
 * The series of a job's trees: what calltree.rules.yml records, by name, or where that is not there, each process' own. Which
 * it is is asked once, by a variable, as `recorded or on () merged` would always merge.
 */
export const treeSources = {
  goroutines: source(CALLTREE_GOROUTINES),
  bytes: source(CALLTREE_STACK_BYTES),
};

/** A selector; the values are the names of its metrics, of which the greatest is the recorded one. */
function source(metric: string): string {
  return `{__name__=~"job:${metric}:sum|${metric}", depth="1", ${TREES}}`;
}

export const fleetTree = {
  callTree: mergedTree(`{__name__=~"$tree", ${TREES}}`),
  callTreeBefore: mergedTree(`{__name__=~"$tree", ${TREES}} ${BASELINE}`),
  stackBytes: mergedTree(`{__name__=~"$bytes", ${TREES}}`),
  stackBytesBefore: mergedTree(`{__name__=~"$bytes", ${TREES}} ${BASELINE}`),
  uncoveredProcesses: uncovered(TREES),
  restartedProcesses: restarted(PROCESSES),
  timeBeforeLastRestart: beforeLastRestart(PROCESSES),
};
