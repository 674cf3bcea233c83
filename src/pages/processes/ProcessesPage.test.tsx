import { type AppRootProps, type DataSourceInstanceSettings, PluginType } from '@grafana/data';
import { type BackendSrv, type DataSourceSrv, setBackendSrv, setDataSourceSrv } from '@grafana/runtime';
import { render, screen, within } from '@testing-library/react';
import React from 'react';
import { MemoryRouter } from 'react-router-dom-v5-compat';
import { of, throwError } from 'rxjs';
import answer from '../../../tests/recorded/discovery.json';
import type { AppSettings } from '../../settings';
import { ProcessesPage } from './ProcessesPage';

// Outside Grafana, PluginPage leaves its actions out.
jest.mock('@grafana/runtime', () => {
  const { createElement, Fragment } = jest.requireActual('react');
  return {
    ...jest.requireActual('@grafana/runtime'),
    PluginPage: ({ children, actions }: React.PropsWithChildren<{ actions: React.ReactNode }>) =>
      createElement(Fragment, null, actions, children),
  };
});

const PROMETHEUS = [
  { uid: 'first', name: 'First', type: 'prometheus', meta: { info: { logos: { small: '' } } } },
  { uid: 'prom1', name: 'Prometheus', type: 'prometheus', isDefault: true, meta: { info: { logos: { small: '' } } } },
] as DataSourceInstanceSettings[];

const fetchMock = jest.fn();

function open(settings: AppSettings = {}, dataSources = PROMETHEUS) {
  setDataSourceSrv({
    getList: () => dataSources,
    getInstanceSettings: (uid: unknown) => dataSources.find((one) => one.uid === uid),
  } as unknown as DataSourceSrv);
  setBackendSrv({ fetch: fetchMock } as unknown as BackendSrv);
  const props = {
    meta: { id: 'stackpressure-goroutines-app', type: PluginType.app, jsonData: settings },
  } as AppRootProps<AppSettings>;
  return render(
    <MemoryRouter>
      <ProcessesPage {...props} />
    </MemoryRouter>
  );
}

const rowOf = async (job: string) => within((await screen.findByText(job)).closest('tr')!);

beforeEach(() => {
  fetchMock.mockReset();
  fetchMock.mockReturnValue(of({ data: answer, status: 200 }));
});

it('says for each Go job what a real Prometheus has of it, and links to the dashboard there', async () => {
  open();
  const storm = await rowOf('spawn-storm');
  expect(storm.getByText(/GOMEMLIMIT, soft/)).toBeInTheDocument();
  expect(storm.getByRole('link')).toHaveAttribute(
    'href',
    '/d/goroutine-stack-pressure?var-datasource=prom1&var-job=spawn-storm'
  );
  expect((await rowOf('healthy')).getByText(/Unknown: alerts need/)).toBeInTheDocument();
});

it('asks once, through Grafana, the configured data source', async () => {
  open({ dataSourceUid: 'first' });
  await rowOf('healthy');
  expect(fetchMock).toHaveBeenCalledTimes(1);
  const { url, data } = fetchMock.mock.calls[0][0];
  expect(url).toBe('/api/ds/query');
  expect(new Set(data.queries.map((query: { datasource: { uid: string } }) => query.datasource.uid))).toEqual(
    new Set(['first'])
  );
});

it('prefills its link with the configured job, and only for the configured data source', async () => {
  const { unmount } = open({ dataSourceUid: 'prom1', job: 'checkout' });
  expect(await screen.findByRole('link', { name: 'Open dashboard at checkout' })).toHaveAttribute(
    'href',
    '/d/goroutine-stack-pressure?var-datasource=prom1&var-job=checkout'
  );
  unmount();
  open({ dataSourceUid: 'deleted since', job: 'checkout' });
  expect(await screen.findByRole('link', { name: 'Open dashboard' })).toHaveAttribute(
    'href',
    '/d/goroutine-stack-pressure?var-datasource=prom1'
  );
});

it('shows the data source’s own error and what to do', async () => {
  const failure = { status: 400, data: { results: { processes: { error: 'connection refused', status: 400 } } } };
  fetchMock.mockReturnValue(throwError(() => failure));
  open();
  expect(await screen.findByText(/connection refused.*Save & test/)).toBeInTheDocument();
});

it('says what to scrape where there are no Go jobs', async () => {
  fetchMock.mockReturnValue(of({ data: { results: {} }, status: 200 }));
  open();
  expect(await screen.findByText(/no series go_goroutines/)).toBeInTheDocument();
});

it('sends a person without a Prometheus data source to add one', () => {
  open({}, []);
  expect(screen.getByRole('link', { name: /Connections/ })).toHaveAttribute('href', '/connections/datasources/new');
  expect(fetchMock).not.toHaveBeenCalled();
});
