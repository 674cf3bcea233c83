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
    receivers.push({
      uid: 'gsp-slack',
      type: 'slack',
      settings: { url: checkedUrl(slack), title: TITLE, text: SLACK_TEXT },
    });
  }
  if (dingtalk) {
    receivers.push({
      uid: 'gsp-dingtalk',
      type: 'dingding',
      // The other type, "link", is cut off after two lines by DingTalk's clients.
      settings: { url: checkedUrl(dingtalk), msgType: 'actionCard', title: TITLE, message: DINGTALK_TEXT },
    });
  }
  return receivers.length > 0 ? { orgId: 1, name: CONTACT_POINT, receivers } : undefined;
}

/** Grafana executes a DingTalk address as a template, so braces in one are refused rather than run. */
function checkedUrl({ url, from }: RobotAddress): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:\/\/[^\s{}<>"'`\\\p{Cc}]+$/u.test(url)) {
    throw new Error(`${from} is not an http or https address; give the webhook address that the robot's page shows`);
  }
  return url;
}

/**
 * Labels and annotations hold names of functions and processes, which whoever is scraped can choose: they must not
 * become links, mentions (`<!channel>`) or paragraphs of their own in Slack or DingTalk.
 */
function escaped(value: string): string {
  return (
    `{{ ${value} | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;"` +
    ` | reReplaceAll "\\\\]\\\\(" "] (" | reReplaceAll "\\\\s+" " " }}`
  );
}

const TITLE =
  '[{{ .Status | toUpper }}{{ if gt (len .Alerts) 1 }} {{ len .Alerts }}{{ end }}] ' +
  `${escaped('.CommonLabels.alertname')} ${escaped('.CommonLabels.instance')}`;

/** A line of a message, absent when the value is. */
function line(value: string, text: string): string {
  return `{{ if ${value} }}${text}{{ end }}`;
}

/** @param link how the robot's markup writes a link, for a text and the template of an address */
function messageText(link: (text: string, address: string) => string, newLine: string): string {
  const links = [
    line('.DashboardURL', link('Dashboard', '.DashboardURL')),
    line('.PanelURL', link('Panel', '.PanelURL')),
    line('.Annotations.runbook_url', link('Runbook', '.Annotations.runbook_url')),
    line('.SilenceURL', link('Silence', '.SilenceURL')),
  ];
  const alert = [
    `[{{ .Status | toUpper }}] ${escaped('.Labels.alertname')} ${escaped('.Labels.job')} ${escaped('.Labels.instance')}`,
    line('.Annotations.summary', escaped('.Annotations.summary')),
    line('.Annotations.description', escaped('.Annotations.description')),
    links.join(' '),
  ];
  return (
    `{{ range $index, $alert := .Alerts }}{{ if lt $index ${MAX_ALERTS} }}${alert.join(newLine)}${newLine}{{ end }}{{ end }}` +
    `{{ if gt (len .Alerts) ${MAX_ALERTS} }}{{ len .Alerts }} alerts in all, the first ${MAX_ALERTS} are shown.{{ end }}`
  );
}

const SLACK_TEXT = messageText((text, address) => `<{{ ${address} }}|${text}>`, '\n');

const DINGTALK_TEXT = messageText((text, address) => `[${text}]({{ ${address} }})`, '\n\n');
