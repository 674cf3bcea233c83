import { type DataFrame, FieldType } from '@grafana/data';
import {
  type BackendDataSourceResponse,
  type FetchResponse,
  getBackendSrv,
  toDataQueryResponse,
} from '@grafana/runtime';
import { catchError, lastValueFrom, of } from 'rxjs';
import { discovery, type DiscoveryQuery } from '../../promql/discovery';
import { type DiscoveryCounts, type GoJob, joinJobs } from './jobs';

const QUERIES = Object.keys(discovery) as DiscoveryQuery[];

/**
 * Asks a Prometheus data source what it knows of Go jobs, in one request through Grafana.
 * @throws Error with the data source's own message when a query fails.
 */
export async function discoverJobs(dataSourceUid: string, signal: AbortSignal): Promise<GoJob[]> {
  const now = Date.now();
  const request = getBackendSrv().fetch<BackendDataSourceResponse>({
    url: '/api/ds/query',
    method: 'POST',
    abortSignal: signal,
    // The page shows the error itself.
    showErrorAlert: false,
    data: {
      from: String(now - 60_000),
      to: String(now),
      queries: QUERIES.map((refId) => ({
        refId,
        datasource: { uid: dataSourceUid },
        expr: discovery[refId],
        instant: true,
        range: false,
      })),
    },
  });
  const response = await lastValueFrom(
    request.pipe(catchError((failure: FetchResponse<BackendDataSourceResponse>) => of(failure)))
  );
  const { data, errors } = toDataQueryResponse(response);
  if (errors && errors.length > 0) {
    const [{ message, data: body, status }] = errors;
    throw new Error(message ?? body?.message ?? `the data source answered with status ${status}`);
  }
  return joinJobs(countsOf(data as DataFrame[]));
}

function countsOf(frames: DataFrame[]): DiscoveryCounts {
  const countsFor = (refId: DiscoveryQuery) =>
    new Map(
      frames
        .filter((frame) => frame.refId === refId)
        .flatMap((frame) => frame.fields.filter((field) => field.type === FieldType.number))
        .map((field) => [field.labels?.job ?? '', Number(field.values[field.values.length - 1])])
    );
  return Object.fromEntries(QUERIES.map((refId) => [refId, countsFor(refId)])) as DiscoveryCounts;
}
