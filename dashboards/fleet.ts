import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { FLEET_PANELS as PANEL } from '../src/constants';
import { fleetTree } from '../src/promql/dashboard/fleet';
import { BUNDLED, REVISION } from './edition';
import { appLinks, dashboardLink } from './links';
import { flameGraph } from './panels/callTrees';
import { jobs } from './panels/jobs';
import { fleetVariables } from './variables';

/** All Go programs by job, and the merged call trees of one. */
export function fleet(edition = BUNDLED): dashboard.Dashboard {
  const built = new dashboard.DashboardBuilder(edition.fleetTitle)
    .uid(edition.fleetUid)
    .description('Which Go program needs a look, and the call trees of all its processes')
    .revision(REVISION)
    .tags(['go', 'goroutines', 'memory'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('1m')
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .links([dashboardLink('Instances', edition.uid, 'The worst instance of a job'), ...appLinks()])
    .variables(fleetVariables());
  const merged = flameGraph(
    PANEL.flameGraph,
    'Whose goroutines? All of $job',
    { h: 15, w: 24, x: 0, y: 24 },
    fleetTree
  );
  [...jobs(edition.uid), merged].forEach((panel) => built.withPanel(panel));
  return built.build();
}
