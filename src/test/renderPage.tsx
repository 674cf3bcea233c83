import type { DataSourceInstanceSettings } from '@grafana/data';
import { type DataSourceSrv, setBackendSrv, setDataSourceSrv } from '@grafana/runtime';
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import React, { type ReactElement } from 'react';
import { MemoryRouter } from 'react-router-dom';
import { newQueryClient } from '../queryClient';
import { type AppSettings, Settings } from '../settings';
import { httpBackendSrv } from './backendSrv';

export const DATA_SOURCES = [
  { uid: 'first', name: 'First', type: 'prometheus', meta: { info: { logos: { small: '' } } } },
  { uid: 'prom1', name: 'Prometheus', type: 'prometheus', isDefault: true, meta: { info: { logos: { small: '' } } } },
] as DataSourceInstanceSettings[];

interface Options {
  settings?: AppSettings;
  dataSources?: DataSourceInstanceSettings[];
  /** Below the app's own path. */
  url?: string;
}

/** A page of the app as Grafana would show it, over HTTP that msw answers. */
export function renderPage(page: ReactElement, { settings = {}, dataSources = DATA_SOURCES, url = '/' }: Options = {}) {
  setDataSourceSrv({
    getList: () => dataSources,
    getInstanceSettings: (uid: unknown) => dataSources.find((one) => one.uid === uid),
  } as unknown as DataSourceSrv);
  setBackendSrv(httpBackendSrv);
  // @grafana/ui's Combobox measures its options.
  const context = { measureText: (text: string) => ({ width: 8 * text.length }) };
  HTMLCanvasElement.prototype.getContext = (() => context) as unknown as HTMLCanvasElement['getContext'];
  return render(
    <MemoryRouter initialEntries={[url]} future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
      <Settings.Provider value={settings}>
        <QueryClientProvider client={newQueryClient()}>{page}</QueryClientProvider>
      </Settings.Provider>
    </MemoryRouter>
  );
}
