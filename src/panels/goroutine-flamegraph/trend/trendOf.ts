import { type DataFrame, type DataQueryRequest, type DataSourceApi, FieldType, type TimeRange } from '@grafana/data';
import { map, type Observable } from 'rxjs';
import { fitGrowth, type Growth, type Sample } from '../../../calltree/growth';
import { askAgain } from '../queries/askAgain';

export interface Trend {
  /** By time. */
  samples: Sample[];
  /** Steps between the first and the last sample that have none: the collector was not there. */
  missing: number;
  /** Of the samples since `fellAt`, or of all. */
  growth: Growth | null;
  /** When it last fell to less than half from one sample to the next, as at a restart, in ms; no curve goes through that. */
  fellAt?: number;
}

/** More are not seen in a sparkline. */
const POINTS = 60;

/** How a node of the call tree came to be what it is: its values over a time range, from the panel's own data source. */
export function trendOf(request: DataQueryRequest, refId: string, node: string, range: TimeRange): Observable<Trend> {
  const length = range.to.valueOf() - range.from.valueOf();
  const intervalMs = Math.max(length / POINTS, request.intervalMs || 0, 1000);
  return askAgain({
    request,
    refId,
    range,
    intervalMs,
    maxDataPoints: POINTS,
    change: (target, source) =>
      withNode(
        Object.assign(target, {
          instant: false,
          range: true,
          exemplar: false,
          format: 'time_series',
          legendFormat: '',
        }),
        node,
        source
      ),
  }).pipe(map(readTrend));
}

type DataQuery = DataQueryRequest['targets'][number];

/** Each data source knows best how to put a matcher into its queries. */
function withNode(target: DataQuery, node: string, source: DataSourceApi): DataQuery {
  if (!('modifyQuery' in source) || typeof source.modifyQuery !== 'function') {
    throw new Error(`the data source ${source.name} has no way to ask for a single frame`);
  }
  return source.modifyQuery(target, { type: 'ADD_FILTER', options: { key: 'node', value: node } });
}

/** Several series, as of a query that does not add processes up, are added up by time. */
export function readTrend(frames: DataFrame[]): Trend {
  const sums = new Map<number, number>();
  let step = Infinity;
  for (const { fields } of frames) {
    const time = fields.find(({ type }) => type === FieldType.time);
    const times = time?.values ?? [];
    // What Prometheus was asked for; not every data source says.
    step = Math.min(step, time?.config.interval ?? Infinity);
    for (const { values } of fields.filter(({ type }) => type === FieldType.number)) {
      values.forEach((value, row) => {
        if (Number.isFinite(value) && value !== null) {
          sums.set(times[row], (sums.get(times[row]) ?? 0) + value);
        }
      });
    }
  }
  const samples = [...sums].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time);
  const fell = samples.reduce((last, { value }, i) => (i > 0 && value < samples[i - 1].value / 2 ? i : last), 0);
  return {
    samples,
    missing: missingSteps(samples, step),
    growth: fitGrowth(samples.slice(fell)),
    ...(fell > 0 && { fellAt: samples[fell].time }),
  };
}

/** @param knownStep in ms; `Infinity` where it is told from the samples alone */
function missingSteps(samples: Sample[], knownStep: number): number {
  const gaps = samples.slice(1).map(({ time }, i) => time - samples[i].time);
  const step = Math.min(knownStep, ...gaps);
  return gaps.reduce((missing, gap) => missing + Math.round(gap / step) - 1, 0);
}
