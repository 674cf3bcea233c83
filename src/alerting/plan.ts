import type { InstallChoices } from './choices';
import { CONTACT_POINT, integration, type Integration, KEPT_SECRET, type Robot, ROBOT_UIDS } from './contactPoint';
import { differencesOf } from './differences';
import type { Found, FoundGroup, ListedIntegration } from './found';
import { ourFolder } from './ourFolder';
import { INSTALL_ANNOTATION, type ProvisionedRule } from './provisionedRule';
import { INTERVAL_SECONDS, wantedRules } from './wantedRules';

/** One request to Grafana that changes something. */
export type Step =
  | { kind: 'createFolder'; folder: { uid: string; title: string } }
  | { kind: 'createIntegration'; integration: Integration }
  | { kind: 'updateIntegration'; integration: Integration }
  | { kind: 'deleteIntegration'; uid: string; robot: Robot }
  | { kind: 'createRule'; rule: ProvisionedRule }
  | { kind: 'updateRule'; rule: ProvisionedRule }
  | { kind: 'deleteRule'; uid: string; title: string }
  | { kind: 'setInterval'; folderUid: string; group: string; seconds: number }
  | { kind: 'deleteFolder'; uid: string };

export interface InstallPlan {
  steps: Step[];
  /** Rules that are managed elsewhere: Grafana refuses to change them, so nothing is installed over them. */
  managed: Array<{ title: string; provenance: string }>;
  /** Groups that have rules of others and another interval, which stays, as it is theirs too. */
  keptIntervals: Array<{ group: string; seconds: number; others: string[] }>;
}

/** The folder that rules go into. */
export interface FoundFolder {
  exists: boolean;
  title?: string;
  /** Its groups that have our names. */
  groups: ReadonlyMap<string, FoundGroup>;
}

/** Addresses of robots that the person has typed; the others keep theirs. */
export type TypedAddresses = Partial<Record<Robot, string>>;

/** Where a group is new, Grafana evaluates it so often. */
const DEFAULT_INTERVAL_SECONDS = 60;

/**
 * What has to be done so that Grafana has the chosen rules, and of our rules no others; nothing where it has them already.
 * Each rule goes in by itself: a whole group would have to be sent with the rules that others put into it, and takes away
 * where they are managed.
 */
export function installPlan(
  found: Found,
  folder: FoundFolder,
  choices: InstallChoices,
  addresses: TypedAddresses,
  version: string
): InstallPlan {
  const wanted = wantedRules(choices, version);
  const written: Step[] = wanted.flatMap<Step>((rule) => {
    const present = found.rules.find(({ uid }) => uid === rule.uid);
    if (!present) {
      return [{ kind: 'createRule', rule }];
    }
    return isAsWanted(present, rule) ? [] : [{ kind: 'updateRule', rule: keepingTheirs(present, rule) }];
  });
  const unwanted = found.rules.filter(({ uid }) => !wanted.some((rule) => rule.uid === uid));
  const intervals = intervalsToSet(wanted, written, folder.groups);
  return {
    steps: [
      ...(folder.exists || written.length === 0 ? [] : [{ kind: 'createFolder' as const, folder: choices.folder }]),
      ...integrationSteps(found.integrations ?? [], choices, addresses),
      ...written,
      ...intervals
        .filter(({ others }) => others.length === 0)
        .map(({ group, seconds }) => ({
          kind: 'setInterval' as const,
          folderUid: choices.folder.uid,
          group,
          seconds,
        })),
      ...unwanted.map(deletion),
    ],
    managed: found.rules.flatMap(({ title, provenance }) => (provenance ? [{ title, provenance }] : [])),
    keptIntervals: intervals
      .filter(({ others }) => others.length > 0)
      .map(({ group, others }) => ({ group, others, seconds: folder.groups.get(group)!.intervalSeconds })),
  };
}

