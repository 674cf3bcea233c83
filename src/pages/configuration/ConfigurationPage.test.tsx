import {
  type AppPluginMeta,
  type DataSourceInstanceSettings,
  type PluginConfigPageProps,
  PluginType,
} from '@grafana/data';
import { type BackendSrv, type DataSourceSrv, setBackendSrv, setDataSourceSrv } from '@grafana/runtime';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { throwError } from 'rxjs';
import type { AppSettings } from '../../settings';
import { ConfigurationPage } from './ConfigurationPage';

const fetchMock = jest.fn();

function open() {
  const dataSources = [{ uid: 'p', name: 'Prometheus', type: 'prometheus', meta: { info: { logos: { small: '' } } } }];
  setDataSourceSrv({
    getList: () => dataSources as unknown as DataSourceInstanceSettings[],
    getInstanceSettings: (uid: unknown) => dataSources.find((one) => one.uid === uid),
  } as unknown as DataSourceSrv);
  setBackendSrv({ fetch: fetchMock } as unknown as BackendSrv);
  const meta = {
    id: 'stackpressure-goroutines-app',
    type: PluginType.app,
    enabled: true,
    pinned: true,
    jsonData: { dataSourceUid: 'p', job: 'checkout' },
  };
  const props = { plugin: { meta }, query: {} } as unknown as PluginConfigPageProps<AppPluginMeta<AppSettings>>;
  render(<ConfigurationPage {...props} />);
}

beforeEach(() => {
  fetchMock.mockReset();
  // A successful save reloads the page, which jsdom cannot do.
  fetchMock.mockReturnValue(throwError(() => ({ status: 403, data: { message: 'no' } })));
});

it('says that its settings prefill links', () => {
  open();
  expect(screen.getByText(/These two prefill the links to the dashboard/)).toBeInTheDocument();
  expect(screen.getByRole('textbox', { name: /Default job/ })).toHaveValue('checkout');
});

it('saves the job and the data source, and says who may when Grafana refuses', async () => {
  open();
  await userEvent.clear(screen.getByRole('textbox', { name: /Default job/ }));
  await userEvent.type(screen.getByRole('textbox', { name: /Default job/ }), 'web');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));

  expect(fetchMock).toHaveBeenCalledWith(
    expect.objectContaining({
      url: '/api/plugins/stackpressure-goroutines-app/settings',
      data: { enabled: true, pinned: true, jsonData: { dataSourceUid: 'p', job: 'web' } },
    })
  );
  expect(await screen.findByText(/Only an Admin/)).toBeInTheDocument();
});
