import { inlineRecordings } from '../promql/inlineRecordings';
import { type AlertingRule, isAlertingRule, type RuleGroup } from '../promql/prometheusRules';
import type { Matcher } from '../promql/withMatchers';
import { grafanaGroup, type GrafanaGroup } from './grafanaRule';
import { CONTACT_POINT, type Robot } from './contactPoint';
import type { MessageLanguage } from './messageWords';
import { ourFolder } from './ourFolder';
import { restrict } from './restrict';
import { OUR_ALERTS, RECORDINGS, RULE_GROUPS } from './ruleFiles';
import { type Thresholds, withChosenThresholds } from './thresholds';

/**
 * Who is told of alerts:
 * - policies: whom the organisation's notification policies say
 * - contactPoint: one that is there
 * - ours: a contact point that we make, of the robots that the person has given an address of. Addresses are secrets and no
 *   part of the choices.
 */
export type Delivery =
  | { kind: 'policies' }
  | { kind: 'contactPoint'; name: string }
  // English, unless it says so: earlier installs do not.
  | { kind: 'ours'; robots: readonly Robot[]; language?: MessageLanguage };

/** All that a person chooses before our rules are installed; kept with them, for upgrades. */
export interface InstallChoices {
  dataSourceUid: string;
  folder: { uid: string; title: string };
  /** Names of alerts. */
  alerts: readonly string[];
  /** Those that are not as in the files. */
  thresholds: Thresholds;
  /** Only processes that these pick. */
  matchers: readonly Matcher[];
  /** Rules read `go_process:*`, which Prometheus must record; else they have them as expressions. */
  recorded: boolean;
  delivery: Delivery;
}

export function defaultChoices(dataSourceUid: string, recorded = false): InstallChoices {
  return {
    dataSourceUid,
    folder: ourFolder,
    alerts: OUR_ALERTS.filter(({ isOptional }) => !isOptional).map(({ rule }) => rule.alert),
    thresholds: {},
    matchers: [],
    recorded,
    delivery: { kind: 'policies' },
  };
}

/**
 * The chosen alerts as rules of Prometheus, ready to be evaluated: thresholds and matchers are in the expressions; the
 * recordings that they read are either rules of their groups (`recorded`) or in their place.
 *
 * Annotations are as in the files: they query recordings, which a Prometheus needs for them in both forms.
 *
 * @throws Error where a matcher cannot be put into an expression
 */
export function chosenGroups(choices: InstallChoices): RuleGroup[] {
  const { matchers, recorded } = choices;
  const groups = alertGroups(choices);
  const read = recorded ? recordingsRead(groups) : new Set();
  return RULE_GROUPS.flatMap((group) => {
    const alerts = groups.find(({ name }) => name === group.name)?.rules ?? [];
    const rules = [
      ...group.rules.filter((rule) => 'record' in rule && read.has(rule.record)),
      ...alerts.map((rule) => ({
        ...rule,
        expr: restrict(recorded ? rule.expr : inlineRecordings(rule.expr, RECORDINGS), matchers),
      })),
    ];
    return rules.length > 0 ? [{ ...group, rules }] : [];
  });
}

/** The alerts among the chosen rules. */
export function chosenAlerts(choices: InstallChoices): AlertingRule[] {
  return chosenGroups(choices).flatMap(({ rules }) => rules.filter(isAlertingRule));
}

/** The chosen alerts as rules of Grafana, by group. */
export function chosenGrafanaGroups(choices: InstallChoices): GrafanaGroup[] {
  const { dataSourceUid, recorded, matchers } = choices;
  const target = {
    datasourceUid: dataSourceUid,
    receiver: receiverOf(choices.delivery),
    recordings: recorded ? undefined : RECORDINGS,
    matchers,
  };
  return alertGroups(choices).flatMap((group) => grafanaGroup(group, target) ?? []);
}

/** The name of the contact point that rules notify; undefined for the organisation's policies. */
export function receiverOf(delivery: Delivery): string | undefined {
  switch (delivery.kind) {
    case 'policies':
      return undefined;
    case 'contactPoint':
      return delivery.name;
    case 'ours':
      return CONTACT_POINT;
  }
}

/** Groups with the chosen alerts alone, their thresholds set. */
function alertGroups({ alerts, thresholds }: InstallChoices): Array<RuleGroup & { rules: AlertingRule[] }> {
  return RULE_GROUPS.map((group) => ({
    ...group,
    rules: group.rules
      .filter(isAlertingRule)
      .filter(({ alert }) => alerts.includes(alert))
      .map((rule) => withChosenThresholds(rule, thresholds)),
  })).filter(({ rules }) => rules.length > 0);
}

/** Names of the recordings that the alerts and their annotations read, and those that these read. */
function recordingsRead(groups: Array<{ rules: AlertingRule[] }>): Set<string> {
  const read = new Set<string>();
  const lookIn = (text: string) => {
    for (const [name, { expr }] of RECORDINGS) {
      if (!read.has(name) && text.includes(name)) {
        read.add(name);
        lookIn(expr);
      }
    }
  };
  groups
    .flatMap(({ rules }) => rules)
    .forEach(({ expr, annotations }) => lookIn([expr, ...Object.values(annotations ?? {})].join('\n')));
  return read;
}
