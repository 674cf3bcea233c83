import { locationUtil, urlUtil } from '@grafana/data';
import { DASHBOARD_UID } from './constants';

/** Link to the bundled dashboard at a data source and a job; what is `undefined` is left to the dashboard's own choice. */
export function dashboardUrl({ dataSourceUid, job }: { dataSourceUid?: string; job?: string }): string {
  return locationUtil.assureBaseUrl(
    urlUtil.renderUrl(`/d/${DASHBOARD_UID}`, {
      ...(dataSourceUid && { 'var-datasource': dataSourceUid }),
      ...(job && { 'var-job': job }),
    })
  );
}
