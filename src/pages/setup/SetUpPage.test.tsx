import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import React from 'react';
import { discovery, type DiscoveryQuery, jobDetails } from '../../promql/discovery';
import { failingPrometheus, forbiddenPrometheus, prometheus } from '../../test/prometheus';
import { renderPage } from '../../test/renderPage';
import { OUR_ALERTS, PROCESS_RECORDINGS } from './ourRules';
import { SetUpPage } from './SetUpPage';

const BUILD_INFO = '*/api/datasources/uid/:uid/resources/api/v1/status/buildinfo';
const PROMETHEUS_RULES = '*/api/datasources/uid/:uid/resources/api/v1/rules';
const GRAFANA_RULES = '*/api/prometheus/grafana/api/v1/rules';

const notFound = () => new HttpResponse('404 page not found', { status: 404 });
const listing = (rules: object[]) => () => HttpResponse.json({ status: 'success', data: { groups: [{ rules }] } });

/** As Mimir, Thanos and others may: nothing but queries is answered. */
const server = setupServer(
  http.get(BUILD_INFO, notFound),
  http.get(PROMETHEUS_RULES, notFound),
  http.get(GRAFANA_RULES, listing([]))
);

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => {
  // Where Grafana puts drawers.
  const main = document.createElement('div');
  main.className = 'main-view';
  document.body.append(main);
});
afterEach(() => {
  server.resetHandlers();
  document.querySelector('.main-view')?.remove();
});
afterAll(() => server.close());

type Found = Partial<Record<DiscoveryQuery, Record<string, number>>>;

/** Answers `discovery` with values by job, or by `job/limit`; and `jobDetails` with instances by their labels. */
function answering(found: Found, instances: Array<Record<string, string>> = []) {
  return prometheus(({ expr }) => {
    const name = Object.entries(discovery).find(([, promql]) => promql === expr)?.[0] as DiscoveryQuery | undefined;
    if (name) {
      return Object.entries(found[name] ?? {}).map(([key, value]) => {
        const [job, limit] = key.split('/');
        return { labels: { job, ...(limit && { limit }) }, value };
      });
    }
    return expr.startsWith('topk(20') ? instances.map((labels) => ({ labels, value: 1 })) : [];
  });
}

const COMPLETE: Found = {
  processes: { web: 2 },
  processStarts: { web: 2 },
  gcSettings: { web: 2 },
  liveHeaps: { web: 2 },
  callTrees: { 'web-goroutines': 2 },
  limits: { 'web/cgroup': 2 },
  scrapeSeconds: { web: 15 },
};

const rowOf = async (job: string) => within((await screen.findByText(job)).closest('tr')!);
const openJob = async (job: string) =>
  userEvent.click((await rowOf(job)).getByRole('button', { name: new RegExp(`job ${job}`) }));

describe('the table of jobs', () => {
  it('says for each what Prometheus has of it, and links to the dashboard there', async () => {
    server.use(
      answering({ ...COMPLETE, processes: { web: 3 }, limits: { 'web/gomemlimit': 3 }, scrapeSeconds: { web: 120 } })
    );
    renderPage(<SetUpPage />);
    const web = await rowOf('web');
    expect(web.getByText('2 of 3 (probe)')).toBeInTheDocument();
    expect(web.getByText('3 (GOMEMLIMIT, soft)')).toBeInTheDocument();
    expect(web.getByText('120 s, too long')).toBeInTheDocument();
    expect(web.getByRole('link')).toHaveAttribute(
      'href',
      '/d/goroutine-stack-pressure?var-datasource=prom1&var-job=web'
    );
  });

  it('finds jobs by a part of their name', async () => {
    server.use(answering({ processes: { web: 1, api: 1 } }));
    renderPage(<SetUpPage />);
    await rowOf('api');
    await userEvent.type(screen.getByLabelText('Search jobs'), 'WE');
    expect(screen.queryByText('api')).not.toBeInTheDocument();
    expect(screen.getByText('web')).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText('Search jobs'), 'x');
    expect(screen.getByText('No job has this in its name')).toBeInTheDocument();
  });

  it('shows fifty jobs a page', async () => {
    const jobs = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`job-${index}`, 1]));
    server.use(answering({ processes: jobs }));
    renderPage(<SetUpPage />);
    await rowOf('job-0');
    expect(screen.getAllByText(/^job-\d+$/)).toHaveLength(50);
    expect(screen.getByText('3', { selector: 'button *' })).toBeInTheDocument();
  });
});

