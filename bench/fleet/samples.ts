import { CALLTREE_GOROUTINES, CGROUP_LIMIT, GOMEMLIMIT, GOROUTINES, PROCESS_START } from '../../src/promql/metrics';
import { type ChangingTree, goroutinesAt, stackBytesAt, STORM_SECONDS, total } from '../panel/grafana/changingTree';
import type { Sample } from '../panel/grafana/exposition';
import type { FleetJob, FleetProcess, Leak } from './shape';

const MIB = 2 ** 20;
const DAY = 86_400;

/** As client_golang exports a GOMEMLIMIT that is not set. */
const NO_SOFT_LIMIT = 2 ** 63;

/** What a leak has added to the heap when the process is killed, in heaps without it. */
const LEAKED_HEAPS = 3;

const HEAP_PER_GOROUTINE = 1500;
const ALLOCATED_PER_SECOND = 20 * MIB;
const GOGC = 100;

/** What the runtime and the program's own text take beside heap and stacks. */
const RUNTIME = 12 * MIB;
const TEXT = 20 * MIB;

/** Courses are so far apart that their waves do not rise together. */
const COURSE_SECONDS = 97;

/** A process at one time, as far as what it exports depends on its call tree. */
export interface TreeState {
  /** Goroutines whose stack passes through each node. */
  goroutines: Float64Array;
  allGoroutines: number;
  stackBytes: number;
}

/**
 * @param time Unix time in seconds
 * @param since Unix time at which the stage came up, in seconds
 */
export function treeState(job: FleetJob, process: FleetProcess, time: number, since: number): TreeState {
  return process.leak
    ? stateOf(job.leakingTree, STORM_SECONDS * leakedShare(process.leak, time - since))
    : stateOf(job.calmTree, time + COURSE_SECONDS * process.course);
}

function stateOf(tree: ChangingTree, seconds: number): TreeState {
  const goroutines = goroutinesAt(tree, seconds);
  return { goroutines, allGoroutines: total(tree, goroutines), stackBytes: total(tree, stackBytesAt(tree, seconds)) };
}

/**
 * From 0 at a start of the process to nearly 1 where it is killed.
 * @param seconds since the stage came up; negative before
 */
export function leakedShare({ periodSeconds, leftSeconds }: Leak, seconds: number): number {
  const age = seconds + periodSeconds - leftSeconds;
  return age / periodSeconds - Math.floor(age / periodSeconds);
}

/** The call tree as a probe exports it. Names have nothing that needs escaping; an absent parent is none. */
export function treeSamples(tree: ChangingTree, { goroutines }: TreeState): Sample[] {
  const nodes = tree.map(({ depth, function: name, node, parent }, place) => ({
    metric: CALLTREE_GOROUTINES,
    labels: `depth="${depth}",function="${name}",node="${node}"${parent ? `,parent="${parent}"` : ''}`,
    value: goroutines[place],
  }));
  const deepest = tree.reduce((most, { depth }) => Math.max(most, depth), 0);
  return [...nodes, { metric: 'goroutine_stack_frames_max', labels: '', value: deepest }];
}

/** Of client_golang's default metrics those that our expressions read, and the library's cgroup limit. */
export function processSamples(
  job: FleetJob,
  process: FleetProcess,
  state: TreeState,
  time: number,
  since: number
): Sample[] {
  const share = process.leak ? leakedShare(process.leak, time - since) : 0;
  const uptime = process.leak ? share * process.leak.periodSeconds : time - since + DAY * (1 + (process.number % 20));
  const memory = memoryOf(process, state, share);
  const limit = limitOf(job, process);
  const softLimit = job.hasSoftLimit ? 0.9 * limit : NO_SOFT_LIMIT;
  // Of the heap without waves, as a counter must not fall.
  const collections = (uptime * ALLOCATED_PER_SECOND) / (process.heapBytes * (1 + LEAKED_HEAPS * share));
  const heap = memory.live + (collections % 1) * (memory.goal - memory.live);
  const whole = (metric: string, value: number, labels = ''): Sample => ({ metric, labels, value: Math.round(value) });
  return [
    whole('go_gc_duration_seconds_count', collections),
    whole('go_gc_gogc_percent', GOGC),
    whole(GOMEMLIMIT, softLimit),
    whole(GOROUTINES, state.allGoroutines),
    whole('go_info', 1, `version="go1.2${2 + (process.number % 4)}.1"`),
    whole('go_memstats_alloc_bytes_total', uptime * ALLOCATED_PER_SECOND),
    whole('go_memstats_heap_alloc_bytes', heap),
    whole('go_memstats_heap_inuse_bytes', 1.03 * heap),
    whole('go_memstats_heap_released_bytes', memory.released),
    whole('go_memstats_heap_sys_bytes', memory.heapSys),
    whole('go_memstats_next_gc_bytes', memory.goal),
    whole('go_memstats_stack_inuse_bytes', state.stackBytes),
    whole('go_memstats_stack_sys_bytes', state.stackBytes),
    whole('go_memstats_sys_bytes', memory.heapSys + state.stackBytes + RUNTIME),
    whole('process_resident_memory_bytes', memory.resident),
    whole(PROCESS_START, time - uptime),
    ...(job.hasCgroupLimit ? [whole(CGROUP_LIMIT, limit)] : []),
  ];
}

function memoryOf({ heapBytes }: FleetProcess, { allGoroutines, stackBytes }: TreeState, share: number) {
  const live = heapBytes * (1 + LEAKED_HEAPS * share) + HEAP_PER_GOROUTINE * allGoroutines;
  const goal = live + ((live + stackBytes) * GOGC) / 100;
  const heapSys = 1.05 * goal;
  const released = 0.02 * heapSys;
  return { live, goal, heapSys, released, resident: heapSys - released + stackBytes + RUNTIME + TEXT };
}

const limits = new WeakMap<FleetProcess, number>();

/** In bytes: a leak reaches it at its end, and others have as much again as they use. */
function limitOf(job: FleetJob, process: FleetProcess): number {
  let limit = limits.get(process);
  if (limit === undefined) {
    const [tree, seconds, share] = process.leak ? [job.leakingTree, STORM_SECONDS - 1, 1] : [job.calmTree, 0, 0];
    const { resident } = memoryOf(process, stateOf(tree, seconds), share);
    limit = Math.ceil((resident * (process.leak ? 1 : 2)) / MIB) * MIB;
    limits.set(process, limit);
  }
  return limit;
}
