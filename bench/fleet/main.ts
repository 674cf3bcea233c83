import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import type { BrowserContext } from '@playwright/test';
import { CleanUps } from '../../demo/cleanUps';
import { type Grafana, requireGrafana } from '../../demo/grafana';
import { buildPlugin, emptyPlace, freePort, runBenchmark, startBrowser } from '../grafanaSetting';
import { remark } from '../panel/progress';
import { HELP, type Settings, settingsOf } from './commandLine';
import { loadPage } from './load';
import { type MeasuredPage, measuredPages } from './pages';
import { fleet, type FleetJob } from './shape';
import { type FleetStage, startFleetStage } from './stage';
import { type Measured, resultOf, table } from './table';
import type { PageLoad } from './timings';

/** As high as the dashboards: Grafana asks only for panels that are in view. */
const VIEWPORT = { width: 1600, height: 2200 };

/** The page of alerts is for those who may change them. */
const ADMIN = `Basic ${Buffer.from('admin:admin').toString('base64')}`;

const cleanUps = new CleanUps();

async function main() {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === 'help') {
    console.log(HELP);
    return;
  }
  const [otherWork] = loadavg();
  cleanUps.exitOnSignals();

  const jobs = fleet(settings.instances, settings.nodes);
  const pages = chosenPages(measuredPages(jobs[0].job), settings.pages);
  const grafana = await requireGrafana(remark);
  if (settings.build) {
    await buildPlugin();
  }
  const stage = await startStage(grafana, jobs, settings);
  const measured: Measured[] = [];
  for (const withRules of settings.rules) {
    if (withRules) {
      await stage.loadRules();
    }
    if (settings.runs > 0) {
      measured.push(...(await measureAll(stage, pages, withRules, settings.runs)));
    }
  }
  if (settings.runs > 0) {
    console.log(`${table(measured)}\n\n${describeSetting(grafana, settings, otherWork)}`);
    if (settings.json) {
      const results = measured.map((one) => resultOf(one, settings.instances));
      writeFileSync(settings.json, `${JSON.stringify(results, null, 2)}\n`);
    }
  }
  if (settings.keep) {
    printAddresses(stage, pages);
  } else {
    await cleanUps.exit(0);
  }
}

function chosenPages(pages: MeasuredPage[], names: string[] | undefined): MeasuredPage[] {
  const unknown = names?.find((name) => pages.every((page) => page.name !== name));
  if (unknown !== undefined) {
    throw new Error(`--pages takes ${pages.map(({ name }) => name).join(', ')}, not “${unknown}”`);
  }
  return pages.filter(({ name }) => names?.includes(name) ?? true);
}

async function startStage(
  grafana: Grafana,
  jobs: readonly FleetJob[],
  { port, prometheusPort }: Settings
): Promise<FleetStage> {
  const stage = await startFleetStage({
    grafana,
    jobs,
    ...emptyPlace(cleanUps, 'fleet-bench-'),
    ports: {
      grafana: await freePort(port),
      prometheus: await freePort(prometheusPort),
      targets: await freePort(prometheusPort + 1),
    },
    log: remark,
  });
  cleanUps.add(() => stage.close());
  return stage;
}

async function measureAll(
  stage: FleetStage,
  pages: readonly MeasuredPage[],
  withRules: boolean,
  runs: number
): Promise<Measured[]> {
  const browser = await startBrowser(cleanUps);
  // One for all loads, so that Grafana's own files come from the browser's cache, as they do for who uses it.
  const context = await browser.newContext({ viewport: VIEWPORT, extraHTTPHeaders: { Authorization: ADMIN } });
  const measured: Measured[] = [];
  for (const page of pages) {
    measured.push({ page: page.name, withRules, ...(await measure(context, stage.grafanaUrl, page, runs)) });
  }
  await browser.close();
  return measured;
}

async function measure(
  context: BrowserContext,
  grafanaUrl: string,
  { name, path: below, content, api }: MeasuredPage,
  runs: number
): Promise<Pick<Measured, 'loads' | 'blank' | 'missing'>> {
  const loads: PageLoad[] = [];
  let blank = 0;
  const missing = (reason: string) => {
    remark(`${name} is missing: ${reason}`);
    return { loads, blank, missing: reason };
  };
  const answer = api && (await context.request.get(grafanaUrl + api));
  if (answer && !answer.ok()) {
    return missing(`Grafana answers ${answer.status()}`);
  }
  // The first load is of files that the browser has not yet, and of blocks that Prometheus has not read yet.
  for (let run = 0; run <= runs; run++) {
    const load = await loadPage(context, ADMIN, grafanaUrl + below, content);
    const { firstPaintMs, requests, failed } = load;
    remark(
      `${name}, ${run === 0 ? 'first load' : `load ${run} of ${runs}`}: ` +
        `${firstPaintMs === undefined ? 'shows nothing' : `${Math.round(firstPaintMs)} ms to first paint`}, ${requests} ` +
        `requests in ${Math.round(load.inPageMs)} ms, again in ${Math.round(load.queryMs)} ms, ${failed} failed, ${Math.round(load.decodedBytes / 1000)} kB`
    );
    if (firstPaintMs === undefined) {
      if (run === 0 && requests === 0) {
        return missing('it asks Prometheus nothing');
      }
      blank += Number(run > 0);
    } else if (run > 0) {
      loads.push(load);
    }
  }
  return loads.length > 0
    ? { loads, blank, missing: undefined }
    : missing(`it shows nothing from Prometheus in ${blank} loads`);
}

function describeSetting(grafana: Grafana, { instances, nodes, runs }: Settings, otherWork: number): string {
  return (
    `${instances.toLocaleString('en')} processes with call trees of some ${nodes} nodes, scraped every 15 s. Medians of ` +
    `${runs} loads in a window of ${VIEWPORT.width} × ${VIEWPORT.height}, ${new Date().toISOString().slice(0, 10)}: ` +
    `Grafana ${grafana.version}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${otherWork.toFixed(1)} before and ` +
    `${loadavg()[0].toFixed(1)} at the end.`
  );
}

function printAddresses({ grafanaUrl, prometheusUrl }: FleetStage, pages: readonly MeasuredPage[]) {
  const addresses = [
    ...pages.map(({ name, path: below }) => [name, grafanaUrl + below]),
    ['Grafana (admin, password admin)', grafanaUrl],
    ['Prometheus', prometheusUrl],
  ];
  console.log(['ready', ...addresses.map(([name, url]) => `${name}: ${url}`), 'Ctrl-C stops everything.'].join('\n'));
}

runBenchmark('bench:fleet', main, cleanUps);
