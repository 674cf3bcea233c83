import { getBackendSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { CONTACT_POINT, type Integration, KEPT_SECRET } from './contactPoint';
import type { Found, FoundGroup, ListedIntegration } from './found';
import { uidOf } from './grafanaRule';
import type { FoundFolder, Step } from './plan';
import type { ProvisionedRule } from './provisionedRule';
import { ProvisioningFailure, type ProvisioningFailureKind, provisioningFailureOf } from './provisioningFailure';
import { OUR_ALERTS, RULE_GROUPS } from './ruleFiles';

const PROVISIONING = '/api/v1/provisioning';
const OUR_UIDS = OUR_ALERTS.map(({ rule }) => uidOf(rule.alert));

/** Otherwise Grafana lets nobody change in its pages what came through the API. */
const EDITABLE = { 'X-Disable-Provenance': 'true' };

/**
 * Our rules, wherever they are, and the contact points. One request a rule: a list has all rules of the organisation, which
 * may be thousands.
 * @throws ProvisioningFailure
 */
export async function findInstalled(signal?: AbortSignal): Promise<Found> {
  const [answers, integrations] = await Promise.all([
    Promise.all(OUR_UIDS.map((uid) => findRule(uid, signal))),
    unlessForbidden(listIntegrations(signal)),
  ]);
  if (answers.every((answer) => answer === 'hidden')) {
    throw new ProvisioningFailure('forbidden', 'alert.rules:read', 403);
  }
  return {
    rules: answers.filter((answer) => typeof answer === 'object'),
    hidden: OUR_UIDS.filter((_, index) => answers[index] === 'hidden'),
    integrations,
  };
}

/** Grafana makes what an organisation has of contact points up to a minute after the organisation: until then it has none. */
const OF_A_NEW_ORGANISATION = 'No alertmanager configuration present';

async function listIntegrations(signal?: AbortSignal): Promise<ListedIntegration[]> {
  try {
    return await get<ListedIntegration[]>(`${PROVISIONING}/contact-points`, signal);
  } catch (error) {
    const failure = provisioningFailureOf(error);
    if (failure.message.includes(OF_A_NEW_ORGANISATION)) {
      return [];
    }
    throw failure;
  }
}

async function findRule(uid: string, signal?: AbortSignal): Promise<ProvisionedRule | 'hidden' | undefined> {
  try {
    return await get<ProvisionedRule>(`${PROVISIONING}/alert-rules/${uid}`, signal);
  } catch (error) {
    switch (provisioningFailureOf(error).kind) {
      case 'missing':
        return undefined;
      case 'forbidden':
        return 'hidden';
      default:
        throw error;
    }
  }
}

/** The folder that rules go into, and what is in its groups of our names. */
export async function findFolder(uid: string, signal?: AbortSignal): Promise<FoundFolder> {
  const folder = await unlessHidden(get<{ title: string }>(`/api/folders/${encodeURIComponent(uid)}`, signal));
  if (!folder) {
    return { exists: false, groups: new Map() };
  }
  const groups = await Promise.all(RULE_GROUPS.map(({ name }) => findGroup(uid, name, signal)));
  return { exists: true, title: folder.title, groups: new Map(groups.flat()) };
}

async function findGroup(folder: string, name: string, signal?: AbortSignal): Promise<Array<[string, FoundGroup]>> {
  const group = await unlessHidden(
    get<{ interval: number; rules: Array<{ uid: string; title: string }> }>(groupUrl(folder, name), signal)
  );
  const others = group?.rules.filter(({ uid }) => !OUR_UIDS.includes(uid)).map(({ title }) => title) ?? [];
  return group ? [[name, { intervalSeconds: group.interval, others }]] : [];
}

function groupUrl(folder: string, group: string): string {
  return `${PROVISIONING}/folder/${encodeURIComponent(folder)}/rule-groups/${encodeURIComponent(group)}`;
}

/** What besides our own rules notifies our contact point. */
export interface ContactPointUses {
  rules: string[];
  byPolicies: boolean;
}

export async function contactPointUses(signal?: AbortSignal): Promise<ContactPointUses> {
  const [rules, policies] = await Promise.all([
    get<ProvisionedRule[]>(`${PROVISIONING}/alert-rules`, signal),
    get<Route>(`${PROVISIONING}/policies`, signal),
  ]);
  return {
    rules: rules
      .filter(
        ({ uid, notification_settings: settings }) => settings?.receiver === CONTACT_POINT && !OUR_UIDS.includes(uid)
      )
      .map(({ title }) => title),
    byPolicies: notifies(policies, CONTACT_POINT),
  };
}

interface Route {
  receiver?: string;
  routes?: Route[];
}

function notifies({ receiver, routes = [] }: Route, contactPoint: string): boolean {
  return receiver === contactPoint || routes.some((route) => notifies(route, contactPoint));
}

/** How many things besides our own rules are in the folder; undefined where there is no such folder. */
export async function othersInFolder(uid: string, ownRules: number, signal?: AbortSignal): Promise<number | undefined> {
  const counts = await unlessMissing(
    get<Record<string, number>>(`/api/folders/${encodeURIComponent(uid)}/counts`, signal)
  );
  return counts && Object.values(counts).reduce((sum, count) => sum + count, 0) - ownRules;
}

/**
 * Does one step of a plan.
 * @throws ProvisioningFailure
 */
export async function carryOutStep(step: Step): Promise<void> {
  switch (step.kind) {
    case 'createFolder':
      return send('POST', '/api/folders', step.folder);
    case 'createIntegration':
      return send('POST', `${PROVISIONING}/contact-points`, ofContactPoint(step.integration));
    case 'updateIntegration':
      return send('PUT', `${PROVISIONING}/contact-points/${step.integration.uid}`, ofContactPoint(step.integration));
    case 'deleteIntegration':
      return send('DELETE', `${PROVISIONING}/contact-points/${step.uid}`);
    case 'createRule':
      return send('POST', `${PROVISIONING}/alert-rules`, step.rule);
    case 'updateRule':
      return send('PUT', `${PROVISIONING}/alert-rules/${step.rule.uid}`, step.rule);
    case 'deleteRule':
      return send('DELETE', `${PROVISIONING}/alert-rules/${step.uid}`);
    case 'setInterval':
      // Without rules it changes the interval alone.
      return send('PUT', groupUrl(step.folderUid, step.group), {
        title: step.group,
        folderUid: step.folderUid,
        interval: step.seconds,
      });
    case 'deleteFolder':
      return deleteIfEmpty(step.uid);
  }
}

function ofContactPoint(integration: Integration) {
  return { ...integration, name: CONTACT_POINT, disableResolveMessage: false };
}

/** Grafana deletes what is in a folder with it: somebody may have put something there meanwhile. */
async function deleteIfEmpty(uid: string): Promise<void> {
  const others = await othersInFolder(uid, 0);
  if (others) {
    throw new ProvisioningFailure('conflict', `the folder holds ${others} other things`, 409);
  }
  return others === undefined ? undefined : send('DELETE', `/api/folders/${uid}`);
}

export interface TestedIntegration {
  uid: string;
  /** In Grafana's words; undefined where it was delivered, as far as Grafana knows. */
  error?: string;
}

/** Lets Grafana send a message to each integration, saved or not; a secret that is kept is that of the saved one. */
export async function sendTestMessage(integrations: Integration[], signal?: AbortSignal): Promise<TestedIntegration[]> {
  const answer = await request<{
    receivers: Array<{ grafana_managed_receiver_configs: Array<{ name: string; status: string; error?: string }> }>;
  }>({
    url: '/api/alertmanager/grafana/config/api/v1/receivers/test',
    method: 'POST',
    abortSignal: signal,
    data: {
      alert: {
        labels: { alertname: 'GoOOMAhead', job: 'test', instance: 'test', severity: 'info' },
        annotations: { summary: 'A test: alerts of Goroutine Stack Pressure arrive here.' },
      },
      receivers: [
        {
          name: CONTACT_POINT,
          grafana_managed_receiver_configs: integrations.map(({ uid, type, settings: { url, ...settings } }) => ({
            // The uid of an integration that is not saved is none to Grafana.
            uid: url === KEPT_SECRET ? uid : '',
            name: uid,
            type,
            disableResolveMessage: false,
            settings,
            secureSettings: url === KEPT_SECRET ? {} : { url },
          })),
        },
      ],
    },
  });
  const configs = answer.receivers.flatMap((receiver) => receiver.grafana_managed_receiver_configs);
  return configs.map(({ name, status, error }) => ({ uid: name, ...(status !== 'ok' && { error: error ?? status }) }));
}

async function send(method: string, url: string, data?: unknown): Promise<void> {
  await request({
    url,
    method,
    data,
    headers: EDITABLE,
    // Of a deleted rule Grafana answers nothing, says that it is JSON, and its HTTP client fails to read it.
    ...(method === 'DELETE' && { responseType: 'text' }),
  });
}

function get<T>(url: string, abortSignal?: AbortSignal): Promise<T> {
  return request<T>({ url, method: 'GET', abortSignal });
}

interface Request {
  url: string;
  method: string;
  data?: unknown;
  headers?: Record<string, string>;
  abortSignal?: AbortSignal;
  responseType?: 'text';
}

async function request<T>(options: Request): Promise<T> {
  try {
    const { data } = await lastValueFrom(
      getBackendSrv().fetch<T>({ ...options, showErrorAlert: false, showSuccessAlert: false })
    );
    return data;
  } catch (error) {
    throw provisioningFailureOf(error);
  }
}

function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  return unless(['missing'], answer);
}

function unlessForbidden<T>(answer: Promise<T>): Promise<T | undefined> {
  return unless(['forbidden'], answer);
}

/** Of folders that are not there, Grafana answers "forbidden" to those who may not see all. */
function unlessHidden<T>(answer: Promise<T>): Promise<T | undefined> {
  return unless(['missing', 'forbidden'], answer);
}

async function unless<T>(kinds: ProvisioningFailureKind[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProvisioningFailure && kinds.includes(error.kind)) {
      return undefined;
    }
    throw error;
  }
}
