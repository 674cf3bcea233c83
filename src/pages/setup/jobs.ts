import type { Sample } from '../../prometheus/askPrometheus';
import type { DiscoveryQuery } from '../../promql/discovery';
import { PROBE_JOB_SUFFIX } from '../../promql/metrics';

/** What Prometheus knows of the Go processes of one job; counts of processes. */
export type GoJob = { job: string } & Record<DiscoveryQuery, number>;

/** Processes by job, for each discovery query. */
export type DiscoveryCounts = Record<DiscoveryQuery, Map<string, number>>;

/** Joins the answers by job: a probe's job is folded into the one of the program that it probes. */
export function joinJobs(counts: DiscoveryCounts): GoJob[] {
  const jobs = new Map<string, GoJob>();
  for (const [query, byJob] of Object.entries(counts) as Array<[DiscoveryQuery, Map<string, number>]>) {
    for (const [scrapeJob, count] of byJob) {
      const name = programOf(scrapeJob, counts.processes);
      const job = jobs.get(name) ?? emptyJob(name);
      job[query] += count;
      jobs.set(name, job);
    }
  }
  return [...jobs.values()].sort((a, b) => (a.job < b.job ? -1 : 1));
}

/** The probe itself exports nothing of a program's own, so a job that does is a program whatever its name. */
function programOf(scrapeJob: string, processes: Map<string, number>): string {
  return scrapeJob.endsWith(PROBE_JOB_SUFFIX) && !processes.has(scrapeJob)
    ? scrapeJob.slice(0, -PROBE_JOB_SUFFIX.length)
    : scrapeJob;
}

function emptyJob(job: string): GoJob {
  return { job, processes: 0, callTrees: 0, cgroupLimits: 0, containerLimits: 0, softLimits: 0 };
}

/** The answers to `discovery`, which have a series for each job. */
export function countsOf(answers: Record<DiscoveryQuery, Sample[]>): DiscoveryCounts {
  const byJob = (samples: Sample[]) => new Map(samples.map(({ labels, value }) => [labels.job ?? '', value]));
  return Object.fromEntries(
    Object.entries(answers).map(([query, samples]) => [query, byJob(samples)])
  ) as DiscoveryCounts;
}
