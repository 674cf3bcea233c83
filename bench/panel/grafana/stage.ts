import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Grafana, grafanaProcess, prepareGrafana } from '../../../demo/grafana';
import { type Processes, waitFor } from '../../../demo/processes';
import { findPrometheus } from '../../../demo/prometheus';
import { DASHBOARD_UID } from '../../../src/constants';
import { BENCH_DASHBOARD_UID, benchDashboard } from './dashboard';
import { writePast } from './past';
import { scrapeConfig, servePrograms } from './programs';
import { treeJobs } from './treeJob';

/** A real Grafana with the built plugin, over a real Prometheus with synthetic call trees that grow as one looks. */
export interface GrafanaStage {
  grafanaUrl: string;
  prometheusUrl: string;
  /** Of `benchPanels`. */
  benchDashboardUrl: string;
  /** As installed, of one program. */
  bundledDashboardUrl: string;
  close(): void;
}

export interface GrafanaStageOptions {
  grafana: Grafana;
  /** An empty folder for configuration and series. */
  folder: string;
  processes: Processes;
  ports: { programs: number; prometheus: number; grafana: number };
  log(message: string): void;
}

export const SCRAPE_SECONDS = 5;

const ADMIN = `Basic ${Buffer.from('admin:admin').toString('base64')}`;

export async function startGrafanaStage({
  grafana,
  folder,
  processes,
  ports,
  log,
}: GrafanaStageOptions): Promise<GrafanaStage> {
  const { prometheus, promtool } = await findPrometheus();

  log('Writing two hours of synthetic call trees …');
  const seriesFolder = path.join(folder, 'series');
  mkdirSync(seriesFolder);
  const now = Math.floor(Date.now() / 1000);
  await writePast(treeJobs, { promtool, folder, seriesFolder, now });
  const programs = await servePrograms(treeJobs, ports.programs, now);

  const prometheusUrl = `http://127.0.0.1:${ports.prometheus}`;
  const configFile = path.join(folder, 'prometheus.yml');
  writeFileSync(configFile, scrapeConfig(treeJobs, ports.programs, SCRAPE_SECONDS));
  processes.start({
    name: 'Prometheus',
    command: prometheus,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${seriesFolder}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      // The past has no marks where series end: they would be seen beside those that came after them for five minutes.
      '--query.lookback-delta=75s',
    ],
  });
  await waitFor('Prometheus', `${prometheusUrl}/-/ready`, 60);

  log(`Starting Grafana ${grafana.version} of ${grafana.home} …`);
  const grafanaUrl = `http://127.0.0.1:${ports.grafana}`;
  const dataFolder = path.join(folder, 'grafana');
  prepareGrafana(dataFolder);
  const options = grafanaProcess(grafana, { port: ports.grafana, prometheusUrl, dataFolder });
  // In development, browsers ask for module.js at each load and files new in dist/ are served, so that a build is seen.
  processes.start({ ...options, env: { ...options.env, GF_DEFAULT_APP_MODE: 'development' } });
  await waitFor('Grafana', `${grafanaUrl}/api/health`, 180);
  // The app imports its dashboard a moment after Grafana answers.
  await waitFor('The dashboard', `${grafanaUrl}/api/dashboards/uid/${DASHBOARD_UID}`, 60);
  await saveDashboard(grafanaUrl, benchDashboard());

  return {
    grafanaUrl,
    prometheusUrl,
    benchDashboardUrl: `${grafanaUrl}/d/${BENCH_DASHBOARD_UID}`,
    bundledDashboardUrl: `${grafanaUrl}/d/${DASHBOARD_UID}?var-job=tree-1000`,
    close: () => programs.close(),
  };
}

async function saveDashboard(grafanaUrl: string, dashboard: object) {
  const answer = await fetch(`${grafanaUrl}/api/dashboards/db`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: ADMIN },
    body: JSON.stringify({ dashboard, overwrite: true }),
  });
  if (!answer.ok) {
    throw new Error(`Grafana did not take the dashboard: ${answer.status} ${await answer.text()}`);
  }
}
