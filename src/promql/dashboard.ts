import {
  CALLTREE_GOROUTINES,
  CALLTREE_LABELS,
  CALLTREE_STACK_BYTES,
  CGROUP_LIMIT,
  GOMEMLIMIT,
  GOROUTINES,
  limited,
  PROCESS_START,
  treeJobMatcher,
} from './metrics';

/** The dashboard's variables, interpolated by Grafana. */
const PROCESS = 'job=~"$job", instance=~"$instance"';
const TREE = `${treeJobMatcher('$job')}, instance=~"$instance"`;

const MEMORY_OF_GO = `go_memstats_sys_bytes{${PROCESS}} - go_memstats_heap_released_bytes{${PROCESS}}`;

export const goroutines = `sum by (instance) (${GOROUTINES}{${PROCESS}})`;

/** What the operating system holds for the process; where only the Go runtime is known, what that holds. */
export const memoryUsed =
  `max by (instance) (process_resident_memory_bytes{${PROCESS}})` +
  ` or on (instance) max by (instance) (${MEMORY_OF_GO})`;

export const stackMemory = `max by (instance) (go_memstats_stack_sys_bytes{${PROCESS}})`;

export const heapMemory = `max by (instance) (go_memstats_heap_inuse_bytes{${PROCESS}})`;

/** The limit that kills: the least of the cgroup's; `max`, as cgroup figures repeat for each process in it. */
export const cgroupLimit = `max by (instance) (${limited(`${CGROUP_LIMIT}{${TREE}}`)})`;

/** GOMEMLIMIT kills nobody, but the garbage collector takes all the CPU as memory nears it. */
export const softLimit = `max by (instance) (${limited(`${GOMEMLIMIT}{${PROCESS}}`)})`;

export const anyLimit = `${cgroupLimit} or on (instance) ${softLimit}`;

/** The dashboard's hidden variable, which holds the modifier of the baseline's selectors: `offset 5m`, `@ 1764000000`. */
export const BASELINE_VARIABLE = 'baseline';
const BASELINE = `$${BASELINE_VARIABLE}`;

export const callTree = mergedTree(CALLTREE_GOROUTINES);
export const callTreeBefore = mergedTree(CALLTREE_GOROUTINES, BASELINE);
export const stackBytes = mergedTree(CALLTREE_STACK_BYTES);
export const stackBytesBefore = mergedTree(CALLTREE_STACK_BYTES, BASELINE);

function mergedTree(metric: string, modifier = ''): string {
  return `sum by (${CALLTREE_LABELS.join(', ')}) (${metric}{${TREE}}${modifier && ` ${modifier}`})`;
}

/** Processes with a tree now and none at the baseline: what they have is no growth that was seen. */
export const uncoveredProcesses = `count(${processesWithTree()} unless ${processesWithTree(BASELINE)})`;

function processesWithTree(modifier = ''): string {
  return `count by (job, instance) (${CALLTREE_GOROUTINES}{${TREE}, depth="1"}${modifier && ` ${modifier}`})`;
}

/** Processes under the same name that are not the ones of the baseline. */
export const restartedProcesses = `count(${PROCESS_START}{${PROCESS}} != (${PROCESS_START}{${PROCESS}} ${BASELINE}))`;

/** Functions that a person can act on: not the runtime's own leaves, not synthetic frames. */
const USER_FUNCTIONS = `${CALLTREE_GOROUTINES}{${TREE}, function!~"runtime\\\\..*|\\\\(.*"}`;

const BY_FUNCTION = 'sum by (depth, function)';

export const topFunctions = `topk(15, ${BY_FUNCTION} (${USER_FUNCTIONS}))`;

/**
 * Growth in five minutes (docs/design.md, "Recording rules"): a node that did not exist then has grown from nothing,
 * but only where its collector was up then, or each restart of a collector would look like a storm.
 */
export const fastestGrowingFunctions =
  `topk(15, ${BY_FUNCTION} (` +
  `(${USER_FUNCTIONS} - (${USER_FUNCTIONS} offset 5m or ${USER_FUNCTIONS} * 0))` +
  ` and on (job, instance) (up{${TREE}} offset 5m == 1)` +
  `) > 0)`;

/**
 * Unix time just before the job's last restart, within six hours: when the newest start of a process was still an older one
 * than it is now. By job, as a new process can be a new instance.
 */
export const timeBeforeLastRestart =
  `max(max_over_time(timestamp(max by (job) (${PROCESS_START}{${PROCESS}})` +
  ` < on (job) max by (job) (${PROCESS_START}{${PROCESS}} @ end()))[6h:30s]))`;
