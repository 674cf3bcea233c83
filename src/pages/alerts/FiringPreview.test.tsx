import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { setupServer } from 'msw/node';
import React from 'react';
import { defaultChoices, type InstallChoices } from '../../alerting/choices';
import { failingPrometheus, forbiddenPrometheus, prometheusRanges } from '../../test/prometheus';
import { renderPage } from '../../test/renderPage';
import { FiringPreview } from './FiringPreview';

const server = setupServer();

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const UNTIL = Date.UTC(2026, 10, 25, 12);
const MINUTE = 60_000;

/** A rule that reads no recordings, so that each chunk is one question. */
const choices: InstallChoices = { ...defaultChoices('prom1'), alerts: ['GoGoroutineLeak'] };

/** Goroutines leak, in this process, for so many minutes until noon. */
function leaking(minutes: number) {
  const times = Array.from({ length: minutes }, (_, index) => UNTIL - (60 + minutes - index) * MINUTE);
  return prometheusRanges(({ expr, from, to }) =>
    expr.includes('"third"')
      ? [{ labels: { job: 'web', instance: 'a:80' }, times: times.filter((time) => from <= time && time <= to) }]
      : []
  );
}

async function look() {
  await userEvent.click(screen.getByRole('button', { name: 'Look at the last week' }));
}

it('asks nothing before it is told to', () => {
  renderPage(<FiringPreview choices={choices} until={UNTIL} />);
  expect(screen.getByRole('button', { name: 'Look at the last week' })).toBeEnabled();
  expect(screen.queryByRole('progressbar')).not.toBeInTheDocument();
});

it('says how often a rule would have fired, how long, for what, and links to the dashboard at that time', async () => {
  server.use(leaking(25));
  renderPage(<FiringPreview choices={choices} until={UNTIL} />);
  await look();
  expect(await screen.findByText(/Looked at 168 of 168 hours.*Alarms found: 1/)).toBeInTheDocument();
  const row = within(screen.getByText('GoGoroutineLeak').closest('tr')!);
  // Five minutes of `for` are not fired.
  expect(row.getByText('20 min')).toBeInTheDocument();
  const began = UNTIL - 80 * MINUTE;
  expect(row.getByRole('link', { name: /web · a:80/ })).toHaveAttribute(
    'href',
    expect.stringContaining(`var-job=web&var-instance=a:80&from=${began - 60 * MINUTE}`)
  );
});

it('says it where there was no alarm', async () => {
  server.use(leaking(4));
  renderPage(<FiringPreview choices={choices} until={UNTIL} />);
  await look();
  expect(await screen.findByText('None')).toBeInTheDocument();
  expect(screen.getByRole('status')).toHaveTextContent('No alarm found.');
});

it('asks for the processes of the filters alone', async () => {
  const asked: string[] = [];
  server.use(
    prometheusRanges(({ expr }) => {
      asked.push(expr);
      return [];
    })
  );
  const matchers = [{ label: 'namespace', operator: '=' as const, value: 'prod' }];
  renderPage(<FiringPreview choices={{ ...choices, matchers }} until={UNTIL} />);
  await look();
  await screen.findByText('None');
  const rules = asked.filter((expr) => expr.includes('"third"'));
  expect(rules.length).toBeGreaterThan(0);
  rules.forEach((expr) => expect(expr).not.toMatch(/go_goroutines(?!\{namespace="prod")/));
});

it('forgets what it found when other rules are chosen', async () => {
  server.use(leaking(25));
  const { rerender } = renderPage(<FiringPreview choices={choices} until={UNTIL} />);
  await look();
  await screen.findByText(/168 of 168/);
  rerender(<FiringPreview choices={{ ...choices, thresholds: { goroutines: 1000 } }} until={UNTIL} />);
  expect(screen.getByRole('button', { name: 'Look at the last week' })).toBeEnabled();
  expect(screen.queryByRole('table')).not.toBeInTheDocument();
});

it('gives the data source’s own error, and can go on after it', async () => {
  server.use(failingPrometheus('query timed out in expression evaluation', 504));
  renderPage(<FiringPreview choices={choices} until={UNTIL} />);
  await look();
  expect(await screen.findByText('Prometheus did not answer in time')).toBeInTheDocument();
  server.use(leaking(25));
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText(/168 of 168/)).toBeInTheDocument();
});

it('says whom to ask when the person may not query', async () => {
  server.use(forbiddenPrometheus());
  renderPage(<FiringPreview choices={choices} until={UNTIL} />);
  await look();
  expect(await screen.findByText('You may not query this data source')).toBeInTheDocument();
});
