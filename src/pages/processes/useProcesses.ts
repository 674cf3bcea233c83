import { useMemo } from 'react';
import type { Sample } from '../../prometheus/askPrometheus';
import type { PrometheusFailure } from '../../prometheus/failure';
import { useInstant } from '../../prometheus/useInstant';
import { detailQueries, overviewQueries, type ProcessFilter, rankedByMetrics, timeToOom } from '../../promql/processes';
import { type ProcessRow, processRows, toAskExactly } from './processRows';
import { useGrafanaAlerts } from './useGrafanaAlerts';

export interface Processes {
  /** Of all that the filter picks. */
  total: number;
  rows: ProcessRow[];
  /** Whether Prometheus records our rules: without them, it works each time out anew. */
  recorded: boolean;
}

interface Answer {
  /** Undefined while nothing is known. */
  processes: Processes | undefined;
  /** What is asked now; undefined when all is there. */
  step: 'ranking' | 'details' | 'times' | undefined;
  failure: PrometheusFailure | null;
  /** Asks anew. */
  refresh: () => void;
}

/** Nothing is gained by looking more often than Prometheus scrapes. */
const REFRESH_MS = 30_000;

/** Exact times without recordings at once: some 4 ms each. */
const MAX_EXACT = 30;

/**
 * The most urgent processes of a data source, in steps that each ask only for what the one before found: which are the most
 * urgent, what is known of them, and, where Prometheus does not record it, the time of those that it may be near for.
 */
export function useProcesses(dataSourceUid: string, filter: ProcessFilter, count: number): Answer {
  const refetchInterval = REFRESH_MS;
  const overview = useInstant(dataSourceUid, overviewQueries(filter, count), { refetchInterval });
  const recorded = (overview.data?.recorded.length ?? 0) > 0;
  const isEmpty = overview.data?.total.length === 0;

  const byMetrics = useInstant(
    dataSourceUid,
    { ranked: rankedByMetrics(filter, count) },
    { enabled: overview.data !== undefined && !recorded && !isEmpty, refetchInterval }
  );
  const ranked = isEmpty ? NOTHING : recorded ? overview.data?.recorded : byMetrics.data?.ranked;

  const asked = useMemo(() => detailQueries(ranked ?? NOTHING, recorded), [ranked, recorded]);
  const details = useInstant(dataSourceUid, asked, {
    enabled: ranked !== undefined && ranked.length > 0,
    refetchInterval,
  });
  const near = useMemo(
    () => (ranked && details.data && !recorded ? toAskExactly(ranked, details.data).slice(0, MAX_EXACT) : NOTHING),
    [ranked, details.data, recorded]
  );
  const times = useMemo(() => ({ times: near.length > 0 ? timeToOom(near) : '' }), [near]);
  const exact = useInstant(dataSourceUid, times, { enabled: near.length > 0, refetchInterval });

  const grafanaAlerts = useGrafanaAlerts(dataSourceUid, refetchInterval);
  const exactTimes = near.length === 0 ? NOTHING : exact.data?.times;
  const processes = useMemo(() => {
    if (!overview.data || !ranked || (ranked.length > 0 && !details.data)) {
      return undefined;
    }
    const total = overview.data.total[0]?.value ?? 0;
    const rows = processRows({ ranked, details: details.data ?? {}, exact: exactTimes, recorded, grafanaAlerts });
    return { total, rows, recorded };
  }, [overview.data, ranked, details.data, exactTimes, recorded, grafanaAlerts]);

  return {
    processes,
    step:
      overview.isLoading || byMetrics.isLoading
        ? 'ranking'
        : details.isLoading
          ? 'details'
          : exact.isLoading
            ? 'times'
            : undefined,
    failure: overview.error ?? byMetrics.error ?? details.error ?? exact.error,
    refresh: () => void overview.refetch().then(() => Promise.all([byMetrics.refetch(), details.refetch()])),
  };
}

const NOTHING: Sample[] = [];
