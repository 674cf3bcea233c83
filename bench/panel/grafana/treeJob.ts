import {
  CALLTREE_GOROUTINES,
  CALLTREE_STACK_BYTES,
  CGROUP_LIMIT,
  GOMEMLIMIT,
  GOROUTINES,
  PROBE_JOB_SUFFIX,
} from '../../../src/promql/metrics';
import {
  changingTree,
  type ChangingTree,
  goroutinesAt,
  stackBytesAt,
  STORM_SECONDS,
  stormAge,
  total,
} from './changingTree';
import type { Sample } from './exposition';

/** The probed program of one size, as Prometheus has it: a job for its own metrics and one for its call tree. */
export interface TreeJob {
  /** Nodes of the call tree. */
  size: number;
  /** The program's own job. */
  job: string;
  treeJob: string;
  instance: string;
  tree: ChangingTree;
  /** Its trees are by the agent, which knows stacks' sizes and the cgroup. */
  hasStackBytes: boolean;
  /** It is killed at the end of each storm. */
  restarts: boolean;
  /** What there is of it before the stage came up. */
  past: { seconds: number; step: number };
}

const HOURS = 3600;
const MINUTES = 60;

/** A program for each size; the larger ones have a short past, as it is to be written in seconds. */
export const treeJobs: readonly TreeJob[] = [
  newJob(100, { hasStackBytes: true, past: { seconds: 2 * HOURS, step: 15 } }),
  newJob(1000, { hasStackBytes: true, restarts: true, past: { seconds: 2 * HOURS, step: 30 } }),
  newJob(10_000, { hasStackBytes: true, past: { seconds: 20 * MINUTES, step: 60 } }),
  newJob(20_000, { past: { seconds: 20 * MINUTES, step: 60 } }),
];

/** How far the storm has come when the stage comes up: the program that restarts did so that long ago. */
export const STORM_AGE_SECONDS = 40 * MINUTES;

function newJob(
  size: number,
  { hasStackBytes = false, restarts = false, past }: Pick<TreeJob, 'past'> & Partial<TreeJob>
): TreeJob {
  const job = `tree-${size}`;
  const tree = changingTree(size);
  return { size, job, treeJob: job + PROBE_JOB_SUFFIX, instance: `${job}:6060`, tree, hasStackBytes, restarts, past };
}

/**
 * What the program itself exports.
 * @param seconds since a storm began
 * @param now Unix time of that moment, in seconds
 */
export function programSamples({ tree, restarts }: TreeJob, seconds: number, now: number): Sample[] {
  const { goroutines, stacks, heap, resident } = memoryAt(tree, seconds);
  const uptime = restarts ? stormAge(seconds) : seconds + 24 * HOURS;
  const gauge = (metric: string, value: number) => ({ metric, labels: '', value });
  return [
    gauge(GOROUTINES, goroutines),
    gauge('process_start_time_seconds', now - uptime),
    gauge('process_resident_memory_bytes', resident),
    gauge('go_memstats_stack_sys_bytes', stacks),
    gauge('go_memstats_heap_inuse_bytes', heap),
    gauge('go_memstats_sys_bytes', resident),
    gauge('go_memstats_heap_released_bytes', 0),
    gauge(GOMEMLIMIT, limitOf(tree)),
  ];
}

/** What its probe or agent exports at the same time. */
export function treeSamples({ tree, hasStackBytes }: TreeJob, seconds: number): Sample[] {
  const series = (metric: string, values: Float64Array) =>
    tree.flatMap((node, place) =>
      values[place] > 0 ? [{ metric, labels: seriesLabels(node), value: values[place] }] : []
    );
  const goroutines = series(CALLTREE_GOROUTINES, goroutinesAt(tree, seconds));
  return hasStackBytes
    ? [
        ...goroutines,
        ...series(CALLTREE_STACK_BYTES, stackBytesAt(tree, seconds)),
        { metric: CGROUP_LIMIT, labels: '', value: limitOf(tree) },
      ]
    : goroutines;
}

/** Names have nothing that needs escaping. An absent parent is none. */
function seriesLabels({ depth, function: name, node, parent }: ChangingTree[number]): string {
  return `depth="${depth}",function="${name}",node="${node}"${parent ? `,parent="${parent}"` : ''}`;
}

const MIB = 2 ** 20;

/** Beside stacks, in bytes: what each goroutine keeps on the heap, and what is there without any. */
const HEAP_PER_GOROUTINE = 1500;
const BASE = 60 * MIB;

function memoryAt(tree: ChangingTree, seconds: number) {
  const goroutines = total(tree, goroutinesAt(tree, seconds));
  const stacks = total(tree, stackBytesAt(tree, seconds));
  const heap = BASE / 2 + HEAP_PER_GOROUTINE * goroutines;
  return { goroutines, stacks, heap, resident: BASE / 2 + heap + stacks };
}

/** The storm reaches it at its end. */
function limitOf(tree: ChangingTree): number {
  return Math.ceil(memoryAt(tree, STORM_SECONDS - 1).resident / MIB) * MIB;
}
