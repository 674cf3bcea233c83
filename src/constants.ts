import pluginJson from './plugin.json';

export const APP_ID = pluginJson.id;
/** A range of semantic versions. */
export const GRAFANA_VERSIONS = pluginJson.dependencies.grafanaDependency;
export const PANEL_ID = 'stackpressure-goroutineflamegraph-panel';
export const DASHBOARD_UID = 'goroutine-stack-pressure';

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
};
