import { durationSeconds } from '../promql/prometheusRules';
import { chosenGrafanaGroups, type InstallChoices } from './choices';
import { provisionedRules, type ProvisionedRule } from './provisionedRule';
import { RULE_GROUPS } from './ruleFiles';

/** The chosen rules as Grafana shall have them. */
export function wantedRules(choices: InstallChoices, version: string): ProvisionedRule[] {
  return chosenGrafanaGroups(choices).flatMap((group) => provisionedRules(group, { version, choices }));
}

/** How often Grafana evaluates a group, by its name. */
export const INTERVAL_SECONDS: ReadonlyMap<string, number> = new Map(
  RULE_GROUPS.flatMap(({ name, interval }) => (interval ? [[name, durationSeconds(interval)] as const] : []))
);
