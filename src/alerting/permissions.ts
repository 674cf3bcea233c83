import type { Step } from './plan';

/**
 * Names of Grafana's permissions, each alternative sufficient (pkg/services/ngalert/api/authorization.go). Last is the one
 * that Editors have, to be named when none is there. Some hold for single folders and data sources: whether for these is
 * Grafana's to say.
 */
type Needed = string[][];

const SET_PROVENANCE = 'alert.provisioning.provenance:write';
const EVERYTHING = [['alert.provisioning:write']];

function ofRules(action: string): Needed {
  return [...EVERYTHING, ['alert.rules.provisioning:write'], [action, SET_PROVENANCE]];
}

const OF_CONTACT_POINTS: Needed = [
  ...EVERYTHING,
  ['alert.notifications.provisioning:write'],
  ['alert.notifications:write', SET_PROVENANCE],
];

const NEEDED: Record<Step['kind'], Needed> = {
  createFolder: [['folders:create']],
  createIntegration: OF_CONTACT_POINTS,
  updateIntegration: OF_CONTACT_POINTS,
  deleteIntegration: OF_CONTACT_POINTS,
  createRule: ofRules('alert.rules:create'),
  updateRule: ofRules('alert.rules:write'),
  deleteRule: ofRules('alert.rules:delete'),
  setInterval: ofRules('alert.rules:write'),
  deleteFolder: [['folders:delete']],
};

const TEST_MESSAGE: Needed = [['alert.notifications:write'], ['alert.notifications.receivers:test']];

export type Permissions = Readonly<Record<string, boolean>>;

/** What the person lacks for the steps; empty where nothing, as far as is known beforehand. */
export function missingFor(steps: ReadonlyArray<Pick<Step, 'kind'>>, permissions: Permissions): string[] {
  return [...new Set(steps.flatMap(({ kind }) => missingOf(NEEDED[kind], permissions)))];
}

export function missingForTestMessage(permissions: Permissions): string[] {
  return missingOf(TEST_MESSAGE, permissions);
}

function missingOf(alternatives: Needed, permissions: Permissions): string[] {
  const lacks = (needed: string[]) => needed.filter((permission) => !permissions[permission]);
  return alternatives.some((needed) => lacks(needed).length === 0) ? [] : lacks(alternatives[alternatives.length - 1]);
}
