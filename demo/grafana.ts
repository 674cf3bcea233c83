import { copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { satisfies } from 'semver';
import { APP_ID, GRAFANA_VERSIONS, PANEL_ID } from '../src/constants';
import { run, whereIs } from './command';
import type { ProcessOptions } from './processes';

export interface Grafana {
  binary: string;
  /** The folder with conf/ and public/. */
  home: string;
  version: string;
}

const ROOT = path.resolve(__dirname, '..');

/** A Grafana on this machine that can show the plugin: of `GRAFANA_HOME`, else on the PATH. Says why it passes one over. */
export async function findGrafana(log: (message: string) => void): Promise<Grafana | undefined> {
  for (const [place, binary] of await candidates()) {
    const version = await versionOf(binary);
    const home = homeOf(binary);
    if (!version) {
      log(`Passing over ${place}: ${binary} is not there or is no Grafana`);
    } else if (!satisfies(version, GRAFANA_VERSIONS)) {
      log(`Passing over ${place}: it is Grafana ${version}, and the plugin needs ${GRAFANA_VERSIONS}`);
    } else if (!home) {
      log(`Passing over ${place}: no conf/defaults.ini beside ${binary}; set GRAFANA_HOME to the folder that has it`);
    } else {
      return { binary, home, version };
    }
  }
  return undefined;
}

/** @throws Error that says what to install when there is no Grafana. */
export async function requireGrafana(log: (message: string) => void): Promise<Grafana> {
  const grafana = await findGrafana(log);
  if (!grafana) {
    throw new Error(
      `No Grafana ${GRAFANA_VERSIONS} here: set GRAFANA_HOME to the folder with its bin/, conf/ and public/, or put ` +
        'grafana on the PATH.'
    );
  }
  return grafana;
}

async function candidates(): Promise<Array<[place: string, binary: string]>> {
  const found: Array<[string, string]> = [];
  if (process.env.GRAFANA_HOME) {
    found.push([
      `GRAFANA_HOME=${process.env.GRAFANA_HOME}`,
      path.join(path.resolve(process.env.GRAFANA_HOME), 'bin/grafana'),
    ]);
  }
  const onPath = await whereIs('grafana');
  if (onPath) {
    found.push(['the grafana on the PATH', onPath]);
  }
  return found;
}

async function versionOf(binary: string): Promise<string | undefined> {
  const { stdout } = await run(binary, ['-v']);
  return /version (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
}

/** Archives have bin/ in the home; Debian's and RPM packages put the home in /usr/share. */
function homeOf(binary: string): string | undefined {
  const beside = existsSync(binary) ? path.resolve(realpathSync(binary), '../..') : '';
  return [beside, '/usr/share/grafana'].find((home) => existsSync(path.join(home, 'conf/defaults.ini')));
}

export interface GrafanaDemo {
  port: number;
  prometheusUrl: string;
  /** A throw-away folder; `provisioning/alerting` in it is written before Grafana starts. */
  dataFolder: string;
}

/** Lays out the data folder, provisioned as provisioning/ says and with the built plugin linked. */
export function prepareGrafana(dataFolder: string) {
  for (const folder of ['datasources', 'plugins']) {
    const to = path.join(dataFolder, 'provisioning', folder);
    const file = { datasources: 'prometheus.yaml', plugins: 'goroutines.yaml' }[folder]!;
    mkdirSync(to, { recursive: true });
    copyFileSync(path.join(ROOT, 'provisioning', folder, file), path.join(to, file));
  }
  // Grafana warns of each kind of provisioning that has no folder.
  mkdirSync(path.join(dataFolder, 'provisioning/dashboards'), { recursive: true });
  mkdirSync(path.join(dataFolder, 'provisioning/alerting'), { recursive: true });
  mkdirSync(path.join(dataFolder, 'plugins'), { recursive: true });
  symlinkSync(path.join(ROOT, 'dist'), path.join(dataFolder, 'plugins', APP_ID));
}

/** How to run Grafana on loopback with nothing kept and nothing asked of the internet. */
export function grafanaProcess(grafana: Grafana, { port, prometheusUrl, dataFolder }: GrafanaDemo): ProcessOptions {
  return {
    name: 'Grafana',
    command: grafana.binary,
    args: ['server', `--homepath=${grafana.home}`],
    env: {
      PROMETHEUS_URL: prometheusUrl,
      GF_SERVER_HTTP_ADDR: '127.0.0.1',
      GF_SERVER_HTTP_PORT: String(port),
      // Where the links of alerts lead.
      GF_SERVER_ROOT_URL: `http://127.0.0.1:${port}/`,
      GF_PATHS_DATA: path.join(dataFolder, 'data'),
      GF_PATHS_LOGS: path.join(dataFolder, 'logs'),
      GF_PATHS_PLUGINS: path.join(dataFolder, 'plugins'),
      GF_PATHS_PROVISIONING: path.join(dataFolder, 'provisioning'),
      GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: `${APP_ID},${PANEL_ID}`,
      GF_PLUGINS_PREINSTALL_DISABLED: 'true',
      GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: 'true',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
      GF_NEWS_NEWS_FEED_ENABLED: 'false',
      GF_SECURITY_DISABLE_GRAVATAR: 'true',
      // The dashboard opens without signing in; settings need the admin.
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_SECURITY_ADMIN_PASSWORD: 'admin',
    },
  };
}
