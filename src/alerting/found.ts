import { defaultChoices, type Delivery, type InstallChoices } from './choices';
import { CONTACT_POINT, robotsOf } from './contactPoint';
import { type Difference, differencesOf } from './differences';
import { ourFolder } from './ourFolder';
import { dataSourcesOf, type Install, installOf, type ProvisionedRule } from './provisionedRule';
import { OUR_ALERTS } from './ruleFiles';
import { isOlderVersion } from './version';
import { wantedRules } from './wantedRules';

/** One integration of a contact point, as the provisioning API lists them. */
export interface ListedIntegration {
  uid: string;
  name: string;
  type: string;
  settings: Record<string, unknown>;
  provenance?: string;
}

export interface FoundGroup {
  intervalSeconds: number;
  /** Titles of rules in it that are not ours. */
  others: string[];
}

/** What Grafana has of ours, and around it. */
export interface Found {
  rules: ProvisionedRule[];
  /** Uids of rules that are there, in folders that the person may not see. */
  hidden: string[];
  /** Contact points; undefined where the person may not see them. */
  integrations?: ListedIntegration[];
}

/** What a person needs to know of the rules that are installed. */
export interface Installed {
  rules: ProvisionedRule[];
  hidden: string[];
  /** The oldest one of the rules' installs. */
  version?: string;
  isOlder: boolean;
  /** What was chosen for them; where they do not say, what they show. */
  choices: InstallChoices;
  /** Alerts that were chosen and are not there. */
  missing: string[];
  /** Of rules that would be different if they were installed again with the same choices; by title. */
  differences: Map<string, Difference[]>;
  /** Rules that are managed elsewhere and that we must not change. */
  managed: Array<{ title: string; provenance: string }>;
  dataSourceUids: string[];
}

/** Undefined where nothing of ours is installed. */
export function installedOf({ rules, hidden, integrations = [] }: Found, version: string): Installed | undefined {
  if (rules.length === 0 && hidden.length === 0) {
    return undefined;
  }
  const installs = rules.flatMap((rule) => installOf(rule) ?? []).sort(byVersion);
  const [oldest] = installs.map((one) => one.version);
  const install = installs.at(-1);
  const choices = install?.choices ?? choicesSeen(rules, integrations);
  const wanted = wantedRules(choices, version);
  const differences = rules.flatMap((rule) => {
    const counterpart = wanted.find(({ uid }) => uid === rule.uid);
    const found = counterpart ? differencesOf(rule, counterpart) : [];
    return found.length > 0 ? [[rule.title, found] as const] : [];
  });
  return {
    rules,
    hidden,
    version: oldest,
    isOlder: isOlderVersion(oldest, version),
    choices,
    missing: wanted.filter(({ uid }) => !isThere(uid, rules, hidden)).map(({ title }) => title),
    differences: new Map(differences),
    managed: rules.flatMap(({ title, provenance }) => (provenance ? [{ title, provenance }] : [])),
    dataSourceUids: [...new Set(rules.flatMap(dataSourcesOf))],
  };
}

function isThere(uid: string, rules: ProvisionedRule[], hidden: string[]): boolean {
  return hidden.includes(uid) || rules.some((rule) => rule.uid === uid);
}

function byVersion(a: Install, b: Install): number {
  return Number(isOlderVersion(b.version, a.version)) - Number(isOlderVersion(a.version, b.version));
}

/** What rules without a word about it were installed with, as far as they show. */
function choicesSeen(rules: ProvisionedRule[], integrations: ListedIntegration[]): InstallChoices {
  const [first] = rules;
  const [dataSourceUid = ''] = rules.flatMap(dataSourcesOf);
  const defaults = defaultChoices(dataSourceUid);
  return first === undefined
    ? defaults
    : {
        ...defaults,
        folder: first.folderUID === ourFolder.uid ? ourFolder : { uid: first.folderUID, title: first.folderUID },
        alerts: OUR_ALERTS.map(({ rule }) => rule.alert).filter((name) => rules.some(({ title }) => title === name)),
        recorded: rules.some(({ data }) => data.some(({ model }) => String(model.expr).includes('go_process:'))),
        delivery: deliverySeen(first.notification_settings?.receiver, integrations),
      };
}

function deliverySeen(receiver: string | undefined, integrations: ListedIntegration[]): Delivery {
  switch (receiver) {
    case undefined:
      return { kind: 'policies' };
    case CONTACT_POINT:
      return { kind: 'ours', robots: robotsOf(integrations) };
    default:
      return { kind: 'contactPoint', name: receiver };
  }
}
