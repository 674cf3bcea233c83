import { locationUtil, urlUtil } from '@grafana/data';
import { APP_ID, DASHBOARD_UID, FLEET_DASHBOARD_UID } from './constants';

/** The app's pages, by their path below the app's own; '' is the root page. */
export const PAGES = { setup: '', processes: 'processes', alerts: 'alerts' } as const;

export type Page = keyof typeof PAGES;

/** Without Grafana's sub-path, which the router and links of @grafana/ui add. */
export const APP_PATH = `/a/${APP_ID}`;

/** In a page's URL: the uid of the data source that it asks. */
export const DATA_SOURCE_PARAMETER = 'ds';

interface PageParameters {
  dataSourceUid?: string;
  /** Filters the page. */
  job?: string;
}

/** Link to a page of the app, with Grafana's sub-path. */
export function pageUrl(page: Page, { dataSourceUid, job }: PageParameters = {}): string {
  const path = PAGES[page] === '' ? APP_PATH : `${APP_PATH}/${PAGES[page]}`;
  return withBase(path, { [DATA_SOURCE_PARAMETER]: dataSourceUid, job });
}

interface DashboardParameters {
  dataSourceUid?: string;
  job?: string;
  instance?: string;
  /** Times, as Grafana's `from` and `to`: ms since 1970 as text, or such as `now-1h`. */
  from?: string;
  to?: string;
}

/** Link to the bundled dashboard; what is `undefined` is left to the dashboard's own choice. */
export function dashboardUrl({ dataSourceUid, job, instance, from, to }: DashboardParameters = {}): string {
  return withBase(`/d/${DASHBOARD_UID}`, {
    'var-datasource': dataSourceUid,
    'var-job': job,
    'var-instance': instance,
    from,
    to,
  });
}

/** Link to the dashboard of all jobs. */
export function fleetUrl({ dataSourceUid }: Pick<DashboardParameters, 'dataSourceUid'>): string {
  return withBase(`/d/${FLEET_DASHBOARD_UID}`, { 'var-datasource': dataSourceUid });
}

export function configurationUrl(): string {
  return withBase(`/plugins/${APP_ID}`, { page: 'configuration' });
}

export function dataSourceSettingsUrl(uid: string): string {
  return withBase(`/connections/datasources/edit/${encodeURIComponent(uid)}`, {});
}

function withBase(path: string, parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value);
  return locationUtil.assureBaseUrl(urlUtil.renderUrl(path, Object.fromEntries(given)));
}
