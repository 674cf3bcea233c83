import { screen, within } from '@testing-library/react';
import { setupServer } from 'msw/node';
import React from 'react';
import { discovery, type DiscoveryQuery } from '../../promql/discovery';
import { failingPrometheus, forbiddenPrometheus, prometheus } from '../../test/prometheus';
import { renderPage } from '../../test/renderPage';
import { SetUpPage } from './SetUpPage';

const server = setupServer();

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

/** Answers `discovery` with processes by job. */
function answering(counts: Partial<Record<DiscoveryQuery, Record<string, number>>>) {
  return prometheus(({ expr }) => {
    const [name] = Object.entries(discovery).find(([, promql]) => promql === expr)!;
    return Object.entries(counts[name as DiscoveryQuery] ?? {}).map(([job, value]) => ({ labels: { job }, value }));
  });
}

const rowOf = async (job: string) => within((await screen.findByText(job)).closest('tr')!);

it('says for each Go job what Prometheus has of it, and links to the dashboard there', async () => {
  server.use(answering({ processes: { web: 2 }, softLimits: { web: 2 } }));
  renderPage(<SetUpPage />);
  const web = await rowOf('web');
  expect(web.getByText(/GOMEMLIMIT, soft/)).toBeInTheDocument();
  expect(web.getByRole('link')).toHaveAttribute('href', '/d/goroutine-stack-pressure?var-datasource=prom1&var-job=web');
});

it('asks the data source of the URL, else the configured one', async () => {
  const asked: string[] = [];
  server.use(
    prometheus(({ datasource }) => {
      asked.push(datasource.uid);
      return [];
    })
  );
  renderPage(<SetUpPage />, { settings: { dataSourceUid: 'first' } }).unmount();
  renderPage(<SetUpPage />, { settings: { dataSourceUid: 'first' }, url: '/?ds=prom1' });
  await screen.findByText('No Go jobs found');
  expect([...new Set(asked)].sort()).toEqual(['first', 'prom1']);
});

it('shows the data source’s own error and what to do', async () => {
  server.use(failingPrometheus('dial tcp 127.0.0.1:9090: connect: connection refused', 500));
  renderPage(<SetUpPage />);
  expect(await screen.findByText(/connection refused/)).toBeInTheDocument();
  expect(screen.getByText(/gets no answer from Prometheus/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument();
});

it('says whom to ask when the person may not query', async () => {
  server.use(forbiddenPrometheus());
  renderPage(<SetUpPage />);
  expect(await screen.findByText('You may not query this data source')).toBeInTheDocument();
});

it('sends a person without a Prometheus data source to add one', () => {
  renderPage(<SetUpPage />, { dataSources: [] });
  expect(screen.getByRole('link', { name: /Connections/ })).toHaveAttribute('href', '/connections/datasources/new');
});
