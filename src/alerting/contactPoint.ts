import { dingtalkMessage, slackMessage } from './messages';
import type { MessageLanguage } from './messageWords';

export const CONTACT_POINT = 'Goroutine Stack Pressure';

export interface RobotAddress {
  url: string;
  /** Where the address was given, for errors: addresses are secrets and never shown. */
  from: string;
}

export interface RobotAddresses {
  slack?: RobotAddress;
  dingtalk?: RobotAddress;
}

export interface Integration {
  uid: string;
  type: 'slack' | 'dingding';
  settings: Record<string, string>;
}

export type Robot = 'slack' | 'dingtalk';

/** Fixed, so that a second install finds the first one's. */
export const ROBOT_UIDS: Readonly<Record<Robot, string>> = { slack: 'gsp-slack', dingtalk: 'gsp-dingtalk' };

/** In the place of a secret, Grafana's API says so that it has one, and takes it for "leave it as it is". */
export const KEPT_SECRET = '[REDACTED]';

/** A contact point in the names of Grafana's file provisioning; texts are as Grafana shall see them, not yet escaped. */
export interface ContactPoint {
  orgId: number;
  name: string;
  receivers: Integration[];
}

/** The contact point with an integration for each address; undefined when there is none. */
export function contactPoint({ slack, dingtalk }: RobotAddresses, language: MessageLanguage): ContactPoint | undefined {
  const receivers: Integration[] = [];
  if (slack) {
    receivers.push(integration('slack', checkedUrl(slack), language));
  }
  if (dingtalk) {
    receivers.push(integration('dingtalk', checkedUrl(dingtalk), language));
  }
  return receivers.length > 0 ? { orgId: 1, name: CONTACT_POINT, receivers } : undefined;
}

/** @param url checked, or `KEPT_SECRET` */
export function integration(robot: Robot, url: string, language: MessageLanguage): Integration {
  const uid = ROBOT_UIDS[robot];
  if (robot === 'slack') {
    const { defines, title, text } = slackMessage(language);
    return { uid, type: 'slack', settings: { url, title: defines + title, text: defines + text } };
  }
  const { defines, title, text } = dingtalkMessage(language);
  // The other type, "link", is cut off after two lines by DingTalk's clients.
  return {
    uid,
    type: 'dingding',
    settings: { url, msgType: 'actionCard', title: defines + title, message: defines + text },
  };
}

/** Of the integrations of ours that are listed, the robots. */
export function robotsOf(integrations: ReadonlyArray<{ uid: string }>): Robot[] {
  const robots = Object.keys(ROBOT_UIDS) as Robot[];
  return robots.filter((robot) => integrations.some(({ uid }) => uid === ROBOT_UIDS[robot]));
}

/** Braces are refused, as Grafana executes the address of a DingTalk robot as a template. */
export function isRobotUrl(url: string): boolean {
  return isUrl(url) && /^https?:\/\/[^\s{}<>"'`\\\p{Cc}]+$/u.test(url);
}

function checkedUrl({ url, from }: RobotAddress): string {
  if (!isRobotUrl(url)) {
    throw new Error(`${from} is not an http or https address; give the webhook address that the robot's page shows`);
  }
  return url;
}

function isUrl(text: string): boolean {
  try {
    new URL(text);
    return true;
  } catch {
    return false;
  }
}

/** The integrations that an earlier address may have left in Grafana: it keeps what a file no longer names. */
export function staleIntegrations({ receivers }: ContactPoint): string[] {
  return Object.values(ROBOT_UIDS).filter((uid) => !receivers.some((receiver) => receiver.uid === uid));
}
