import type { Sample } from '../../prometheus/askPrometheus';
import type { DiscoveryQuery } from '../../promql/discovery';
import { PROBE_JOB_SUFFIX } from '../../promql/metrics';

/** Kinds of memory limits in the order in which the alerts take them (alerts/oom.rules.yml). */
export const LIMIT_KINDS = ['cgroup', 'container', 'kubernetes', 'gomemlimit', 'host'] as const;

export type LimitKind = (typeof LIMIT_KINDS)[number];

/** What Prometheus knows of the Go processes of one job; counts of processes. */
export interface GoJob {
  job: string;
  /** With client_golang's Go collector; 0 where only a probe knows the program. */
  processes: number;
  /** With its process collector. */
  processStarts: number;
  /** With client_golang 1.20 or newer. */
  gcSettings: number;
  liveHeaps: number;
  /** With a call tree, by who made it: the program itself, or a probe's job. */
  callTrees: { library: number; probe: number };
  stackBytes: number;
  limits: Partial<Record<LimitKind, number>>;
  /** Undefined while the job is too young to tell. */
  scrapeSeconds?: number;
}

type Answers = Record<DiscoveryQuery, Sample[]>;

/** Joins the answers by job, in alphabetical order: a probe's job is folded into the one of the program that it probes. */
export function joinJobs(answers: Answers): GoJob[] {
  const exporting = new Set(answers.processes.map(jobOf));
  const jobs = new Map<string, GoJob>();
  const of = (scrapeJob: string): GoJob => {
    const job = programOf(scrapeJob, exporting);
    const found = jobs.get(job) ?? { ...NOTHING, job, callTrees: { ...NOTHING.callTrees }, limits: {} };
    jobs.set(job, found);
    return found;
  };

  for (const sample of answers.processes) {
    of(jobOf(sample)).processes = sample.value;
  }
  for (const sample of answers.callTrees) {
    const source = exporting.has(jobOf(sample)) ? 'library' : 'probe';
    of(jobOf(sample)).callTrees[source] += sample.value;
  }
  for (const sample of answers.stackBytes) {
    of(jobOf(sample)).stackBytes += sample.value;
  }
  // The rest is of other programs too.
  const known = (samples: Sample[]) => samples.filter((sample) => exporting.has(jobOf(sample)));
  for (const query of ['processStarts', 'gcSettings', 'liveHeaps', 'scrapeSeconds'] as const) {
    for (const sample of known(answers[query])) {
      of(jobOf(sample))[query] = sample.value;
    }
  }
  for (const sample of known(answers.limits)) {
    of(jobOf(sample)).limits[sample.labels.limit as LimitKind] = sample.value;
  }
  return [...jobs.values()].sort((a, b) => (a.job < b.job ? -1 : 1));
}

const NOTHING = {
  processes: 0,
  processStarts: 0,
  gcSettings: 0,
  liveHeaps: 0,
  callTrees: { library: 0, probe: 0 },
  stackBytes: 0,
};

function jobOf({ labels }: Sample): string {
  return labels.job ?? '';
}

/** The probe itself exports nothing of a program's own, so a job that does is a program whatever its name. */
function programOf(scrapeJob: string, exporting: Set<string>): string {
  return scrapeJob.endsWith(PROBE_JOB_SUFFIX) && !exporting.has(scrapeJob)
    ? scrapeJob.slice(0, -PROBE_JOB_SUFFIX.length)
    : scrapeJob;
}

export function withCallTree({ callTrees }: GoJob): number {
  return callTrees.library + callTrees.probe;
}

export function withLimit({ limits }: GoJob): number {
  return LIMIT_KINDS.reduce((sum, kind) => sum + (limits[kind] ?? 0), 0);
}

/** A limit that does not kill by itself, or is the whole host's. */
export function withSoftLimit({ limits }: GoJob): number {
  return (limits.gomemlimit ?? 0) + (limits.host ?? 0);
}
