import { type DataFrame, FieldType } from '@grafana/data';
import {
  type BackendDataSourceResponse,
  type FetchResponse,
  getBackendSrv,
  toDataQueryResponse,
} from '@grafana/runtime';
import { catchError, lastValueFrom, of } from 'rxjs';
import { failureOf } from './failure';

/** One series of an instant query's answer. */
export interface Sample {
  labels: Record<string, string>;
  /** May be NaN or ±Infinity. */
  value: number;
}

export interface Series {
  labels: Record<string, string>;
  /** In ms since 1970, ascending. */
  times: number[];
  values: number[];
}

interface Question {
  dataSourceUid: string;
  signal?: AbortSignal;
}

interface RangeQuestion extends Question {
  /** In ms since 1970, as is `to`. */
  from: number;
  to: number;
  stepSeconds: number;
}

/** As many steps as a Prometheus answers at once (`maximum resolution of 11,000 points per timeseries`). */
export const MAX_STEPS = 11_000;

/**
 * Asks instant queries in one request through Grafana, and so with its permissions and the data source's sign-in.
 * @param queries PromQL by a name for each, which is one of Grafana's refIds
 * @param time in ms since 1970, now by default
 * @throws PrometheusFailure when any of them fails
 */
export async function askInstant<Name extends string>(
  { dataSourceUid, signal }: Question,
  queries: Record<Name, string>,
  time = Date.now()
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(queries) as Name[];
  const frames = await ask({
    signal,
    from: time - 60_000,
    to: time,
    queries: names.map((refId) => ({
      refId,
      datasource: { uid: dataSourceUid },
      expr: queries[refId],
      instant: true,
      range: false,
      format: 'table',
      // Otherwise each series comes with its whole name besides its labels.
      legendFormat: '__auto',
    })),
  });
  return Object.fromEntries(
    names.map((refId) => [refId, frames.filter((frame) => frame.refId === refId).flatMap(samplesOf)])
  ) as Record<Name, Sample[]>;
}

/**
 * Asks one range query through Grafana.
 * @throws PrometheusFailure
 */
export async function askRange(
  { dataSourceUid, signal, from, to, stepSeconds }: RangeQuestion,
  expr: string
): Promise<Series[]> {
  const frames = await ask({
    signal,
    from,
    to,
    queries: [
      {
        refId: 'A',
        datasource: { uid: dataSourceUid },
        expr,
        range: true,
        instant: false,
        // Otherwise the data source takes its own least interval.
        interval: `${stepSeconds}s`,
        intervalMs: stepSeconds * 1000,
        maxDataPoints: MAX_STEPS,
        legendFormat: '__auto',
      },
    ],
  });
  return frames.flatMap(seriesOf);
}

async function ask(body: { signal?: AbortSignal; from: number; to: number; queries: object[] }): Promise<DataFrame[]> {
  const { signal, from, to, queries } = body;
  const request = getBackendSrv().fetch<BackendDataSourceResponse>({
    url: '/api/ds/query',
    method: 'POST',
    abortSignal: signal,
    // Pages show the error themselves.
    showErrorAlert: false,
    data: { from: String(from), to: String(to), queries },
  });
  const response = await lastValueFrom(
    request.pipe(catchError((failure: FetchResponse<BackendDataSourceResponse>) => of(failure)))
  );
  signal?.throwIfAborted();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- where a request fails as a whole, Grafana sets `error` alone
  const { data, errors, error = errors?.[0] } = toDataQueryResponse(response);
  if (error) {
    throw failureOf(error, response.status);
  }
  return data as DataFrame[];
}

/** Rows of a table, or, of sources that know no tables, the last value of each series. */
function samplesOf({ fields, length }: DataFrame): Sample[] {
  const numbers = fields.filter(({ type }) => type === FieldType.number);
  const texts = fields.filter(({ type }) => type === FieldType.string);
  if (texts.length === 0) {
    return length === 0
      ? []
      : numbers.map(({ labels = {}, values }) => ({ labels, value: Number(values[values.length - 1]) }));
  }
  const [{ values } = { values: [] }] = numbers;
  return values.map((value, row) => ({
    labels: Object.fromEntries(texts.map((text) => [text.name, text.values[row] ?? ''])),
    value: Number(value),
  }));
}

function seriesOf({ fields }: DataFrame): Series[] {
  const times = fields.find(({ type }) => type === FieldType.time);
  return fields
    .filter(({ type }) => type === FieldType.number)
    .map(({ labels = {}, values }) => ({ labels, times: [...(times?.values ?? [])], values: [...values] }));
}
