import { createServer, type Server } from 'node:http';
import { exposition } from './exposition';
import { programSamples, STORM_AGE_SECONDS, type TreeJob, treeSamples } from './treeJob';

/**
 * Serves `/<job>/metrics` for each program and for its call tree, as they are when asked.
 * @param since Unix time, in seconds, at which the past ends
 */
export async function servePrograms(jobs: readonly TreeJob[], port: number, since: number): Promise<Server> {
  const answers = new Map<string, (now: number) => string>();
  for (const job of jobs) {
    const stormSeconds = (now: number) => STORM_AGE_SECONDS + now - since;
    answers.set(metricsPath(job.job), (now) => exposition(programSamples(job, stormSeconds(now), now)));
    answers.set(metricsPath(job.treeJob), (now) => exposition(treeSamples(job, stormSeconds(now))));
  }
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '');
    response.writeHead(answer ? 200 : 404, { 'Content-Type': 'text/plain; version=0.0.4' });
    response.end(answer?.(Date.now() / 1000));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}

/** Prometheus' configuration to scrape them; it is read as YAML, of which JSON is a part. */
export function scrapeConfig(jobs: readonly TreeJob[], port: number, scrapeSeconds: number): string {
  const scrape = (job: string, instance: string) => ({
    job_name: job,
    metrics_path: metricsPath(job),
    static_configs: [{ targets: [`127.0.0.1:${port}`], labels: { instance } }],
  });
  return JSON.stringify({
    global: { scrape_interval: `${scrapeSeconds}s`, scrape_timeout: `${scrapeSeconds}s` },
    scrape_configs: jobs.flatMap(({ job, treeJob, instance }) => [scrape(job, instance), scrape(treeJob, instance)]),
  });
}

function metricsPath(job: string): string {
  return `/${job}/metrics`;
}
