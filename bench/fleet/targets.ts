import { createServer, type Server } from 'node:http';
import { exposition } from '../panel/grafana/exposition';
import { processSamples, treeSamples, treeState } from './samples';
import type { FleetJob, FleetProcess } from './shape';

/** Values change so often; what is rendered is served until then. */
const TICK_SECONDS = 15;

/**
 * Serves the metrics of each process, and the call trees: one text for all processes of a job and a course, as Prometheus
 * gives each its own `instance`.
 * @param since Unix time, in seconds, at which the past ends
 */
export async function serveFleet(jobs: readonly FleetJob[], port: number, since: number): Promise<Server> {
  const pages = new Map<string, (time: number) => string>();
  for (const job of jobs) {
    for (const process of job.processes) {
      const state = (time: number) => treeState(job, process, time, since);
      pages.set(processPath(process), (time) => exposition(processSamples(job, process, state(time), time, since)));
      pages.set(
        treePath(job, process),
        onceATick((time) => exposition(treeSamples(job.calmTree, state(time))))
      );
    }
  }
  const server = createServer((request, response) => {
    const page = pages.get(request.url ?? '');
    response.writeHead(page ? 200 : 404, { 'Content-Type': 'text/plain; version=0.0.4' });
    response.end(page?.(Date.now() / 1000));
  });
  // Longer than from one scrape to the next: Prometheus keeps its connections.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function onceATick(render: (time: number) => string): (time: number) => string {
  let renderedTick: number | undefined;
  let text = '';
  return (time) => {
    const tick = Math.floor(time / TICK_SECONDS);
    if (tick !== renderedTick) {
      renderedTick = tick;
      text = render(tick * TICK_SECONDS);
    }
    return text;
  };
}

/** Prometheus' configuration to scrape them; it is read as YAML, of which JSON is a part. */
export function scrapeConfig(
  jobs: readonly FleetJob[],
  port: number,
  scrapeSeconds: number,
  ruleFiles: readonly string[]
): string {
  const scrape = (name: string, processes: FleetProcess[], pathOf: (process: FleetProcess) => string) => ({
    job_name: name,
    static_configs: processes.map((process) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { instance: process.instance, __metrics_path__: pathOf(process) },
    })),
  });
  return JSON.stringify({
    global: { scrape_interval: `${scrapeSeconds}s`, scrape_timeout: `${scrapeSeconds}s` },
    rule_files: ruleFiles,
    scrape_configs: jobs.flatMap((job) => [
      scrape(job.job, job.processes, processPath),
      scrape(job.treeJob, job.processes, (process) => treePath(job, process)),
    ]),
  });
}

function processPath({ number }: FleetProcess): string {
  return `/process/${number}`;
}

function treePath({ job }: FleetJob, { number, course, leak }: FleetProcess): string {
  return leak ? `/tree/${job}/leak-${number}` : `/tree/${job}/${course}`;
}
