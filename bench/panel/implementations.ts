import path from 'node:path';

export const ROOT = path.resolve(__dirname, '../..');
const OWN_MODULES = path.join(ROOT, 'node_modules');

export interface MeasuredImplementation {
  /** As in the table and in JSON. */
  name: string;
  /** Below `host/`. */
  script: string;
  /** Whose React and Grafana packages its page runs with. */
  nodeModules: string;
}

export const OURS: MeasuredImplementation = { name: 'ours', script: 'ours.tsx', nodeModules: OWN_MODULES };

/** With a package-lock.json of its own. */
export const GRAFANA_FLAMEGRAPH_FOLDER = path.join(__dirname, 'grafana-flamegraph');

export const PEERS: MeasuredImplementation[] = [
  { name: 'd3-flame-graph', script: 'd3FlameGraph.ts', nodeModules: OWN_MODULES },
  {
    name: 'grafana-flamegraph',
    script: 'grafanaFlameGraph.tsx',
    nodeModules: path.join(GRAFANA_FLAMEGRAPH_FOLDER, 'node_modules'),
  },
];

/** For what the panel's layout is worth without its canvas. */
export const PRUNED_D3: MeasuredImplementation = { name: 'pruned-d3', script: 'prunedD3.ts', nodeModules: OWN_MODULES };
