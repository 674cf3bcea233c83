import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { askInstant, type Sample } from './askPrometheus';
import type { PrometheusFailure } from './failure';

export interface InstantOptions {
  /** Not asked while false or without a data source. */
  enabled?: boolean;
  /** How often to ask again, in ms. */
  refetchInterval?: number;
}

/**
 * Instant queries of one data source, together; what is under way is cancelled when the question changes or the page goes.
 * The former answer stays (`isPlaceholderData`) until the next one is there.
 */
export function useInstant<Name extends string>(
  dataSourceUid: string | undefined,
  queries: Record<Name, string>,
  { enabled = true, refetchInterval }: InstantOptions = {}
): UseQueryResult<Record<Name, Sample[]>, PrometheusFailure> {
  return useQuery<Record<Name, Sample[]>, PrometheusFailure>({
    queryKey: ['instant', dataSourceUid, queries],
    queryFn: ({ signal }) => askInstant({ dataSourceUid: dataSourceUid!, signal }, queries),
    enabled: enabled && dataSourceUid !== undefined,
    // Never of another data source: it may be another tenant's.
    placeholderData: (previous, query) => (query?.queryKey[1] === dataSourceUid ? previous : undefined),
    refetchInterval,
  });
}
