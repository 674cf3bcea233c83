import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { goroutineStackPressure } from '../../../dashboards/goroutineStackPressure';
import { DASHBOARD_PANELS } from '../../../src/constants';
import { type TreeJob, treeJobs } from './treeJob';

export const BENCH_DASHBOARD_UID = 'flame-graph-bench';

/** The query of the call tree as it is now, by which the panel knows it. */
const CALL_TREE = 'A';

/** What a panel asks for. */
export type Scope = 'call tree' | 'all queries';

/** A panel for each size and scope, in the order of the dashboard. */
export const benchPanels: ReadonlyArray<{ id: number; job: TreeJob; scope: Scope }> = treeJobs
  .flatMap((job) => [{ job, scope: 'call tree' } as const, { job, scope: 'all queries' } as const])
  .map((panel, i) => ({ id: i + 1, ...panel }));

/**
 * The bundled dashboard's flame graph of each job: with the query of the call tree alone, and with all that the bundled
 * dashboard asks for.
 */
export function benchDashboard(): Dashboard {
  const bundled = goroutineStackPressure();
  const flameGraph = bundled.panels!.find(
    (panel) => 'id' in panel && panel.id === DASHBOARD_PANELS.flameGraph
  ) as Panel;
  return {
    ...bundled,
    uid: BENCH_DASHBOARD_UID,
    title: 'Flame graphs of synthetic call trees',
    description: 'One panel for each size of tree and set of queries',
    tags: [],
    links: [],
    // Who measures, refreshes.
    refresh: '',
    templating: { list: bundled.templating?.list?.filter(({ name }) => !(name in ofJob(treeJobs[0]))) },
    panels: benchPanels.map(({ id, job, scope }, i) => {
      const all = flameGraph.targets as Array<{ refId?: string }>;
      const targets = scope === 'call tree' ? all.filter(({ refId }) => refId === CALL_TREE) : all;
      return {
        ...flameGraph,
        targets: JSON.parse(withVariables(JSON.stringify(targets), ofJob(job))),
        id,
        title: `${job.size.toLocaleString('en')} nodes, ${scope}`,
        gridPos: { h: 20, w: 24, x: 0, y: 20 * i },
      };
    }),
  };
}

/** The dashboard's variables that each panel has its own value of. */
function ofJob({ job, instance }: TreeJob): Record<string, string> {
  return { job, instance };
}

function withVariables(text: string, values: Record<string, string>): string {
  return Object.entries(values).reduce((result, [name, value]) => result.replaceAll(`$${name}`, value), text);
}
