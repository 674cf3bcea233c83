import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_PANELS as PANEL } from '../src/constants';
import { events } from './annotations';
import { BUNDLED, REVISION } from './edition';
import { appLinks, dashboardLink } from './links';
import { flameGraph, OF_CHOSEN } from './panels/callTrees';
import { course } from './panels/course';
import { danger } from './panels/danger';
import { details } from './panels/details';
import { functions } from './panels/functions';
import { processVariables } from './variables';

/** The five questions of docs/design.md, from top to bottom. */
export function goroutineStackPressure(edition = BUNDLED): dashboard.Dashboard {
  const built = new dashboard.DashboardBuilder(edition.title)
    .uid(edition.uid)
    .description('Which Go process is about to die, since when, and whose goroutines it is')
    .revision(REVISION)
    .tags(['go', 'goroutines', 'memory'])
    .time({ from: 'now-15m', to: 'now' })
    .refresh('15s')
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .links([dashboardLink('Fleet', edition.fleetUid, 'All Go programs, by job'), ...appLinks()])
    .annotations(events())
    .variables(processVariables());
  const whose = flameGraph(PANEL.flameGraph, 'Whose goroutines?', { h: 15, w: 24, x: 0, y: 26 }, OF_CHOSEN);
  [...danger(), ...course(), whose, ...functions()].forEach((panel) => built.withPanel(panel));
  details(51).forEach((row) => built.withRow(row));
  return built.build();
}
