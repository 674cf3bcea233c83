import { getBackendSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { OUR_ALERTS, PROCESS_RECORDINGS, TREE_RECORDINGS } from './ourRules';
import { type BuildInfo, tooOldPrometheus } from './prometheusVersion';

export interface InstalledRule {
  name: string;
  /** Why its last evaluation failed. */
  error?: string;
}

interface RulesAnswer {
  data?: {
    groups?: Array<{
      rules: Array<{
        name: string;
        uid?: string;
        health?: string;
        lastError?: string;
        queriedDatasourceUIDs?: string[];
      }>;
    }>;
  };
}

/** Grafana's rules of ours have uids that begin so (src/alerting/grafanaRule.ts). */
const UID_PREFIX = 'gsp-';

/** A Prometheus has thousands of rules: older ones than 2.43 do not know these parameters, and list all. */
const ONLY_OURS = [...OUR_ALERTS, ...PROCESS_RECORDINGS, ...TREE_RECORDINGS].map((name) => ['rule_name[]', name]);

/**
 * Our rules that the data source evaluates itself, which everybody may ask who may query it.
 * @throws what Grafana answers, such as 404 where the data source has no such API
 */
export async function rulesInPrometheus(dataSourceUid: string, signal?: AbortSignal): Promise<InstalledRule[]> {
  const parameters = new URLSearchParams([...ONLY_OURS, ['exclude_alerts', 'true']]);
  const ours = new Set(ONLY_OURS.map(([, name]) => name));
  const answer = await get<RulesAnswer>(`${resource(dataSourceUid)}/rules?${parameters}`, signal);
  return rulesOf(answer).filter(({ name }) => ours.has(name));
}

/**
 * Our rules that Grafana evaluates over the data source; of folders that the person may see.
 * @throws what Grafana answers, such as 403 to a person who may not see alert rules
 */
export async function rulesInGrafana(dataSourceUid: string, signal?: AbortSignal): Promise<InstalledRule[]> {
  const parameters = new URLSearchParams([...OUR_ALERTS.map((name) => ['rule_name', name]), ['limit_alerts', '0']]);
  const answer = await get<RulesAnswer>(`/api/prometheus/grafana/api/v1/rules?${parameters}`, signal);
  return rulesOf(answer, (rule) => {
    const asked = rule.queriedDatasourceUIDs ?? [dataSourceUid];
    return (rule.uid ?? '').startsWith(UID_PREFIX) && asked.includes(dataSourceUid);
  });
}

/** The version of a Prometheus that is too old for our queries; undefined where it is not, or not known. */
export async function tooOldVersion(dataSourceUid: string, signal?: AbortSignal): Promise<string | undefined> {
  const { data } = await get<{ data?: BuildInfo }>(`${resource(dataSourceUid)}/status/buildinfo`, signal);
  return tooOldPrometheus(data ?? {});
}

type AnsweredRule = NonNullable<NonNullable<RulesAnswer['data']>['groups']>[number]['rules'][number];

function rulesOf({ data }: RulesAnswer, isOurs: (rule: AnsweredRule) => boolean = () => true): InstalledRule[] {
  return (data?.groups ?? [])
    .flatMap(({ rules }) => rules)
    .filter(isOurs)
    .map(({ name, health, lastError }) => ({ name, error: isFailing(health) ? lastError || health : undefined }));
}

/** Prometheus says "err", Grafana "error"; "nodata" and "unknown" are none. */
function isFailing(health = ''): boolean {
  return /^err/.test(health);
}

function resource(dataSourceUid: string): string {
  return `/api/datasources/uid/${encodeURIComponent(dataSourceUid)}/resources/api/v1`;
}

async function get<T>(url: string, abortSignal?: AbortSignal): Promise<T> {
  const { data } = await lastValueFrom(getBackendSrv().fetch<T>({ url, abortSignal, showErrorAlert: false }));
  return data ?? ({} as T);
}
