import { type GrafanaConfig, locationUtil } from '@grafana/data';
import { dashboardUrl, dataSourceSettingsUrl, pageUrl } from './routes';

function serveFrom(appSubUrl: string) {
  locationUtil.initialize({
    config: { appSubUrl } as GrafanaConfig,
    getVariablesUrlParams: () => ({}),
    getTimeRangeForUrl: () => ({ from: 'now-1h', to: 'now' }),
  });
}

afterEach(() => serveFrom(''));

it('links to pages and dashboards, and leaves out what is not chosen', () => {
  expect(pageUrl('setup')).toBe('/a/stackpressure-goroutines-app');
  expect(pageUrl('alerts', { dataSourceUid: 'p' })).toBe('/a/stackpressure-goroutines-app/alerts?ds=p');
  expect(dashboardUrl({ job: 'web' })).toBe('/d/goroutine-stack-pressure?var-job=web');
});

it('stays under the path that Grafana is served from', () => {
  serveFrom('/grafana');
  expect(pageUrl('processes')).toBe('/grafana/a/stackpressure-goroutines-app/processes');
  expect(dashboardUrl()).toBe('/grafana/d/goroutine-stack-pressure');
  expect(dataSourceSettingsUrl('a/b')).toBe('/grafana/connections/datasources/edit/a%2Fb');
});

it('keeps names that are no part of a URL out of it', () => {
  expect(dashboardUrl({ job: 'a&var-datasource=other', instance: 'x#y' })).toBe(
    '/d/goroutine-stack-pressure?var-job=a%26var-datasource%3Dother&var-instance=x%23y'
  );
});
