import { type AppPluginMeta, type PluginConfigPageProps, PluginType } from '@grafana/data';
import { config } from '@grafana/runtime';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import React from 'react';
import { renderPage } from '../../test/renderPage';
import type { AppSettings } from '../../settings';
import { ConfigurationPage } from './ConfigurationPage';

const server = setupServer();

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function open({ permissions = { 'plugins:write': true } }: { permissions?: Record<string, boolean> } = {}) {
  config.bootData = { user: { permissions } } as unknown as typeof config.bootData;
  const meta = {
    id: 'stackpressure-goroutines-app',
    type: PluginType.app,
    enabled: true,
    pinned: true,
    jsonData: { dataSourceUid: 'prom1', job: 'checkout' },
  };
  const props = { plugin: { meta }, query: {} } as unknown as PluginConfigPageProps<AppPluginMeta<AppSettings>>;
  renderPage(<ConfigurationPage {...props} />);
}

const jobInput = () => screen.getByRole('textbox', { name: /Default job/ });

it('says that its settings prefill links', () => {
  open();
  expect(screen.getByText(/These two prefill the links to the dashboard/)).toBeInTheDocument();
  expect(jobInput()).toHaveValue('checkout');
});

it('saves the job and the data source, and says who may when Grafana refuses', async () => {
  const saved: unknown[] = [];
  // A successful save reloads the page, which jsdom cannot do.
  server.use(
    http.post('*/api/plugins/stackpressure-goroutines-app/settings', async ({ request }) => {
      saved.push(await request.json());
      return HttpResponse.json({ message: 'no' }, { status: 403 });
    })
  );
  open();
  await userEvent.clear(jobInput());
  await userEvent.type(jobInput(), 'web');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));

  expect(await screen.findByText(/Only an Admin/)).toBeInTheDocument();
  expect(saved).toEqual([{ enabled: true, pinned: true, jsonData: { dataSourceUid: 'prom1', job: 'web' } }]);
});

it('shows Grafana’s own reason for another failure', async () => {
  server.use(http.post('*/api/plugins/*', () => HttpResponse.json({ message: 'database is locked' }, { status: 500 })));
  open();
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('database is locked')).toBeInTheDocument();
});

it('changes nothing for a person without the right, and says which one it is', () => {
  open({ permissions: {} });
  expect(screen.getByText(/permission “plugins:write”/)).toBeInTheDocument();
  expect(jobInput()).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
});
