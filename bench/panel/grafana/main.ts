import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from '@playwright/test';
import { CleanUps } from '../../../demo/cleanUps';
import { type Grafana, requireGrafana } from '../../../demo/grafana';
import { buildPlugin, emptyPlace, freePort, runBenchmark, startBrowser } from '../../grafanaSetting';
import { remark } from '../progress';
import { HELP, settingsOf } from './commandLine';
import { benchPanels } from './dashboard';
import { openPanel, profiledRefresh, refresh } from './refresh';
import { type GrafanaStage, SCRAPE_SECONDS, startGrafanaStage } from './stage';
import { type Measured, table } from './table';

/** Nodes of the smallest tree that is measured; those below are for looking at. */
const SMALLEST = 1000;

/** Refreshes under the profiler, of each size. */
const PROFILED = 3;

const cleanUps = new CleanUps();

async function main() {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === 'help') {
    console.log(HELP);
    return;
  }
  const [otherWork] = loadavg();
  cleanUps.exitOnSignals();

  const grafana = await requireGrafana(remark);
  if (settings.build) {
    await buildPlugin();
  }
  const stage = await startStage(grafana, settings.port);
  if (settings.runs > 0) {
    const browser = await startBrowser(cleanUps);
    const measured: Measured[] = [];
    for (const { id, job, scope } of benchPanels.filter((panel) => panel.job.size >= SMALLEST)) {
      const refreshes = await measure(browser, panelUrl(stage, id), settings.runs);
      measured.push({ nodes: job.size, scope, ...refreshes });
      remark(`Measured ${job.size.toLocaleString('en')} nodes, ${scope}`);
    }
    const setting = describeSetting(grafana, browser, settings.runs, otherWork);
    await browser.close();
    console.log(`${table(measured)}\n\n${setting}`);
    if (settings.json) {
      writeFileSync(settings.json, `${JSON.stringify({ setting, measured }, null, 2)}\n`);
    }
  }
  if (settings.keep) {
    printAddresses(stage);
  } else {
    await cleanUps.exit(0);
  }
}

async function startStage(grafana: Grafana, grafanaPort: number): Promise<GrafanaStage> {
  const stage = await startGrafanaStage({
    grafana,
    ...emptyPlace(cleanUps, 'flame-graph-bench-'),
    ports: {
      grafana: await freePort(grafanaPort),
      prometheus: await freePort(grafanaPort + 1),
      programs: await freePort(grafanaPort + 2),
    },
    log: remark,
  });
  cleanUps.add(() => stage.close());
  return stage;
}

async function measure(browser: Browser, url: string, runs: number): Promise<Pick<Measured, 'refreshes' | 'panel'>> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  await openPanel(page, url);
  const measured: Pick<Measured, 'refreshes' | 'panel'> = { refreshes: [], panel: [] };
  // The first refresh of a page is of code that was never run before.
  for (let run = -1; run < runs + PROFILED; run++) {
    // By then, there is a new scrape.
    await sleep(1000 * (SCRAPE_SECONDS + 1));
    if (run < 0) {
      await refresh(page);
    } else if (run < runs) {
      measured.refreshes.push(await refresh(page));
    } else {
      measured.panel.push(await profiledRefresh(page));
    }
  }
  await page.close();
  return measured;
}

function panelUrl({ benchDashboardUrl }: GrafanaStage, id: number): string {
  return `${benchDashboardUrl}?viewPanel=panel-${id}`;
}

function describeSetting(grafana: Grafana, browser: Browser, runs: number, otherWork: number): string {
  const day = new Date().toISOString().slice(0, 10);
  return (
    `Medians of ${runs} refreshes, ${day}: Grafana ${grafana.version}, Chromium ${browser.version()} headless, ` +
    `${cpus().length} × ${cpus()[0].model}, load ${otherWork.toFixed(1)} before.`
  );
}

function printAddresses(stage: GrafanaStage) {
  const addresses = [
    ['All panels', stage.benchDashboardUrl],
    ...benchPanels.map(({ id, job, scope }) => [`${job.size} nodes, ${scope}`, panelUrl(stage, id)]),
    ['Bundled dashboard', stage.bundledDashboardUrl],
    ['Grafana', stage.grafanaUrl],
    ['Prometheus', stage.prometheusUrl],
  ];
  console.log(['ready', ...addresses.map(([name, url]) => `${name}: ${url}`), 'Ctrl-C stops everything.'].join('\n'));
}

runBenchmark('bench:panel:grafana', main, cleanUps);
