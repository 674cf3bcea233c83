import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { mustRun } from '../../demo/command';
import { openMetrics, type Sample } from '../panel/grafana/exposition';
import { processSamples, treeSamples, treeState } from './samples';
import { COURSES, type FleetJob, type FleetProcess } from './shape';

export interface PastOptions {
  promtool: string;
  /** Where the file for promtool goes. */
  folder: string;
  /** Prometheus' data, before Prometheus opens it. */
  seriesFolder: string;
  /** Unix time, in seconds, of the last samples. */
  since: number;
  log(message: string): void;
}

/** What alerts look back at, and some more. */
export const PROCESSES_PAST = { seconds: 70 * 60, step: 15 };

/** Trees are four hundred times as many series, so that they come as from a scrape of a minute. */
export const TREES_PAST = { seconds: 12 * 60, step: 60 };

/** Writes what Prometheus would know by now if it had scraped the fleet all the time. */
export async function writePast(jobs: readonly FleetJob[], options: PastOptions) {
  const { promtool, folder, seriesFolder, since, log } = options;
  const file = path.join(folder, 'past.om');
  const out = createWriteStream(file);
  for (const job of jobs) {
    log(`Writing the past of ${job.processes.length} × ${job.job} …`);
    for (const text of past(job, since)) {
      if (!out.write(text)) {
        await once(out, 'drain');
      }
    }
  }
  out.end('# EOF\n');
  await finished(out);
  log(`promtool makes blocks of ${Math.round(out.bytesWritten / 1e6)} MB …`);
  await mustRun(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, seriesFolder]);
  rmSync(file);
}

/** One job's past, in OpenMetrics: each series' samples in the order of time. */
export function* past(job: FleetJob, since: number): Generator<string> {
  for (const time of times(PROCESSES_PAST, since)) {
    const states = memoized((process) => treeState(job, process, time, since));
    for (const process of job.processes) {
      yield openMetrics(
        [...processSamples(job, process, states(process), time, since), UP],
        target(job.job, process),
        time
      );
    }
  }
  for (const time of times(TREES_PAST, since)) {
    const samples = memoized((process) => [...treeSamples(job.calmTree, treeState(job, process, time, since)), UP]);
    for (const process of job.processes) {
      yield openMetrics(samples(process), target(job.treeJob, process), time);
    }
  }
}

const UP: Sample = { metric: 'up', labels: '', value: 1 };

function times({ seconds, step }: { seconds: number; step: number }, since: number): number[] {
  return Array.from({ length: seconds / step + 1 }, (_, i) => since - seconds + i * step);
}

/** Once for all processes of a course, and for each that leaks. */
function memoized<T>(make: (process: FleetProcess) => T): (process: FleetProcess) => T {
  const made = new Map<number, T>();
  return (process) => {
    const key = process.leak ? COURSES + process.number : process.course;
    let value = made.get(key);
    if (value === undefined) {
      value = make(process);
      made.set(key, value);
    }
    return value;
  };
}

function target(job: string, { instance }: FleetProcess): string {
  return `instance="${instance}",job="${job}"`;
}
