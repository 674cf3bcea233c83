import dashboard from '../../dashboards/goroutine-stack-pressure.json';

export const FLAME_GRAPH_PANEL_ID = 3;

/** The flame graph's query in the dashboard that the plugin brings, for all instances of a job. */
export function treeQuery(job: string): string {
  const panel = dashboard.panels.find(({ id }) => id === FLAME_GRAPH_PANEL_ID);
  const expr = panel?.targets?.find(({ refId }) => refId === 'A')?.expr;
  if (!expr) {
    throw new Error(`dashboards/goroutine-stack-pressure.json has no query A in panel ${FLAME_GRAPH_PANEL_ID}`);
  }
  return expr.replace('$job', () => escapeInRegex(job)).replace('$instance', '.*');
}

/** As Grafana escapes a variable's value in a matcher by regular expression: once for it, once for PromQL's string. */
function escapeInRegex(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\\\$&').replaceAll('"', '\\"');
}
