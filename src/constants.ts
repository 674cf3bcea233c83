import pluginJson from './plugin.json';

export const APP_ID = pluginJson.id;
/** A range of semantic versions. */
export const GRAFANA_VERSIONS = pluginJson.dependencies.grafanaDependency;
export const PANEL_ID = 'stackpressure-goroutineflamegraph-panel';
export const DASHBOARD_UID = 'goroutine-stack-pressure';
export const FLEET_DASHBOARD_UID = 'goroutine-stack-fleet';

/** Ids of the dashboard's panels: links of alerts and `fg-<panel id>` in URLs carry them, so none is ever reused. */
export const DASHBOARD_PANELS = {
  memory: 1,
  goroutines: 2,
  flameGraph: 3,
  growing: 4,
  largest: 5,
  limit: 6,
  count: 7,
  stacks: 8,
  timeToOom: 9,
  usedOfLimit: 10,
  mostUrgent: 11,
  stacksRow: 12,
  largestStacks: 13,
  stackSizes: 14,
  stackBytes: 15,
  stackGrowth: 16,
  churnRow: 17,
  creations: 18,
  exits: 19,
  waitsRow: 20,
  waits: 21,
  gcRow: 22,
  gcPressure: 23,
  gcCycles: 24,
  gcHeap: 25,
  collectorRow: 26,
  snapshotAge: 27,
  collectorErrors: 28,
  treeCuts: 29,
  probes: 30,
};

/** Ids of the panels of the dashboard of all jobs, as stable. */
export const FLEET_PANELS = {
  jobs: 1,
  usedOfLimit: 2,
  flameGraph: 3,
  goroutines: 4,
  stacks: 5,
  restarts: 6,
};
