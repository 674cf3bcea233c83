import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import { mustRun } from '../../demo/command';
import { type Grafana, grafanaProcess, prepareGrafana } from '../../demo/grafana';
import { type Processes, waitFor } from '../../demo/processes';
import { findPrometheus } from '../../demo/prometheus';
import { APP_ID, DASHBOARD_UID } from '../../src/constants';
import type { RuleFile } from '../../src/promql/prometheusRules';
import { PROCESSES_PAST, TREES_PAST, writePast } from './past';
import { mergedTrees, passesOf } from './recordings';
import type { FleetJob } from './shape';
import { scrapeConfig, serveFleet } from './targets';

/** A real Grafana with the built plugin, over a real Prometheus that scrapes the fleet. */
export interface FleetStage {
  grafanaUrl: string;
  prometheusUrl: string;
  /** Prometheus evaluates the rules of alerts/ from then on, and has the past of their recordings. */
  loadRules(): Promise<void>;
  close(): void;
}

export interface FleetStageOptions {
  grafana: Grafana;
  jobs: readonly FleetJob[];
  /** An empty folder for configuration and series. */
  folder: string;
  processes: Processes;
  ports: { grafana: number; prometheus: number; targets: number };
  log(message: string): void;
}

export const SCRAPE_SECONDS = 15;

const ROOT = path.resolve(__dirname, '../..');
const OOM_RULES = path.join(ROOT, 'alerts/oom.rules.yml');
const CALLTREE_RULES = path.join(ROOT, 'alerts/calltree.rules.yml');

/** Of the recordings, so that a dashboard finds as much of them as of the processes. */
const RECORDED_SECONDS = PROCESSES_PAST.seconds - 600;
const LATER_RECORDED_SECONDS = 30 * 60;

/** Prometheus looks for new blocks once a minute, and merges those that overlap then. */
const BLOCKS_SECONDS = 300;

export async function startFleetStage(options: FleetStageOptions): Promise<FleetStage> {
  const { jobs, folder, processes, ports, log } = options;
  const { prometheus, promtool } = await findPrometheus();
  const seriesFolder = path.join(folder, 'series');
  mkdirSync(seriesFolder);
  const since = Math.floor(Date.now() / 1000);
  await writePast(jobs, { promtool, folder, seriesFolder, since, log });
  const targets = await serveFleet(jobs, ports.targets, since);

  const prometheusUrl = `http://127.0.0.1:${ports.prometheus}`;
  const configFile = path.join(folder, 'prometheus.yml');
  const configure = (ruleFiles: string[]) =>
    writeFileSync(configFile, scrapeConfig(jobs, ports.targets, SCRAPE_SECONDS, ruleFiles));
  configure([]);
  log('Starting Prometheus …');
  processes.start({
    name: 'Prometheus',
    command: prometheus,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${seriesFolder}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      '--web.enable-lifecycle',
    ],
  });
  await waitFor('Prometheus', `${prometheusUrl}/-/ready`, 120);

  const grafanaUrl = await startGrafana(options, prometheusUrl);
  log('Waiting until all of the fleet is scraped …');
  const all = 2 * jobs.reduce((sum, job) => sum + job.processes.length, 0);
  await untilAnswered(prometheusUrl, `count(up == 1) == ${all}`, Date.now() / 1000, 300);

  return {
    grafanaUrl,
    prometheusUrl,
    async loadRules() {
      log('Loading the rules …');
      configure([OOM_RULES, CALLTREE_RULES]);
      await mustReload(prometheusUrl);
      const now = Math.floor(Date.now() / 1000);
      const fill = (rules: RuleFile, seconds: number) =>
        fillPast(rules, { promtool, folder, seriesFolder, prometheusUrl, from: now - seconds, to: now, log });
      const [first, later] = passesOf(load(readFileSync(OOM_RULES, 'utf8')) as RuleFile);
      await fill(first, RECORDED_SECONDS);
      await fill(mergedTrees(load(readFileSync(CALLTREE_RULES, 'utf8')) as RuleFile), TREES_PAST.seconds);
      await untilAnswered(prometheusUrl, 'count(go_process:memory_used_bytes)', now - 1200, BLOCKS_SECONDS);
      await fill(later, LATER_RECORDED_SECONDS);
      await untilAnswered(prometheusUrl, 'count(go_process:time_to_oom_seconds)', now - 1200, BLOCKS_SECONDS);
    },
    close: () => {
      targets.closeAllConnections();
      targets.close();
    },
  };
}