describe('a job', () => {
  it('opens into what is missing, with snippets for its own names', async () => {
    server.use(answering({ processes: { web: 1 }, processStarts: { web: 1 } }, [{ instance: 'web-1:8080' }]));
    renderPage(<SetUpPage />);
    await openJob('web');
    const drawer = within(await screen.findByRole('dialog', { name: /web/ }));
    expect(drawer.getByRole('heading', { name: /Call trees/ })).toBeInTheDocument();
    expect(drawer.getByRole('heading', { name: /A memory limit/ })).toBeInTheDocument();
    expect((await drawer.findAllByText(/job_name: web-goroutines/))[0]).toHaveTextContent('- web-1:8080');
  });

  it('copies a snippet as it is', async () => {
    const user = userEvent.setup();
    const written: string[] = [];
    Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
    jest.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => void written.push(text));
    server.use(answering({ ...COMPLETE, callTrees: {} }, [{ instance: 'web-1:8080' }]));
    renderPage(<SetUpPage />, { url: '/?job=web' });
    const drawer = within(await screen.findByRole('dialog', { name: /web/ }));
    await user.click((await drawer.findAllByRole('button', { name: 'Copy Go' }))[0]);
    expect(written).toEqual([expect.stringContaining('stackdepth.NewCollector()')]);
  });

  it('says that nothing is missing, and closes', async () => {
    server.use(answering(COMPLETE));
    renderPage(<SetUpPage />, { url: '/?job=web' });
    const drawer = within(await screen.findByRole('dialog', { name: /web/ }));
    expect(drawer.getByText(/all that they need/)).toBeInTheDocument();
    await userEvent.click(drawer.getByRole('button', { name: 'Close' }));
    await waitFor(() => expect(screen.queryByRole('dialog', { name: /web/ })).not.toBeInTheDocument());
  });

  it('gives the focus back to the button that opened it', async () => {
    server.use(answering(COMPLETE));
    renderPage(<SetUpPage />);
    const button = (await rowOf('web')).getByRole('button', { name: /job web/ });
    await userEvent.click(button);
    const drawer = await screen.findByRole('dialog', { name: /web/ });
    await userEvent.type(drawer, '{Escape}', { skipClick: true });
    await waitFor(() => expect(button).toHaveFocus());
  });

  it('asks for the instances of this job alone, whatever its name', () => {
    expect(jobDetails('a"b').instances).toContain('go_goroutines{job="a\\"b"}');
  });
});

describe('the summary', () => {
  const linkToAlerts = () => screen.findByRole('link', { name: /alerts/ });

  it('says that everything is set up', async () => {
    server.use(
      answering(COMPLETE),
      http.get(GRAFANA_RULES, listing(OUR_ALERTS.map((name) => ({ name, uid: `gsp-${name}`, health: 'ok' }))))
    );
    renderPage(<SetUpPage />);
    expect(await screen.findByRole('heading', { name: /nothing is missing/ })).toBeInTheDocument();
    expect(await linkToAlerts()).toHaveTextContent('See the alerts');
  });

  it('sends to the page that installs the alerts, with the data source', async () => {
    server.use(answering(COMPLETE));
    renderPage(<SetUpPage />);
    expect(await linkToAlerts()).toHaveTextContent('Install the alerts');
    expect(await linkToAlerts()).toHaveAttribute('href', '/a/stackpressure-goroutines-app/alerts?ds=prom1');
  });

  it('says what is not known: rules that the person may not see, or that nothing lists', async () => {
    server.use(
      answering(COMPLETE),
      http.get(GRAFANA_RULES, () => HttpResponse.json({ message: 'Forbidden' }, { status: 403 }))
    );
    renderPage(<SetUpPage />);
    expect(await screen.findByText(/not known in Grafana: you may not see/)).toBeInTheDocument();
    expect(screen.getAllByText(/not known: Prometheus lists no rules/)).toHaveLength(2);
  });

  it('counts rules of this data source alone, and none of another’s making', async () => {
    const [name] = OUR_ALERTS;
    server.use(
      answering(COMPLETE),
      http.get(
        GRAFANA_RULES,
        listing([
          { name, uid: 'gsp-a', queriedDatasourceUIDs: ['first'] },
          { name, uid: 'mine' },
        ])
      )
    );
    renderPage(<SetUpPage />);
    expect(await screen.findByText(new RegExp(`^0 of ${OUR_ALERTS.length} in Grafana`))).toBeInTheDocument();
  });

  it('shows why a rule fails', async () => {
    const [name] = PROCESS_RECORDINGS;
    server.use(
      answering(COMPLETE),
      http.get(PROMETHEUS_RULES, listing([{ name, health: 'err', lastError: 'many-to-many' }]))
    );
    renderPage(<SetUpPage />);
    expect(await screen.findByText('many-to-many')).toBeInTheDocument();
  });
});

describe('other states', () => {
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

  it('shows how to add a first job where there is none', async () => {
    server.use(answering({}));
    renderPage(<SetUpPage />);
    expect(await screen.findByText('No Go jobs found')).toBeInTheDocument();
    expect(screen.getByText(/promhttp.Handler\(\)/)).toBeInTheDocument();
    expect(screen.getByText(/job_name: checkout/)).toBeInTheDocument();
  });

  it('says that a Prometheus is too old, and which one will do', async () => {
    server.use(
      failingPrometheus('unknown function with name "last_over_time"'),
      http.get(BUILD_INFO, () => HttpResponse.json({ data: { version: '2.20.1', revision: 'abc' } }))
    );
    renderPage(<SetUpPage />);
    expect(await screen.findByText(/It is 2.20.1, and our queries and alerts need 2.33/)).toBeInTheDocument();
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
});
