import { getBackendSrv } from '@grafana/runtime';
import { useQuery } from '@tanstack/react-query';
import { lastValueFrom } from 'rxjs';
import { PROCESS_ALERT_GROUPS, PROCESS_ALERTS } from '../../promql/processRecordings';
import type { AlertState } from './processRows';

export interface ActiveAlert {
  labels: Record<string, string>;
  state: AlertState;
}

/** What we read of GET /api/prometheus/grafana/api/v1/rules. */
interface RulesAnswer {
  data: {
    groups: Array<{
      rules: Array<{
        name: string;
        queriedDatasourceUIDs?: string[];
        alerts?: Array<{ labels: Record<string, string>; state: string }>;
      }>;
    }>;
  };
}

/** Grafana's names of the states that are one of an alert: `Alerting`, and `Alerting (Error)` where it cannot look. */
const STATES: Array<[RegExp, AlertState]> = [
  [/^(Alerting|Recovering)\b/, 'firing'],
  [/^Pending\b/, 'pending'],
];

/** Of one rule; more than a page shows of processes. */
const MAX_ALERTS = 500;

/**
 * Active alerts of our rules in Grafana that ask this data source; none while they are not known, as where the person may
 * not see alert rules.
 */
export function useGrafanaAlerts(dataSourceUid: string, refetchInterval: number): ActiveAlert[] {
  const { data } = useQuery({
    queryKey: ['grafana alerts', dataSourceUid],
    queryFn: ({ signal }) => activeAlerts(dataSourceUid, signal),
    refetchInterval,
  });
  return data ?? NONE;
}

const NONE: ActiveAlert[] = [];

async function activeAlerts(dataSourceUid: string, signal: AbortSignal): Promise<ActiveAlert[]> {
  const parameters = new URLSearchParams([
    ...PROCESS_ALERT_GROUPS.map((group) => ['rule_group', group]),
    ['state', 'firing'],
    ['state', 'pending'],
    ['state', 'recovering'],
    ['limit_alerts', String(MAX_ALERTS)],
  ]);
  const { data } = await lastValueFrom(
    getBackendSrv().fetch<RulesAnswer>({
      url: `/api/prometheus/grafana/api/v1/rules?${parameters}`,
      abortSignal: signal,
      showErrorAlert: false,
    })
  );
  return data.data.groups
    .flatMap(({ rules }) => rules)
    .filter(({ name, queriedDatasourceUIDs = [] }) => {
      return PROCESS_ALERTS.includes(name) && queriedDatasourceUIDs.includes(dataSourceUid);
    })
    .flatMap(({ alerts = [] }) => alerts)
    .flatMap(({ labels, state }) => {
      const known = STATES.find(([pattern]) => pattern.test(state));
      return known ? [{ labels, state: known[1] }] : [];
    });
}
