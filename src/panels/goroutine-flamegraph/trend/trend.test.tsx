import {
  type DataQueryRequest,
  type DataQueryResponse,
  dateTime,
  FieldType,
  LoadingState,
  toDataFrame,
} from '@grafana/data';
import { config, type DataSourceSrv, setDataSourceSrv } from '@grafana/runtime';
import { act, render, screen } from '@testing-library/react';
import React from 'react';
import { NEVER, Observable, of, throwError } from 'rxjs';
import { queryNumber } from '../queries/queryNumber';
import { readTrend } from './trendOf';
import { TrendOfFrame } from './TrendOfFrame';

// uPlot draws on a canvas, which jsdom lacks; the browser tests see the line.
jest.mock('@grafana/ui', () => ({ ...jest.requireActual('@grafana/ui'), Sparkline: () => null }));

const HOUR = 3_600_000;
const target = { refId: 'A', expr: 'sum by (node) (tree{job="$job"})', instant: true, format: 'table' };

function requestOf(end = HOUR) {
  return {
    targets: [target],
    intervalMs: 15_000,
    maxDataPoints: 1600,
    scopedVars: { instance: { text: 'a', value: 'a' } },
    range: { from: dateTime(0), to: dateTime(end), raw: { from: 'now-1h', to: 'now' } },
  } as unknown as DataQueryRequest;
}

/** Frames of one series, a sample each minute. */
function seriesOf(values: Array<number | null>) {
  return toDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, values: values.map((_, i) => i * 60_000) },
      { name: 'Value', type: FieldType.number, values },
    ],
  });
}

const sent: DataQueryRequest[] = [];

function dataSourceThat(answers: (request: DataQueryRequest) => Observable<DataQueryResponse>, rest: object = {}) {
  const source = {
    name: 'Prometheus',
    modifyQuery: (query: typeof target, { type, options }: { type: string; options: Record<string, string> }) => ({
      ...query,
      expr: `${type}(${query.expr}, ${options.key}=${options.value})`,
    }),
    query: (request: DataQueryRequest) => {
      sent.push(request);
      return answers(request);
    },
    ...rest,
  };
  setDataSourceSrv({ get: async () => source } as unknown as DataSourceSrv);
}

let nodes = 0;
/** Each test asks for a node of its own, as answers are kept. */
const freshNode = () => `node${nodes++}`;

function trend(node: string, request: DataQueryRequest | undefined = requestOf()) {
  const timeRange = requestOf().range;
  const format = (value: number) => value.toLocaleString('en');
  return <TrendOfFrame {...{ request, node, timeRange, format, refId: 'A', timeZone: 'utc' }} />;
}

const shown = () => screen.getByTestId('trend');
const wait = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  jest.useFakeTimers();
  sent.length = 0;
});
afterEach(() => jest.useRealTimers());

it('asks the panel’s own data source for the node over the dashboard’s range, in 60 points', async () => {
  dataSourceThat(() => of({ data: [seriesOf([1, 2, 3])] }));
  const node = freshNode();
  render(trend(node));
  await wait(1000);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    maxDataPoints: 60,
    intervalMs: 60_000,
    targets: [
      {
        refId: 'A',
        expr: `ADD_FILTER(${target.expr}, node=${node})`,
        instant: false,
        range: true,
        format: 'time_series',
      },
    ],
  });
  expect(sent[0].scopedVars).toMatchObject({ instance: { value: 'a' }, __interval_ms: { value: 60_000 } });
  // What the panel was drawn from is as it was.
  expect(target).toMatchObject({ instant: true, format: 'table' });
  expect(shown()).toHaveTextContent('+1 a minute');
});

it('waits until the pointer rests, and asks once for the frame where it does', async () => {
  dataSourceThat(() => of({ data: [seriesOf([1, 2, 3])] }));
  const { rerender } = render(trend(freshNode()));
  await wait(100);
  const last = freshNode();
  rerender(trend(last));
  expect(shown()).toHaveTextContent('Trend …');
  await wait(100);
  expect(sent).toHaveLength(0);
  await wait(100);
  expect(sent.map(({ targets }) => 'expr' in targets[0] && targets[0].expr)).toEqual([
    `ADD_FILTER(${target.expr}, node=${last})`,
  ]);
});

it('cancels what is under way when the pointer goes on', async () => {
  const cancelled = jest.fn();
  dataSourceThat(() => new Observable(() => cancelled));
  const { rerender, unmount } = render(trend(freshNode()));
  await wait(300);
  expect(sent).toHaveLength(1);
  rerender(trend(freshNode()));
  expect(cancelled).toHaveBeenCalledTimes(1);
  await wait(300);
  unmount();
  expect(cancelled).toHaveBeenCalledTimes(2);
});

