import { type DataQuery, type DataQueryRequest, type DataQueryResponse, dateTime, EventBusSrv } from '@grafana/data';
import { type DataSourceSrv, setAppEvents, setDataSourceSrv } from '@grafana/runtime';
import { from, Observable } from 'rxjs';
import { CALLTREE_GOROUTINES } from '../../src/promql/metrics';
import { seriesOf } from './frames';
import { queryRange } from './prometheusApi';

type PromQuery = DataQuery & { expr: string };

/** In ms. */
const RANGE = 15 * 60_000;
const INTERVAL = 5000;

/** A request as a dashboard's panel has it, for instant queries by refId at this time. */
export function requestOf(queries: Record<string, string>): DataQueryRequest {
  const to = dateTime();
  const range = { from: dateTime(to.valueOf() - RANGE), to, raw: { from: 'now-15m', to: 'now' } };
  return {
    app: 'preview',
    requestId: 'tree',
    targets: Object.entries(queries).map(([refId, expr]) => ({ refId, expr }) as PromQuery),
    range,
    interval: `${INTERVAL / 1000}s`,
    intervalMs: INTERVAL,
    scopedVars: {},
    startTime: to.valueOf(),
    timezone: 'browser',
  };
}

/** Makes Prometheus the data source that the panel finds for range queries, as it asks for the trend of a frame. */
export function serveQueries() {
  const source = {
    name: 'Prometheus',
    modifyQuery: (query: PromQuery, { options }: { options: { key: string; value: string } }): PromQuery => ({
      ...query,
      expr: query.expr.replaceAll(
        `${CALLTREE_GOROUTINES}{`,
        `${CALLTREE_GOROUTINES}{${options.key}=${JSON.stringify(options.value)}, `
      ),
    }),
    query: (request: DataQueryRequest<PromQuery>) => answer(request),
  };
  setDataSourceSrv({ get: async () => source } as unknown as DataSourceSrv);
  setAppEvents(new EventBusSrv());
}

function answer({ targets, range, intervalMs }: DataQueryRequest<PromQuery>): Observable<DataQueryResponse> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const asked = queryRange(
      targets[0].expr,
      range.from.valueOf(),
      range.to.valueOf(),
      intervalMs,
      controller.signal
    ).then((response) => ({ data: seriesOf(response) }));
    const answered = from(asked).subscribe(subscriber);
    return () => {
      controller.abort();
      answered.unsubscribe();
    };
  });
}