async function startGrafana(
  { grafana, folder, processes, ports, log }: FleetStageOptions,
  prometheusUrl: string
): Promise<string> {
  log(`Starting Grafana ${grafana.version} of ${grafana.home} …`);
  const grafanaUrl = `http://127.0.0.1:${ports.grafana}`;
  const dataFolder = path.join(folder, 'grafana');
  prepareGrafana(dataFolder);
  // Else a build beside the measurement would change what is measured.
  const plugin = path.join(dataFolder, 'plugins', APP_ID);
  rmSync(plugin);
  cpSync(path.join(ROOT, 'dist'), plugin, { recursive: true });
  const dataSources = path.join(dataFolder, 'provisioning/datasources/prometheus.yaml');
  writeFileSync(
    dataSources,
    readFileSync(dataSources, 'utf8').replace(/timeInterval: \w+/, `timeInterval: ${SCRAPE_SECONDS}s`)
  );
  processes.start(grafanaProcess(grafana, { port: ports.grafana, prometheusUrl, dataFolder }));
  await waitFor('Grafana', `${grafanaUrl}/api/health`, 180);
  // The app imports its dashboards a moment after Grafana answers.
  await waitFor('The dashboard', `${grafanaUrl}/api/dashboards/uid/${DASHBOARD_UID}`, 60);
  return grafanaUrl;
}

interface FillOptions {
  promtool: string;
  folder: string;
  seriesFolder: string;
  prometheusUrl: string;
  /** Unix time in seconds, as is `to`. */
  from: number;
  to: number;
  log(message: string): void;
}

/** Has promtool evaluate recordings over what Prometheus has, into blocks that it finds by itself. */
async function fillPast(rules: RuleFile, options: FillOptions) {
  const { promtool, folder, seriesFolder, prometheusUrl, from, to, log } = options;
  const names = rules.groups.flatMap((group) => group.rules.map((rule) => ('record' in rule ? rule.record : '')));
  log(`promtool records ${Math.round((to - from) / 60)} minutes of ${names.join(', ')} …`);
  const file = path.join(folder, 'recordings.yml');
  writeFileSync(file, JSON.stringify(rules));
  await mustRun(promtool, [
    ...['tsdb', 'create-blocks-from', 'rules', '--quiet'],
    ...[`--url=${prometheusUrl}`, `--start=${from}`, `--end=${to}`, `--output-dir=${seriesFolder}`],
    file,
  ]);
}

async function mustReload(prometheusUrl: string) {
  const answer = await fetch(`${prometheusUrl}/-/reload`, { method: 'POST' });
  if (!answer.ok) {
    throw new Error(`Prometheus did not take the rules: ${answer.status} ${await answer.text()}`);
  }
}

/**
 * @param time Unix time in seconds
 * @throws Error when the query has no answer after `seconds`
 */
async function untilAnswered(prometheusUrl: string, query: string, time: number, seconds: number) {
  const began = Date.now();
  const elapsed = () => (Date.now() - began) / 1000;
  // What is asked of now moves on with it; the past stays where it is.
  const isNow = Math.abs(time - began / 1000) < 1;
  while (elapsed() < seconds) {
    const at = isNow ? Date.now() / 1000 : time;
    const answer = await fetch(`${prometheusUrl}/api/v1/query?${new URLSearchParams({ query, time: String(at) })}`);
    const { data } = (await answer.json()) as { data?: { result: unknown[] } };
    if (data && data.result.length > 0) {
      return;
    }
    await sleep(1000);
  }
  throw new Error(`${query} has no answer from ${prometheusUrl} after ${seconds} s`);
}
