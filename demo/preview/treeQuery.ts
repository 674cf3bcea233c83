import { callTree, callTreeBefore } from '../../src/promql/dashboard/callTrees';

/** The flame graph's query in the dashboard that the plugin brings, for all instances of a job. */
export function treeQuery(job: string): string {
  return filledIn(callTree, job);
}

/** The same some time ago. */
export function treeBeforeQuery(job: string, offset: string): string {
  return filledIn(callTreeBefore, job).replace('$baseline', `offset ${offset}`);
}

function filledIn(query: string, job: string): string {
  return query.replace('$job', () => escapeInRegex(job)).replace('$instance', '.*');
}

/** As Grafana escapes a variable's value in a matcher by regular expression: once for it, once for PromQL's string. */
function escapeInRegex(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\\\$&').replaceAll('"', '\\"');
}
