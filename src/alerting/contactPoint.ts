export const CONTACT_POINT = 'Goroutine Stack Pressure';

/** Alerts told one by one in a message; the rest are counted. DingTalk refuses messages over 20 kB. */
const MAX_ALERTS = 10;

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
export function contactPoint({ slack, dingtalk }: RobotAddresses): ContactPoint | undefined {
  const receivers: Integration[] = [];
  if (slack) {
    receivers.push(integration('slack', checkedUrl(slack)));
  }
  if (dingtalk) {
    receivers.push(integration('dingtalk', checkedUrl(dingtalk)));
  }
  return receivers.length > 0 ? { orgId: 1, name: CONTACT_POINT, receivers } : undefined;
}

/** @param url checked, or `KEPT_SECRET` */
export function integration(robot: Robot, url: string): Integration {
  const uid = ROBOT_UIDS[robot];
  return robot === 'slack'
    ? { uid, type: 'slack', settings: { url, title: TITLE, text: SLACK_TEXT } }
    : // The other type, "link", is cut off after two lines by DingTalk's clients.
      { uid, type: 'dingding', settings: { url, msgType: 'actionCard', title: TITLE, message: DINGTALK_TEXT } };
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

/**
 * Labels and annotations hold names of functions and processes, which whoever is scraped can choose: they must not
 * become links, mentions (`<!channel>`) or paragraphs of their own in Slack or DingTalk.
 */
const PLAIN =
  '{{ define "gsp.plain" }}{{ . | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;"' +
  ' | reReplaceAll `\\]\\(` "] (" | reReplaceAll `\\s+` " " }}{{ end }}';

function plain(value: string): string {
  return `{{ template "gsp.plain" ${value} }}`;
}

/** Absent when the value is. */
function optional(value: string, text: string): string {
  return `{{ if ${value} }}${text}{{ end }}`;
}

/** Which alert, and of which process: what a set of labels has of it. */
function subject(labels: string): string {
  return ['alertname', 'job', 'instance']
    .map((name) => optional(`${labels}.${name}`, ` ${plain(`${labels}.${name}`)}`))
    .join('');
}

const TITLE =
  `${PLAIN}[{{ .Status | toUpper }}{{ if gt (len .Alerts) 1 }} {{ len .Alerts }}{{ end }}]` + subject('.CommonLabels');

/**
 * @param link how the robot's markup writes a link, for a text and an address, which may be a template
 * @param newLine how it ends a line
 */
function messageText(link: (text: string, address: string) => string, newLine: string): string {
  const line = (value: string) => optional(value, `${plain(value)}${newLine}`);
  // The rule's own links choose the process; its paths are relative to Grafana.
  const own = (annotation: string) => `{{ $.ExternalURL | reReplaceAll "/$" "" }}{{ .Annotations.${annotation} }}`;
  const ownOr = (annotation: string, text: string, otherwise: string) =>
    `{{ if .Annotations.${annotation} }}${link(text, own(annotation))}` +
    `{{ else if ${otherwise} }}${link(text, `{{ ${otherwise} }}`)}{{ end }}`;
  const links = [
    ownOr('dashboard_url', 'Dashboard', '.DashboardURL'),
    ownOr('panel_url', 'Panel', '.PanelURL'),
    optional('.Annotations.runbook_url', link('Runbook', '{{ .Annotations.runbook_url }}')),
    optional('.SilenceURL', link('Silence', '{{ .SilenceURL }}')),
  ];
  // Grafana raises these in place of alerts that it cannot evaluate; the annotations say nothing then.
  const alert =
    `[{{ .Status | toUpper }}]${subject('.Labels')}${newLine}` +
    '{{ if match "^Datasource(Error|NoData)$" .Labels.alertname }}' +
    `The rule ${plain('.Labels.rulename')} cannot be evaluated, nothing is watched.${newLine}${line('.Annotations.Error')}` +
    `{{ else }}${line('.Annotations.summary')}${line('.Annotations.description')}{{ end }}` +
    `${links.join(' ')}${newLine}`;
  return (
    `${PLAIN}{{ range $index, $alert := .Alerts }}{{ if lt $index ${MAX_ALERTS} }}${alert}{{ end }}{{ end }}` +
    `{{ if gt (len .Alerts) ${MAX_ALERTS} }}{{ len .Alerts }} alerts in all, the first ${MAX_ALERTS} are shown.{{ end }}`
  );
}

const SLACK_TEXT = messageText((text, address) => `<${address}|${text}>`, '\n');

const DINGTALK_TEXT = messageText((text, address) => `[${text}](${address})`, '\n\n');
