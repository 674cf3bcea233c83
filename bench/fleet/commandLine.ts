import { parseArgs } from 'node:util';
import { FEWEST_INSTANCES } from './shape';

export interface Settings {
  instances: number;
  /** Of each process's call tree. */
  nodes: number;
  /** Loads of each page; none: nothing is measured. */
  runs: number;
  /** Names of pages; `undefined`: all. */
  pages: string[] | undefined;
  /** Whether the rules of alerts/ are loaded, one after the other. */
  rules: boolean[];
  /** Where the results go. */
  json: string | undefined;
  /** Whether the plugin is built first. */
  build: boolean;
  /** Whether all stays up after the measurement. */
  keep: boolean;
  /** Grafana's. */
  port: number;
  /** Prometheus'; the port of the fleet's metrics follows it. */
  prometheusPort: number;
}

export const HELP = `npm run bench:fleet [-- OPTIONS]

Measures how long the app's pages and dashboards take for a large fleet: Go processes with client_golang's metrics and a
call tree each, of which one in fifty leaks, scraped by a real Prometheus behind a real Grafana. GRAFANA_HOME names the
Grafana, the folder with its bin/, conf/ and public/; else the one on the PATH is taken. All is measured without and then,
on the same series, with the rules of alerts/oom.rules.yml and alerts/calltree.rules.yml.

Options:
  --instances N        processes, over ten jobs (1000)
  --nodes N            nodes of each call tree (400)
  --runs N             loads of each page after one that does not count; the median counts (5). 0 measures nothing
  --pages NAME,…       of setup, processes, alerts, dashboard, fleet (all)
  --no-rules           only without the rules
  --rules              only with them
  --json FILE          writes [{page, instances, with_rules, query_ms, bytes, first_paint_ms}], null for what is missing
  --no-build           takes dist/ as it is
  --keep               leaves all running until Ctrl-C and prints the addresses (--runs 0 --keep: at once)
  --port N             Grafana's (3300)
  --prometheus-port N  Prometheus' (9390)
  --help

Columns:
  first paint      from the navigation to the screen with something from Prometheus on it: a row of the page's table, a panel
                   of the dashboard
  query            to answer all of the page's requests to Prometheus (/api/ds/query, and resources of the data source), sent
                   again six at a time when its tab is closed, as a browser that draws in software takes the servers' CPU:
                   query_ms in the JSON
  in the page      from the start of the first of these requests to the end of the last, in that browser, before the network
                   is quiet for three seconds
  failed           of these requests, at most in a load: Grafana answered with an error
  blank loads      showed nothing, and are in no other column
  sum, slowest     of the times of these requests
  bytes, encoded   of their answers in the page (bytes in the JSON), and as they came over the network

Before all: 70 minutes of the processes in steps of 15 s and 12 of the trees in steps of a minute, by promtool; then both are
scraped every 15 s. The recordings that the rules read get a past by promtool too, of an hour; what is recorded of growth and
the time to OOM, of half an hour, and a job's merged trees, of 12 minutes.`;

/** @throws Error that says which option is wrong. */
export function settingsOf(args: string[]): Settings | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      instances: { type: 'string', default: '1000' },
      nodes: { type: 'string', default: '400' },
      runs: { type: 'string', default: '5' },
      pages: { type: 'string' },
      rules: { type: 'boolean', default: false },
      'no-rules': { type: 'boolean', default: false },
      json: { type: 'string' },
      'no-build': { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      port: { type: 'string', default: '3300' },
      'prometheus-port': { type: 'string', default: '9390' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    return 'help';
  }
  if (values.rules && values['no-rules']) {
    throw new Error('--rules and --no-rules exclude each other; without either, both are measured');
  }
  return {
    instances: wholeNumber('--instances', values.instances, FEWEST_INSTANCES),
    nodes: wholeNumber('--nodes', values.nodes, 40),
    runs: wholeNumber('--runs', values.runs, 0),
    pages: values.pages?.split(','),
    rules: values.rules ? [true] : values['no-rules'] ? [false] : [false, true],
    json: values.json,
    build: !values['no-build'],
    keep: values.keep,
    port: wholeNumber('--port', values.port, 1),
    prometheusPort: wholeNumber('--prometheus-port', values['prometheus-port'], 1),
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least) {
    throw new Error(`${option} takes whole numbers from ${least} on, not “${text}”`);
  }
  return value;
}
