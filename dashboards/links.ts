import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { APP_ID } from '../src/constants';

const APP = `/a/${APP_ID}`;
/** The app's pages ask the same data source. */
const SAME_DATA_SOURCE = '?ds=${datasource}';

export function appLinks() {
  return [
    link(
      'App',
      `${APP}${SAME_DATA_SOURCE}`,
      'info',
      'What Prometheus knows of your Go programs, and what would add to it'
    ),
    link('Processes', `${APP}/processes${SAME_DATA_SOURCE}`, 'doc', 'Every Go process, the most urgent first'),
    link('Alerts', `${APP}/alerts${SAME_DATA_SOURCE}`, 'bolt', 'The rules that warn before memory ends'),
  ];
}

export function dashboardLink(title: string, uid: string, tooltip: string) {
  return link(title, `/d/${uid}?\${datasource:queryparam}&\${job:queryparam}`, 'dashboard', tooltip).keepTime(true);
}

function link(title: string, url: string, icon: string, tooltip: string) {
  return new dashboard.DashboardLinkBuilder(title)
    .type(dashboard.DashboardLinkType.Link)
    .url(url)
    .icon(icon)
    .tooltip(tooltip);
}
