import {
  CALLTREE_GOROUTINES,
  CALLTREE_LABELS,
  CALLTREE_STACK_BYTES,
  PROCESS_START,
  STACK_FRAMES_MAX,
} from '../metrics';
import { PROCESS, TREE } from './selection';

/** The dashboard's hidden variable, which holds the modifier of the baseline's selectors: `offset 5m`, `@ 1764000000`. */
export const BASELINE_VARIABLE = 'baseline';
export const BASELINE = `$${BASELINE_VARIABLE}`;

export const callTree = mergedTree(`${CALLTREE_GOROUTINES}{${TREE}}`);
export const callTreeBefore = mergedTree(`${CALLTREE_GOROUTINES}{${TREE}} ${BASELINE}`);
export const stackBytes = mergedTree(`${CALLTREE_STACK_BYTES}{${TREE}}`);
export const stackBytesBefore = mergedTree(`${CALLTREE_STACK_BYTES}{${TREE}} ${BASELINE}`);

export function mergedTree(selector: string): string {
  return `sum by (${CALLTREE_LABELS.join(', ')}) (${selector})`;
}

/** Processes with a tree now and none at the baseline: what they have is no growth that was seen. */
export const uncoveredProcesses = uncovered(TREE);

export function uncovered(trees: string): string {
  const processes = (modifier = '') =>
    `count by (job, instance) (${STACK_FRAMES_MAX}{${trees}}${modifier && ` ${modifier}`})`;
  return `count(${processes()} unless ${processes(BASELINE)})`;
}

/** Processes under the same name that are not the ones of the baseline. */
export const restartedProcesses = restarted(PROCESS);

export function restarted(processes: string): string {
  return `count(${PROCESS_START}{${processes}} != (${PROCESS_START}{${processes}} ${BASELINE}))`;
}

/**
 * Unix time just before the job's last restart, within six hours: when the newest start of a process was still an older one
 * than it is now. By job, as a new process can be a new instance.
 */
export const timeBeforeLastRestart = beforeLastRestart(PROCESS);

export function beforeLastRestart(processes: string): string {
  const newest = `max by (job) (${PROCESS_START}{${processes}}`;
  return `max(max_over_time(timestamp(${newest}) < on (job) ${newest} @ end()))[6h:30s]))`;
}
