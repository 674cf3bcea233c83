import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import getPort from 'get-port';
import { writeGrafanaAlerting } from '../alerts/provision';
import { DASHBOARD_UID } from '../src/constants';
import { robotUrls } from './alerting';
import { CleanUps } from './cleanUps';
import { mustRun } from './command';
import { Compose, dockerWorks } from './docker';
import { findGrafana, type Grafana, grafanaProcess, prepareGrafana } from './grafana';
import { buildPreview } from './preview/build';
import { startPreview } from './preview/server';
import { Processes, waitFor } from './processes';
import { SCENARIO, startStage } from './stage';

const ROOT = path.resolve(__dirname, '..');
const DATA_SOURCE_UID = 'prometheus';

/** Each where a person expects it, or the next free one. */
const PREFERRED_PORTS = { grafana: 3000, preview: 3000, prometheus: 9090, exporter: 9979, program: 6060, robots: 8080 };

type Addresses = Array<[name: string, url: string]>;

const cleanUps = new CleanUps();

async function main() {
  cleanUps.exitOnSignals(() => console.log('Stopping …'));
  // Whoever read what this prints has gone.
  process.stdout.on('error', () => void cleanUps.exit(1));
  process.stderr.on('error', () => void cleanUps.exit(1));
  process.on('uncaughtException', fail);
  endWithParent();

  const folder = mkdtempSync(path.join(tmpdir(), 'goroutine-stack-pressure-'));
  cleanUps.add(() => rmSync(folder, { recursive: true, force: true }));

  console.log('Building the plugin …');
  await mustRun('npm', ['run', '--silent', 'build'], { cwd: ROOT });

  const grafana = await findGrafana(console.log);
  const inContainers = !grafana && (await dockerWorks(console.log));
  const addresses = inContainers ? await startCompose(folder) : await startHere(folder, grafana);

  console.log('ready');
  for (const [name, url] of addresses) {
    console.log(`${name}: ${url}`);
  }
  console.log('The alert fires some seven minutes from now. Ctrl-C stops everything.');
  openInBrowser(addresses[0][1]);
}

async function startHere(folder: string, grafana: Grafana | undefined): Promise<Addresses> {
  const processes = new Processes(path.join(folder, 'logs'), (message) => {
    console.error(message);
    void cleanUps.exit(1);
  });
  cleanUps.add(() => processes.stop());

  const stage = await startStage({
    folder,
    processes,
    ports: { program: await port('program'), exporter: await port('exporter'), prometheus: await port('prometheus') },
    log: console.log,
  });
  console.log(`Prometheus is ${stage.prometheusFrom}`);
  const below: Addresses = [
    ['Prometheus', stage.prometheusUrl],
    ['Program', stage.programUrl],
    ['Exporter', stage.exporterUrl],
  ];
  if (grafana) {
    const robotsPort = await port('robots');
    const robots = `http://127.0.0.1:${robotsPort}`;
    processes.start({
      name: 'Robots',
      command: process.execPath,
      args: [path.join(__dirname, 'robots.mjs')],
      env: { ROBOTS_PORT: String(robotsPort) },
    });
    await waitFor('The stand-in for Slack and DingTalk', robots, 10);
    const grafanaUrl = await startGrafana(folder, grafana, processes, stage.prometheusUrl, robots);
    return [...grafanaAddresses(grafanaUrl, stage.job), ...below, ['Robots', robots]];
  }
  console.log('Neither a Grafana nor Docker is here: showing the panel in a preview page');
  const hostDir = path.join(ROOT, '.cache/preview');
  await buildPreview({ nodeModules: path.join(ROOT, 'node_modules'), outDir: hostDir });
  const preview = await startPreview({
    port: await port('preview'),
    prometheusUrl: stage.prometheusUrl,
    job: stage.job,
    hostDir,
  });
  cleanUps.add(() => preview.close());
  return [['Preview', preview.url], ...below];
}

async function startGrafana(
  folder: string,
  grafana: Grafana,
  processes: Processes,
  prometheusUrl: string,
  robots: string
): Promise<string> {
  console.log(
    `Starting Grafana ${grafana.version} of ${grafana.home}; sign in as admin, password admin, to change things`
  );
  const dataFolder = path.join(folder, 'grafana');
  prepareGrafana(dataFolder);
  provisionAlerts(path.join(dataFolder, 'provisioning/alerting'), robots);
  const grafanaPort = await port('grafana');
  const url = `http://127.0.0.1:${grafanaPort}`;
  processes.start(grafanaProcess(grafana, { port: grafanaPort, prometheusUrl, dataFolder }));
  await waitFor('Grafana', `${url}/api/health`, 120);
  // The app imports its dashboard a moment after Grafana answers.
  await waitFor('The dashboard', `${url}/api/dashboards/uid/${DASHBOARD_UID}`, 60);
  return url;
}

async function startCompose(folder: string): Promise<Addresses> {
  const alerting = path.join(folder, 'alerting');
  mkdirSync(alerting);
  provisionAlerts(alerting, 'http://robots:8080');
  const ports = {
    grafana: await port('grafana'),
    prometheus: await port('prometheus'),
    exporter: await port('exporter'),
    program: await port('program'),
    robots: await port('robots'),
  };
  console.log('Starting Grafana and the rest by docker compose; the first time, it fetches and builds images …');
  const compose = new Compose(ports, alerting);
  cleanUps.add(() => compose.down());
  await compose.up();
  const url = (name: keyof typeof ports) => `http://127.0.0.1:${ports[name]}`;
  return [
    ...grafanaAddresses(url('grafana'), SCENARIO),
    ['Prometheus', url('prometheus')],
    ['Program', url('program')],
    ['Exporter', url('exporter')],
    ['Robots', url('robots')],
  ];
}

function grafanaAddresses(url: string, job: string): Addresses {
  return [
    ['Dashboard', `${url}/d/${DASHBOARD_UID}?var-job=${job}`],
    ['Grafana', url],
  ];
}

function provisionAlerts(outDir: string, standIn: string) {
  const { integrations } = writeGrafanaAlerting({
    outDir,
    datasourceUid: DATA_SOURCE_UID,
    ...robotUrls(process.env, standIn),
  });
  console.log(
    integrations.length > 0
      ? `The alert goes to: ${integrations.join(', ')}`
      : 'No address for Slack or DingTalk: the alert goes where Grafana’s notification policies say'
  );
}

async function port(name: keyof typeof PREFERRED_PORTS): Promise<number> {
  const preferred = PREFERRED_PORTS[name];
  const free = await getPort({ host: '127.0.0.1', port: preferred });
  if (free !== preferred) {
    console.log(`Port ${preferred} is in use; ${name} gets ${free}`);
  }
  return free;
}

/** When npm itself is killed, no signal reaches its script. This also keeps it running while containers do the work. */
function endWithParent() {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && void cleanUps.exit(1), 1000);
}

/** Where a person sits before a screen; if nothing there opens addresses, the printed one is enough. */
function openInBrowser(url: string) {
  if (process.stdout.isTTY && (process.env.DISPLAY || process.env.WAYLAND_DISPLAY)) {
    spawn('xdg-open', [url], { detached: true, stdio: 'ignore' })
      .on('error', () => {})
      .unref();
  }
}

function fail(error: Error) {
  // What fails because it is being ended is no news.
  if (!cleanUps.areRunning) {
    console.error(error.message);
  }
  void cleanUps.exit(1);
}

main().catch(fail);