it('asks again once the panel did, as when a variable changes and the range does not', async () => {
  dataSourceThat(() => of({ data: [seriesOf([1, 2, 3])] }));
  const node = freshNode();
  const { rerender } = render(trend(node, { ...requestOf(), requestId: 'SQR1' }));
  await wait(300);
  rerender(trend(node, { ...requestOf(), requestId: 'SQR2' }));
  await wait(300);
  expect(sent).toHaveLength(2);
});

it('does not ask again for a frame of the same range', async () => {
  dataSourceThat(() => of({ data: [seriesOf([1, 2, 3])] }));
  const [one, other] = [freshNode(), freshNode()];
  const { rerender } = render(trend(one));
  await wait(300);
  rerender(trend(other));
  await wait(300);
  rerender(trend(one));
  expect(shown()).toHaveTextContent('+1 a minute');
  await wait(300);
  expect(sent).toHaveLength(2);
});

it.each([
  ['an error in the answer', () => of({ data: [], errors: [{ message: 'too many samples' }] }), 'too many samples'],
  [
    'a failure of the whole request',
    () => of({ data: [], error: { status: 502, message: 'no route to host' }, state: LoadingState.Error }),
    'no route to host',
  ],
  ['a state of error', () => of({ data: [], state: LoadingState.Error }), 'the data source gave no reason'],
  [
    'an exception',
    () => {
      throw new Error('bad gateway');
    },
    'bad gateway',
  ],
  ['a response of HTTP', () => throwError(() => ({ status: 403, data: { message: 'forbidden' } })), 'forbidden'],
])('says why there is none: %s', async (_, answers, reason) => {
  dataSourceThat(answers as () => Observable<DataQueryResponse>);
  render(trend(freshNode()));
  await wait(300);
  expect(shown()).toHaveTextContent(`No trend: ${reason}`);
});

it('says that there is none in a snapshot, and for a data source that cannot ask for one frame', async () => {
  dataSourceThat(() => NEVER, { modifyQuery: undefined });
  const { rerender } = render(<div />);
  rerender(trend(freshNode()));
  await wait(300);
  expect(shown()).toHaveTextContent('the data source Prometheus has no way to ask for a single frame');
  const node = freshNode();
  rerender(
    <TrendOfFrame
      {...{ request: undefined, node, timeRange: requestOf().range, format: String, refId: 'A', timeZone: 'utc' }}
    />
  );
  expect(shown()).toHaveTextContent('No trend: there is no query to ask again');
});

it('asks nothing in a public dashboard, where the answer would be the panel’s own queries', async () => {
  dataSourceThat(() => of({ data: [seriesOf([1, 2, 3])] }));
  config.publicDashboardAccessToken = 'token';
  try {
    render(trend(freshNode()));
    await wait(300);
    expect(shown()).toHaveTextContent('No trend: public dashboards answer no other queries than the panel’s own');
    expect(sent).toHaveLength(0);
  } finally {
    config.publicDashboardAccessToken = '';
  }
});

it('says how many steps have no samples', async () => {
  dataSourceThat(() => of({ data: [seriesOf([1, 2, null, null, 5, 6])] }));
  render(trend(freshNode()));
  await wait(300);
  expect(shown()).toHaveTextContent('+1 a minute; no samples in 2 of 6 steps');
});

it('begins the curve anew where the value fell, as at a restart', async () => {
  dataSourceThat(() => of({ data: [seriesOf([500, 600, 700, 10, 12, 14, 16])] }));
  render(trend(freshNode()));
  await wait(300);
  expect(shown()).toHaveTextContent('+2 a minute; since it fell at 00:03');
});

it('takes the step from the answer where every other sample is missing', () => {
  const everyOther = toDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, config: { interval: 60_000 }, values: [0, 120_000, 240_000] },
      { name: 'Value', type: FieldType.number, values: [1, 2, 3] },
    ],
  });
  expect(readTrend([everyOther]).missing).toBe(2);
});

it('adds several series up by time', () => {
  expect(readTrend([seriesOf([1, 2]), seriesOf([10, null])]).samples).toEqual([
    { time: 0, value: 11 },
    { time: 60_000, value: 2 },
  ]);
});

describe('a number from the panel’s data source', () => {
  it('is the last of an instant query of any PromQL', async () => {
    dataSourceThat(() => of({ data: [seriesOf([1_764_000_000])] }));
    await expect(queryNumber(requestOf(), 'A', 'max(start)')).resolves.toBe(1_764_000_000);
    expect(sent[0].targets).toMatchObject([{ expr: 'max(start)', instant: true, range: false }]);
  });

  it('is null where there is no result', async () => {
    dataSourceThat(() => of({ data: [] }));
    await expect(queryNumber(requestOf(), 'A', 'max(start)')).resolves.toBeNull();
  });

  it('fails with the data source’s reason', async () => {
    dataSourceThat(() => of({ data: [], errors: [{ message: 'parse error' }] }));
    await expect(queryNumber(requestOf(), 'A', '(')).rejects.toThrow('parse error');
  });
});
