import { parser } from '@prometheus-io/lezer-promql';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import React from 'react';
import { hasSyntaxError } from '../../alerting/condition';
import { type AskedQuery, failingPrometheus, prometheus } from '../../test/prometheus';
import { renderPage } from '../../test/renderPage';
import { ProcessesPage } from './ProcessesPage';

const server = setupServer();

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => server.use(grafanaRules([])));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

interface Process {
  instance: string;
  /** Seconds; undefined where it does not grow. */
  timeToOom?: number;
  used: number;
  /** In bytes a second. */
  growth?: number;
  limit?: number;
}

const GIB = 2 ** 30;
const LEAKING: Process = { instance: 'web-1', timeToOom: 500, used: 0.8 * GIB, growth: 4e5, limit: GIB };
const SLOW: Process = { instance: 'web-2', timeToOom: 7000, used: 0.6 * GIB, growth: 5e4, limit: GIB };
const STEADY: Process = { instance: 'web-3', used: 0.1 * GIB, growth: 100, limit: GIB };
const UNLIMITED: Process = { instance: 'web-4', used: 0.1 * GIB };

/** A Prometheus that has these processes of the job web. */
function fleet(processes: Process[], { recorded, total = processes.length }: { recorded: boolean; total?: number }) {
  const asked: AskedQuery[] = [];
  const labelsOf = ({ instance }: Process) => ({ job: 'web', instance });
  const rowsOf = (value: (process: Process) => number | undefined, labels: Record<string, string> = {}) =>
    processes.flatMap((process) => {
      const known = value(process);
      return known === undefined ? [] : [{ labels: { ...labelsOf(process), ...labels }, value: known }];
    });
  const handler = prometheus((query) => {
    asked.push(query);
    switch (query.refId) {
      case 'jobs':
        return [{ labels: { job: 'web' }, value: processes.length }];
      case 'total':
        return total > 0 ? [{ labels: {}, value: total }] : [];
      case 'recorded':
        return recorded ? rowsOf(() => 1) : [];
      case 'ranked':
        return rowsOf(() => 1);
      case 'limit':
        return rowsOf(({ limit }) => limit, { limit: 'cgroup' });
      case 'used':
        return rowsOf(({ used }) => used);
      case 'goroutines':
        return rowsOf(() => 1200);
      case 'growth0':
        return rowsOf(({ growth }) => growth);
      case 'age':
        return rowsOf(() => 9000);
      case 'timeToOom':
        return rowsOf(({ timeToOom }) => timeToOom);
      case 'times':
        return rowsOf((process) => (query.expr.includes(process.instance) ? process.timeToOom : undefined));
      case 'functions':
        return [{ labels: { ...labelsOf(processes[0]), function: 'example.com/shop/cart.(*Server).poll' }, value: 40 }];
      case 'alerts':
        return [{ labels: { ...labelsOf(processes[0]), alertname: 'GoOOMAhead', alertstate: 'firing' }, value: 1 }];
      default:
        return [];
    }
  });
  return { handler, asked };
}

function grafanaRules(rules: object[]) {
  return http.get('*/api/prometheus/grafana/api/v1/rules', () => HttpResponse.json({ data: { groups: [{ rules }] } }));
}

async function rows() {
  const table = await screen.findByRole('table');
  return within(table)
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.textContent);
}

it.each([true, false])('lists the processes by when their memory ends, recordings: %s', async (recorded) => {
  const { handler, asked } = fleet([STEADY, SLOW, UNLIMITED, LEAKING], { recorded });
  server.use(handler);
  renderPage(<ProcessesPage />);
  await screen.findByText('in 8 min');
  const [first, second, ...others] = await rows();
  expect(first).toContain('web-1');
  expect(second).toContain('web-2');
  expect(second).toContain('in 116 min');
  expect(others.join()).toContain('limit not known');
  for (const { expr } of asked) {
    expect(hasSyntaxError(parser.parse(expr).topNode)).toBe(false);
  }
});

