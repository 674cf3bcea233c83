import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { mustRun } from '../../../demo/command';
import { openMetrics } from './exposition';
import { programSamples, STORM_AGE_SECONDS, type TreeJob, treeSamples } from './treeJob';

export interface PastOptions {
  promtool: string;
  /** Where the file for promtool goes. */
  folder: string;
  /** Prometheus' data, before Prometheus opens it. */
  seriesFolder: string;
  /** Unix time, in seconds, of the last samples. */
  now: number;
}

/** Writes what Prometheus would know by now if it had scraped the programs all the time. */
export async function writePast(jobs: readonly TreeJob[], { promtool, folder, seriesFolder, now }: PastOptions) {
  const file = path.join(folder, 'past.om');
  const out = createWriteStream(file);
  for (const text of past(jobs, now)) {
    if (!out.write(text)) {
      await once(out, 'drain');
    }
  }
  out.end('# EOF\n');
  await finished(out);
  await mustRun(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, seriesFolder]);
  rmSync(file);
}

function* past(jobs: readonly TreeJob[], now: number): Generator<string> {
  for (const job of jobs) {
    for (let time = now - job.past.seconds; time <= now; time += job.past.step) {
      const seconds = STORM_AGE_SECONDS + time - now;
      const up = { metric: 'up', labels: '', value: 1 };
      yield openMetrics([...programSamples(job, seconds, time), up], target(job.job, job.instance), time);
      yield openMetrics([...treeSamples(job, seconds), up], target(job.treeJob, job.instance), time);
    }
  }
}

function target(job: string, instance: string): string {
  return `instance="${instance}",job="${job}"`;
}
