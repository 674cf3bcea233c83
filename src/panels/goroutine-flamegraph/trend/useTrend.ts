import type { DataQueryRequest, TimeRange } from '@grafana/data';
import { useEffect, useState } from 'react';
import { timer } from 'rxjs';
import { switchMap } from 'rxjs/operators';
import { type Trend, trendOf } from './trendOf';

export type TrendState =
  | { state: 'loading' }
  | ({ state: 'ready' } & Trend)
  /** `reason` is the rest of a sentence that begins with “No trend:”. */
  | { state: 'absent'; reason: string };

interface Asked {
  /** Absent in snapshots and public dashboards. */
  request: DataQueryRequest | undefined;
  refId: string;
  node: string;
  timeRange: TimeRange;
}

/** In ms: a pointer on its way passes over frames that nobody wants to know of. */
const PAUSE = 150;

/** A few frames are looked at again and again. */
const MOST_KEPT = 50;
const kept = new Map<string, Trend>();

const NO_REQUEST = 'there is no query to ask again, as in snapshots and public dashboards';

/** The trend of one frame; one question at a time, and none that was answered for the same frame and time already. */
export function useTrend({ request, refId, node, timeRange }: Asked): TrendState {
  const frame = JSON.stringify([refId, node]);
  // Variables and ad-hoc filters are no part of the queries' texts: when one changes, only the request is another.
  const { requestId, startTime } = request ?? {};
  const key = JSON.stringify([frame, requestId, startTime, timeRange.from.valueOf(), timeRange.to.valueOf()]);
  const [answered, setAnswered] = useState<{ frame: string; key: string; state: TrendState }>();

  useEffect(() => {
    if (!request || kept.has(key)) {
      return;
    }
    const question = timer(PAUSE)
      .pipe(switchMap(() => trendOf(request, refId, node, timeRange)))
      .subscribe({
        next: (trend) => {
          keep(key, trend);
          setAnswered({ frame, key, state: { state: 'ready', ...trend } });
        },
        error: ({ message }: Error) => setAnswered({ frame, key, state: { state: 'absent', reason: message } }),
      });
    return () => question.unsubscribe();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the key stands for the others
  }, [key]);

  if (!request) {
    return { state: 'absent', reason: NO_REQUEST };
  }
  const known = kept.get(key);
  if (known) {
    return { state: 'ready', ...known };
  }
  // While a refresh is under way, what was known of the frame a moment ago is better than nothing.
  return answered?.frame === frame ? answered.state : { state: 'loading' };
}

function keep(key: string, trend: Trend) {
  kept.set(key, trend);
  if (kept.size > MOST_KEPT) {
    kept.delete(kept.keys().next().value!);
  }
}
