import { setBackendSrv } from '@grafana/runtime';
import { delay, http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { httpBackendSrv } from '../test/backendSrv';
import { failingPrometheus, prometheus } from '../test/prometheus';
import { askInstant } from './askPrometheus';

const server = setupServer();

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
  setBackendSrv(httpBackendSrv);
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const SOURCE = { dataSourceUid: 'p' };

it('gives the series of each query by its name, with all labels', async () => {
  server.use(
    prometheus(({ refId }) =>
      refId === 'up'
        ? [
            { labels: { job: 'a', instance: 'i' }, value: 1 },
            { labels: { job: 'b', instance: '' }, value: 0 },
          ]
        : []
    )
  );
  expect(await askInstant(SOURCE, { up: 'up', nothing: 'absent_metric' })).toEqual({
    up: [
      { labels: { job: 'a', instance: 'i' }, value: 1 },
      { labels: { job: 'b', instance: '' }, value: 0 },
    ],
    nothing: [],
  });
});

// What Grafana sends for a value without labels, such as count(up).
it('gives a value that has no labels', async () => {
  const frame = {
    schema: {
      refId: 'n',
      fields: [
        { name: 'Time', type: 'time' },
        { name: 'Value', type: 'number' },
      ],
    },
    data: { values: [[1], [7]] },
  };
  server.use(http.post('*/api/ds/query', () => HttpResponse.json({ results: { n: { frames: [frame] } } })));
  expect(await askInstant(SOURCE, { n: 'count(up)' })).toEqual({ n: [{ labels: {}, value: 7 }] });
});

it('fails when one of the queries does', async () => {
  server.use(failingPrometheus('unknown function with name "clamp"'));
  await expect(askInstant(SOURCE, { a: 'clamp(a, 0, 1)' })).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('clamp'),
  });
});

it('gives no answer to a question that was withdrawn', async () => {
  server.use(
    http.post('*/api/ds/query', async () => {
      await delay(50);
      return HttpResponse.json({ results: {} });
    })
  );
  const abort = new AbortController();
  const answer = askInstant({ ...SOURCE, signal: abort.signal }, { a: 'a' });
  abort.abort();
  await expect(answer).rejects.toThrow();
});
