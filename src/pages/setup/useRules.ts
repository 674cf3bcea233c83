import { useQuery } from '@tanstack/react-query';
import { rulesInGrafana, rulesInPrometheus, tooOldVersion } from './installedRules';
import { type Recorded, type RulesReadiness, rulesReadinessOf } from './readiness';

/** Which of our rules are evaluated, undefined until that is known or known to be unknown. */
export function useRules(dataSourceUid: string, recorded: Recorded): RulesReadiness | undefined {
  const prometheus = useQuery({
    queryKey: ['rules in Prometheus', dataSourceUid],
    queryFn: ({ signal }) => rulesInPrometheus(dataSourceUid, signal),
  });
  const grafana = useQuery({
    queryKey: ['rules in Grafana', dataSourceUid],
    queryFn: ({ signal }) => rulesInGrafana(dataSourceUid, signal),
  });
  return prometheus.isPending || grafana.isPending
    ? undefined
    : rulesReadinessOf(prometheus.data, grafana.data, recorded);
}

/** The data source's version if it is a Prometheus too old for our queries. */
export function useTooOldVersion(dataSourceUid: string): string | undefined {
  const { data } = useQuery({
    queryKey: ['Prometheus version', dataSourceUid],
    queryFn: async ({ signal }) => (await tooOldVersion(dataSourceUid, signal)) ?? null,
  });
  return data ?? undefined;
}
