import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { alertmanagerSlackMessage, dingtalkMessage, slackMessage, templateFile } from '../src/alerting/messages';
import { MESSAGE_LANGUAGES } from '../src/alerting/messageWords';

export const MESSAGES = path.join(__dirname, 'messages');

const made = (what: string) => `{{/* ${what} Made by "npm run alerts:messages". */}}\n`;

const GRAFANA = made('A template group of Grafana.');

/** The one line that its reader has to change. */
const ALERTMANAGER =
  made('Templates of Alertmanager. Where Grafana is, without a slash at its end:') +
  '{{ define "gsp.grafana" }}http://localhost:3000{{ end }}\n';

/** The templates of alerts/messages, by file name. */
export function messageFiles(): Record<string, string> {
  return Object.fromEntries(
    MESSAGE_LANGUAGES.flatMap((language) => [
      [
        `grafana.${language}.tmpl`,
        GRAFANA + templateFile({ slack: slackMessage(language), dingtalk: dingtalkMessage(language) }),
      ],
      [`alertmanager.${language}.tmpl`, ALERTMANAGER + templateFile({ slack: alertmanagerSlackMessage(language) })],
    ])
  );
}

if (require.main === module) {
  mkdirSync(MESSAGES, { recursive: true });
  for (const [name, text] of Object.entries(messageFiles())) {
    writeFileSync(path.join(MESSAGES, name), text);
    console.log(path.join(MESSAGES, name));
  }
}
