import { APP_ID, DASHBOARD_UID, FLEET_DASHBOARD_UID } from '../../src/constants';

export interface MeasuredPage {
  /** As in results. */
  name: string;
  /** Below Grafana's address. */
  path: string;
  /** CSS selector of what is there once the page shows something from Prometheus. */
  content: string;
  /** What Grafana answers where the page exists; unset where it always does. */
  api: string | undefined;
}

const PANEL_CONTENT = '[data-testid="data-testid panel content"]';
const TABLE_ROW = 'main tbody tr';

/** @param job that the dashboard shows; all else is the dashboard's own choice */
export function measuredPages(job: string): MeasuredPage[] {
  const appPage = (name: string, below: string, content: string): MeasuredPage => ({
    name,
    path: `/a/${APP_ID}${below}`,
    content,
    api: undefined,
  });
  const dashboard = (name: string, uid: string, parameters: string, content: string): MeasuredPage => ({
    name,
    // Without the refresh that would ask again before all is answered.
    path: `/d/${uid}?refresh=${parameters}`,
    content,
    api: `/api/dashboards/uid/${uid}`,
  });
  return [
    appPage('setup', '', TABLE_ROW),
    appPage('processes', '/processes', TABLE_ROW),
    // It waits until Prometheus has said whether it has recordings.
    appPage('alerts', '/alerts', 'section[aria-labelledby="alerts-installed"]'),
    dashboard(
      'dashboard',
      DASHBOARD_UID,
      `&var-job=${encodeURIComponent(job)}`,
      // The panel's status is there with the graph, and not with what is shown while it loads.
      `${PANEL_CONTENT}:has([data-testid="flame-graph-status"]) canvas`
    ),
    dashboard('fleet', FLEET_DASHBOARD_UID, '', `${PANEL_CONTENT} :is([role="gridcell"], canvas)`),
  ];
}
