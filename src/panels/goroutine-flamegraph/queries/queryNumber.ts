import type { DataQueryRequest } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { askAgain } from './askAgain';
import { lastNumber } from './readSeries';

/**
 * The number that a PromQL text gives at the end of the panel's time range, from the data source of one of its queries.
 * @returns `null` where it gives none
 * @throws Error with the data source's reason
 */
export async function queryNumber(request: DataQueryRequest, refId: string, expr: string): Promise<number | null> {
  const frames = await lastValueFrom(
    askAgain({
      request,
      refId,
      range: request.range,
      intervalMs: request.intervalMs,
      maxDataPoints: 1,
      change: (target) => ({ ...target, expr, instant: true, range: false, exemplar: false, format: 'table' }),
    })
  );
  return lastNumber(frames) ?? null;
}
