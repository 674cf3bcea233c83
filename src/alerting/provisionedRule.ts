import type { InstallChoices } from './choices';
import type { GrafanaGroup, GrafanaQuery, GrafanaRule, NotificationSettings } from './grafanaRule';

/** A rule in the names of Grafana's provisioning HTTP API; what we do not set is left out. */
export interface ProvisionedRule {
  uid: string;
  title: string;
  folderUID: string;
  ruleGroup: string;
  condition: string;
  data: GrafanaQuery[];
  for: string;
  keep_firing_for: string;
  missingSeriesEvalsToResolve?: number;
  noDataState: string;
  execErrState: string;
  isPaused: boolean;
  labels?: Record<string, string> | null;
  annotations?: Record<string, string> | null;
  notification_settings?: NotificationSettings | null;
  /** Where the rule is managed: in a "file", through the "api", … Read only; empty or absent where people edit it. */
  provenance?: string;
}

/**
 * What was chosen at the last install, and with which version of the plugin. Grafana keeps annotations that begin and end
 * with `__` from messages (grafana/alerting, templates.removePrivateItems). There is no label to mark the origin:
 * `__grafana_origin` ends without `__` and so would be in each message, and makes rules that nobody can pause.
 */
export const INSTALL_ANNOTATION = '__stackpressure_install__';

export interface Install {
  version: string;
  choices: InstallChoices;
}

/** The rules of a group as the API takes them. */
export function provisionedRules(group: GrafanaGroup, install: Install): ProvisionedRule[] {
  return group.rules.map((rule) => provisionedRule(rule, group.name, install));
}

function provisionedRule(rule: GrafanaRule, group: string, install: Install): ProvisionedRule {
  return {
    uid: rule.uid,
    title: rule.title,
    folderUID: install.choices.folder.uid,
    ruleGroup: group,
    condition: rule.condition,
    data: rule.data,
    for: rule.for,
    keep_firing_for: rule.keepFiringFor,
    missingSeriesEvalsToResolve: rule.missing_series_evals_to_resolve,
    noDataState: rule.noDataState,
    execErrState: rule.execErrState,
    isPaused: false,
    labels: rule.labels,
    annotations: { ...rule.annotations, [INSTALL_ANNOTATION]: written(install) },
    ...(rule.notification_settings && { notification_settings: rule.notification_settings }),
  };
}

/** Grafana executes annotations as templates: a label filter must not become one. In JSON `{{` is in texts alone. */
function written(install: Install): string {
  return JSON.stringify(install).replaceAll('{{', '{\\u007b');
}

/** Undefined where the rule does not say, as one from a file, or where somebody has changed what it said. */
export function installOf(rule: ProvisionedRule): Install | undefined {
  try {
    const install: unknown = JSON.parse(rule.annotations?.[INSTALL_ANNOTATION] ?? '');
    return isInstall(install) ? install : undefined;
  } catch {
    return undefined;
  }
}

function isInstall(value: unknown): value is Install {
  const { version, choices } = (value ?? {}) as Partial<Install>;
  return (
    typeof version === 'string' &&
    typeof choices?.dataSourceUid === 'string' &&
    typeof choices.folder?.uid === 'string' &&
    Array.isArray(choices.alerts) &&
    Array.isArray(choices.matchers) &&
    typeof choices.thresholds === 'object' &&
    typeof choices.delivery?.kind === 'string'
  );
}

/** The data sources that the rule asks. */
export function dataSourcesOf({ data }: ProvisionedRule): string[] {
  return [...new Set(data.map(({ datasourceUid }) => datasourceUid))].filter((uid) => uid !== '__expr__');
}
