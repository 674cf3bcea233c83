import { parseArgs } from 'node:util';

export interface Settings {
  /** Refreshes of each size; none: nothing is measured. */
  runs: number;
  /** Where each refresh goes as JSON. */
  json: string | undefined;
  /** Whether the plugin is built first. */
  build: boolean;
  /** Whether all stays up after the measurement. */
  keep: boolean;
  /** Grafana's; the ports of Prometheus and of the programs follow it. */
  port: number;
}

export const HELP = `npm run bench:panel:grafana [-- OPTIONS]

Measures the flame graph panel in a real Grafana, over a real Prometheus that scrapes call trees of up to 20,000 nodes: how
long it takes from the start of the query, when Grafana's refresh button is pressed, to the pixels of the answer. GRAFANA_HOME
names the Grafana, the folder with its bin/, conf/ and public/; else the one on the PATH is taken.

Options:
  --runs N      refreshes of each panel; the median counts (5). 0 measures nothing
  --json FILE   writes each refresh there
  --no-build    takes dist/ as it is
  --keep        leaves all running until Ctrl-C and prints the addresses, for looking at by hand (--runs 0 --keep: at once)
  --port N      Grafana's (3300)
  --help

Columns:
  queries            the one of the call tree alone, or all that the bundled dashboard's panel has (a baseline, bytes)
  server             from the start of the request to the answer's first byte: Grafana's server, and Prometheus behind it
  transfer           to its last byte
  browser            to the animation frame that finds the new total in the panel: Grafana's data frames, and the panel
  two frames         to the second animation frame after that; what the panel has drawn is on the screen by then
  panel's own code   how much of the two before was spent in it, by a profiler, in refreshes of their own that it slows

Looking at it: everyone may look; sign in as admin, password admin, to edit. tree-1000 has a past of two hours with a restart,
a baseline of five minutes ago shows a storm that grows and functions that came and went. Grafana reads the plugin from
dist/: build it (npm run build, or npm run dev) and reload the page to see a change of the panel. What Grafana reads when it
starts, plugin.json and the dashboards, needs another start of this.`;

/** @throws Error that says which option is wrong. */
export function settingsOf(args: string[]): Settings | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '5' },
      json: { type: 'string' },
      'no-build': { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      port: { type: 'string', default: '3300' },
      help: { type: 'boolean', default: false },
    },
  });
  return values.help
    ? 'help'
    : {
        runs: wholeNumber('--runs', values.runs),
        json: values.json,
        build: !values['no-build'],
        keep: values.keep,
        port: wholeNumber('--port', values.port),
      };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0) {
    throw new Error(`${option} takes whole numbers, not “${text}”`);
  }
  return value;
}