function isAsWanted(present: ProvisionedRule, wanted: ProvisionedRule): boolean {
  return (
    differencesOf(present, wanted).length === 0 &&
    present.annotations?.[INSTALL_ANNOTATION] === wanted.annotations?.[INSTALL_ANNOTATION]
  );
}

/** A rule that somebody paused stays so, and what somebody set of its notifications (grouping, muting) as well. */
function keepingTheirs(present: ProvisionedRule, wanted: ProvisionedRule): ProvisionedRule {
  const isSameReceiver = present.notification_settings?.receiver === wanted.notification_settings?.receiver;
  return {
    ...wanted,
    isPaused: present.isPaused,
    ...(isSameReceiver &&
      wanted.notification_settings && {
        notification_settings: { ...wanted.notification_settings, ...present.notification_settings },
      }),
  };
}

function intervalsToSet(wanted: ProvisionedRule[], written: Step[], groups: FoundFolder['groups']) {
  return [...new Set(wanted.map(({ ruleGroup }) => ruleGroup))].flatMap((group) => {
    const seconds = INTERVAL_SECONDS.get(group)!;
    const present = groups.get(group);
    const isNew =
      present === undefined && written.some((step) => step.kind === 'createRule' && step.rule.ruleGroup === group);
    const current = present?.intervalSeconds ?? (isNew ? DEFAULT_INTERVAL_SECONDS : seconds);
    return current === seconds ? [] : [{ group, seconds, others: present?.others ?? [] }];
  });
}

function integrationSteps(
  present: ListedIntegration[],
  { delivery }: InstallChoices,
  addresses: TypedAddresses
): Step[] {
  if (delivery.kind !== 'ours') {
    return [];
  }
  const { language = 'en' } = delivery;
  const robots = Object.keys(ROBOT_UIDS) as Robot[];
  const steps = robots.flatMap<Step>((robot) => {
    const there = present.find(({ uid }) => uid === ROBOT_UIDS[robot]);
    const address = addresses[robot]?.trim() || undefined;
    if (there?.provenance) {
      return [];
    }
    if (!delivery.robots.includes(robot)) {
      return there ? [{ kind: 'deleteIntegration', uid: there.uid, robot }] : [];
    }
    if (!there) {
      return [{ kind: 'createIntegration', integration: integration(robot, address ?? '', language) }];
    }
    const wanted = integration(robot, address ?? KEPT_SECRET, language);
    return isSameIntegration(there, wanted) ? [] : [{ kind: 'updateIntegration', integration: wanted }];
  });
  // A contact point that rules notify may not be empty in between.
  const isDeletion = ({ kind }: Step) => kind === 'deleteIntegration';
  return [...steps.filter((step) => !isDeletion(step)), ...steps.filter(isDeletion)];
}

function isSameIntegration(present: ListedIntegration, wanted: Integration): boolean {
  return (
    present.name === CONTACT_POINT &&
    Object.entries(wanted.settings).every(([setting, value]) => present.settings[setting] === value)
  );
}

/** What goes with the rules when they are removed, as far as the person agreed. */
export interface AlsoRemoved {
  contactPoint: boolean;
  folder: boolean;
}

/** Exactly our rules; those that are managed elsewhere stay, as Grafana refuses to delete them. */
export function removalPlan({ rules, integrations = [] }: Found, also: AlsoRemoved): Step[] {
  const robots = Object.entries(ROBOT_UIDS) as Array<[Robot, string]>;
  return [
    ...rules.filter(({ provenance }) => !provenance).map(deletion),
    ...(also.contactPoint
      ? robots
          .filter(([, uid]) => integrations.some((one) => one.uid === uid && !one.provenance))
          .map(([robot, uid]) => ({ kind: 'deleteIntegration' as const, uid, robot }))
      : []),
    ...(also.folder ? [{ kind: 'deleteFolder' as const, uid: ourFolder.uid }] : []),
  ];
}

function deletion({ uid, title }: ProvisionedRule) {
  return { kind: 'deleteRule' as const, uid, title };
}
