import pluginJson from './plugin.json';

export const APP_ID = pluginJson.id;
export const PANEL_ID = 'stackpressure-goroutineflamegraph-panel';
export const DASHBOARD_UID = 'goroutine-stack-pressure';