it('works a time out only where it may be near, as its expression is dear', async () => {
  const { handler, asked } = fleet([LEAKING, STEADY, UNLIMITED], { recorded: false });
  server.use(handler);
  renderPage(<ProcessesPage />);
  await screen.findByText('in 8 min');
  const times = asked.filter(({ refId }) => refId === 'times');
  expect(times.length).toBeGreaterThan(0);
  for (const { expr } of times) {
    expect(expr).toContain('instance="web-1"');
  }
  expect(screen.getByText('not within 2 h')).toBeInTheDocument();
});

it('reads none of our recordings where Prometheus has none', async () => {
  const { handler, asked } = fleet([LEAKING], { recorded: false });
  server.use(handler);
  renderPage(<ProcessesPage />);
  await screen.findByText('in 8 min');
  const others = asked.filter(({ refId }) => refId !== 'recorded');
  expect(others.map(({ expr }) => expr).join()).not.toContain('go_process:');
});

it('shows the function that grows fastest, and alerts of Prometheus and of Grafana', async () => {
  const { handler } = fleet([LEAKING, SLOW], { recorded: true });
  const alert = { labels: { alertname: 'GoGoroutineLeak', job: 'web', instance: 'web-2' }, state: 'Pending' };
  const rule = { name: 'GoGoroutineLeak', queriedDatasourceUIDs: ['prom1'], alerts: [alert] };
  const ofAnotherSource = { ...rule, queriedDatasourceUIDs: ['first'], alerts: [{ ...alert, state: 'Alerting' }] };
  server.use(handler, grafanaRules([rule, ofAnotherSource]));
  renderPage(<ProcessesPage />);
  expect(await screen.findByText('GoGoroutineLeak, pending')).toBeInTheDocument();
  const [first] = await rows();
  expect(first).toContain('GoOOMAhead');
  expect(first).toContain('(*Server).poll');
  expect(first).toContain('+40');
});

it('asks Prometheus for as many as are shown, says how many there are, and shows more on request', async () => {
  const some = Array.from({ length: 25 }, (_, index) => ({ ...STEADY, instance: `web-${index}` }));
  const { handler, asked } = fleet(some, { recorded: true, total: 5000 });
  server.use(handler);
  renderPage(<ProcessesPage />);
  expect(await screen.findByText(/25 most urgent of 5000 processes/)).toBeInTheDocument();
  expect(asked.some(({ expr }) => expr.startsWith('topk(25, '))).toBe(true);
  await userEvent.click(screen.getByRole('button', { name: 'Show 25 more' }));
  await waitFor(() => expect(asked.some(({ expr }) => expr.startsWith('topk(50, '))).toBe(true));
});

it('links each process to the dashboard there', async () => {
  const { handler } = fleet([LEAKING], { recorded: true });
  server.use(handler);
  renderPage(<ProcessesPage />);
  expect(await screen.findByRole('link', { name: /dashboard at web-1/ })).toHaveAttribute(
    'href',
    '/d/goroutine-stack-pressure?var-datasource=prom1&var-job=web&var-instance=web-1'
  );
});

it('filters by the text of an instance, which is no regular expression', async () => {
  const { handler, asked } = fleet([LEAKING], { recorded: true });
  server.use(handler);
  renderPage(<ProcessesPage />);
  await screen.findByRole('table');
  await userEvent.type(screen.getByRole('textbox', { name: 'Instance contains' }), 'a.b');
  await waitFor(() => expect(asked.some(({ expr }) => expr.includes('instance=~"(?i).*a\\\\.b.*"'))).toBe(true));
});

it('says what is missing where there is no Go process', async () => {
  const { handler } = fleet([], { recorded: false });
  server.use(handler);
  renderPage(<ProcessesPage />);
  expect(await screen.findByText(/no series go_goroutines/)).toBeInTheDocument();
});

it('shows why there is no answer', async () => {
  server.use(failingPrometheus('context deadline exceeded', 504));
  renderPage(<ProcessesPage />);
  expect(await screen.findByText('Prometheus did not answer in time')).toBeInTheDocument();
});
