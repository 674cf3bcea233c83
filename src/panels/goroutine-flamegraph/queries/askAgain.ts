import { type DataFrame, type DataQueryRequest, type DataSourceApi, LoadingState, type TimeRange } from '@grafana/data';
import { config, getDataSourceSrv, toDataQueryError } from '@grafana/runtime';
import { catchError, defer, from, last, map, type Observable, switchMap } from 'rxjs';

type Target = DataQueryRequest['targets'][number];

interface Question {
  /** What the panel was drawn from; it is not changed. */
  request: DataQueryRequest;
  refId: string;
  range: TimeRange;
  /** Between points, in ms. */
  intervalMs: number;
  maxDataPoints: number;
  /**
   * The query to send instead.
   * @throws Error with the reason why there is none
   */
  change(target: Target, source: DataSourceApi): Target;
}

let questions = 0;

/**
 * Asks a data source of one of the panel's queries something else, with the dashboard's variables. Nothing is sent before
 * somebody subscribes, and what is under way is cancelled when nobody does any more.
 * @returns the frames of the answer, once; or an Error with the data source's reason
 */
export function askAgain({
  request,
  refId,
  range,
  intervalMs,
  maxDataPoints,
  change,
}: Question): Observable<DataFrame[]> {
  const interval = `${Math.round(intervalMs / 1000)}s`;
  return defer(async () => {
    // There, Grafana answers any request with all of the panel's own queries.
    if (config.publicDashboardAccessToken) {
      throw new Error('public dashboards answer no other queries than the panel’s own');
    }
    const target = request.targets.find((each) => each.refId === refId);
    if (!target) {
      throw new Error(`the panel has no query ${refId}`);
    }
    const source = await getDataSourceSrv().get(target.datasource, request.scopedVars);
    return { source, query: change({ ...target, hide: false }, source) };
  }).pipe(
    switchMap(({ source, query }) =>
      from(
        source.query({
          ...request,
          requestId: `goroutine-flame-graph-${questions++}`,
          targets: [query],
          range,
          rangeRaw: range.raw,
          interval,
          intervalMs,
          maxDataPoints,
          scopedVars: {
            ...request.scopedVars,
            __interval: { text: interval, value: interval },
            __interval_ms: { text: String(intervalMs), value: intervalMs },
          },
        })
      )
    ),
    last(),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- where a request fails as a whole, Grafana sets `error` alone
    map(({ data, errors, error, state }) => {
      const failure = errors?.[0] ?? error;
      if (failure || state === LoadingState.Error) {
        throw new Error(failure ? toDataQueryError(failure).message : 'the data source gave no reason');
      }
      return data as DataFrame[];
    }),
    catchError((reason: unknown) => {
      // Failures of HTTP are thrown as plain objects.
      throw reason instanceof Error ? reason : new Error(toDataQueryError(reason).message);
    })
  );
}
