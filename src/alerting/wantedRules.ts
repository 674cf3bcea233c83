import { durationSeconds } from '../promql/prometheusRules';
import { chosenGrafanaGroups, type InstallChoices } from './choices';
import { provisionedRules, type ProvisionedRule } from './provisionedRule';
import { RULE_GROUPS } from './ruleFiles';

/** Parsing expressions with their recordings inlined takes too long to do it at each key that is pressed. */
const made = new WeakMap<InstallChoices, { version: string; rules: ProvisionedRule[] }>();

/** The chosen rules as Grafana shall have them. */
export function wantedRules(choices: InstallChoices, version: string): ProvisionedRule[] {
  const known = made.get(choices);
  if (known?.version === version) {
    return known.rules;
  }
  const rules = chosenGrafanaGroups(choices).flatMap((group) => provisionedRules(group, { version, choices }));
  made.set(choices, { version, rules });
  return rules;
}

/** How often Grafana evaluates a group, by its name. */
export const INTERVAL_SECONDS: ReadonlyMap<string, number> = new Map(
  RULE_GROUPS.flatMap(({ name, interval }) => (interval ? [[name, durationSeconds(interval)] as const] : []))
);
