import { PROBE_JOB_SUFFIX } from '../../src/promql/metrics';
import { randomOf } from '../panel/data/random';
import { changingTree, type ChangingTree } from '../panel/grafana/changingTree';

/** Processes of one program, and the call tree that each of them has. */
export interface FleetJob {
  job: string;
  /** Of its call trees, as by the probe. */
  treeJob: string;
  /** Of a process that leaks: a storm grows in it. */
  leakingTree: ChangingTree;
  /** Of the others. */
  calmTree: ChangingTree;
  hasCgroupLimit: boolean;
  hasSoftLimit: boolean;
  processes: FleetProcess[];
}

export interface FleetProcess {
  /** From 0 on, across jobs. */
  number: number;
  instance: string;
  /** What its heap holds without a leak, in bytes. */
  heapBytes: number;
  /** Of processes of one job and one course, the call trees have the same values at all times. */
  course: number;
  leak: Leak | undefined;
}

/** A process that leaks until it is killed at its limit, and then starts again. */
export interface Leak {
  /** From a start to the next, in seconds. */
  periodSeconds: number;
  /** To the first kill after the stage came up, in seconds. */
  leftSeconds: number;
}

/** Shares of the fleet; most fleets have one large service and many small ones. */
const SHARES: ReadonlyArray<readonly [job: string, percent: number]> = [
  ['api-gateway', 40],
  ['checkout', 20],
  ['catalog', 10],
  ['search', 8],
  ['payments', 6],
  ['inventory', 5],
  ['notifier', 4],
  ['ledger', 3],
  ['scheduler', 2],
  ['mailer', 2],
];

/** Its processes run without a cgroup's limit. */
const UNLIMITED_JOB = 'scheduler';

/** Its processes have a GOMEMLIMIT. */
const SOFT_LIMITED_JOB = 'payments';

/** Enough for the processes of a job to differ, and few enough to render each every few seconds beside a measurement. */
export const COURSES = 8;

/** The least fleet in which each job has a process. */
export const FEWEST_INSTANCES = 50;

const LEAKING_SHARE = 0.02;
const FEWEST_LEAKS = 3;

/** The fast one, and some that come near their limit within any measurement; the rest take hours. */
const FAST_LEAK: Leak = { periodSeconds: 720, leftSeconds: 360 };
const NEAR_LEAKS = 4;
const HOUR = 3600;

const MIB = 2 ** 20;

/** The same fleet for the same numbers, whichever machine makes it. */
export function fleet(instances: number, nodes: number): FleetJob[] {
  const random = randomOf(instances);
  const leaks = leaksOf(instances);
  let number = 0;
  return sizes(instances).map(([job, size], place) => {
    // Trees are made from their number of nodes: programs with another number have another tree.
    const leakingTree = withoutShifts(changingTree(nodes + place));
    const jobHeap = (40 + 360 * random()) * MIB;
    return {
      job,
      treeJob: job + PROBE_JOB_SUFFIX,
      leakingTree,
      calmTree: leakingTree.map((node) => ({ ...node, stormShare: 0 })),
      hasCgroupLimit: job !== UNLIMITED_JOB,
      hasSoftLimit: job === SOFT_LIMITED_JOB,
      processes: Array.from({ length: size }, (_, i) => ({
        number,
        instance: `10.${place}.${Math.floor(i / 250)}.${(i % 250) + 1}:6060`,
        heapBytes: Math.round(jobHeap * (0.8 + 0.4 * random())),
        course: i % COURSES,
        leak: leaks.get(number++),
      })),
    };
  });
}

/** What is rounded off goes to the largest job. */
function sizes(instances: number): Array<[job: string, size: number]> {
  const all = SHARES.map(([job, percent]): [string, number] => [job, Math.floor((instances * percent) / 100)]);
  all[0][1] += instances - all.reduce((sum, [, size]) => sum + size, 0);
  return all;
}

/** By the process's number: as far from each other as they can be, so that many jobs have one. */
function leaksOf(instances: number): Map<number, Leak> {
  const count = Math.max(FEWEST_LEAKS, Math.round(LEAKING_SHARE * instances));
  return new Map(Array.from({ length: count }, (_, i) => [Math.floor(((i + 0.5) * instances) / count), leakOf(i)]));
}

function leakOf(place: number): Leak {
  if (place === 0) {
    return FAST_LEAK;
  }
  if (place <= NEAR_LEAKS) {
    return { periodSeconds: 2400, leftSeconds: 120 + 180 * place };
  }
  const periodSeconds = 3 * HOUR + (place * HOUR) / 2;
  return { periodSeconds, leftSeconds: Math.round(periodSeconds * (0.3 + 0.5 * ((place * 0.618) % 1))) };
}

/** Nodes that come and go would stay for five minutes each in a past that has no marks where series end. */
function withoutShifts(tree: ChangingTree): ChangingTree {
  // Those of the odd shift stand behind all others, so that no caller moves.
  return tree.filter(({ shift }) => shift !== 'odd').map((node) => ({ ...node, shift: undefined }));
}
