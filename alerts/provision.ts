import { globSync } from 'glob';
import { dump, load } from 'js-yaml';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { contactPoint, type RobotAddresses } from '../src/alerting/contactPoint';
import { grafanaGroup, type GrafanaGroup, type GrafanaTarget } from '../src/alerting/grafanaRule';
import { recordingsOf } from '../src/promql/inlineRecordings';
import { isAlertingRule, type RuleFile } from '../src/promql/prometheusRules';
import { isMessageLanguage, MESSAGE_LANGUAGES, type MessageLanguage } from '../src/alerting/messageWords';
import { provisioningFile } from '../src/alerting/provisioningFile';

const FILE_NAME = 'goroutine-stack-pressure.yaml';

/** The article's own alerts, which oom.rules.yml replaces. */
const OPTIONAL = ['article.rules.yml'];

/** What rules join containers by, as they write it. */
const JOIN = ['namespace', 'pod', 'container'];

const HEADER = `# Made from alerts/*.rules.yml by "npm run alerts:grafana". Do not edit.\n`;

export interface GrafanaAlerting {
  /** The folder provisioning/alerting of a Grafana. */
  outDir: string;
  datasourceUid: string;
  slackUrl?: string;
  dingtalkUrl?: string;
  /** Of the messages; English by default. */
  language?: MessageLanguage;
  /** Where the rules are; the repository's own by default. */
  rulesDir?: string;
  /** With those that are not made by default: the article's own. */
  optional?: boolean;
  /**
   * Rules that read Prometheus' recordings, which it must have then. Else each rule has them as expressions, which takes
   * the data source some 30 times as long (`npm run bench:rules`).
   */
  recorded?: boolean;
  /** The labels that a process and its container have in common. */
  join?: string[];
}

export interface Written {
  file: string;
  rules: string[];
  /** The kinds of robot that are told; none leaves it to the organisation's notification policies. */
  integrations: string[];
}

/** Writes the alerts of `*.rules.yml`, and the contact point that they notify, for Grafana to provision. */
export function writeGrafanaAlerting({
  outDir,
  datasourceUid,
  slackUrl,
  dingtalkUrl,
  language = 'en',
  rulesDir = __dirname,
  optional = false,
  recorded = false,
  join = JOIN,
}: GrafanaAlerting): Written {
  const receivers = contactPoint(robotAddresses(slackUrl, dingtalkUrl), language);
  const groups = readGroups(rulesDir, { optional, recorded, join }, { datasourceUid, receiver: receivers?.name });
  const file = path.join(outDir, FILE_NAME);
  mkdirSync(outDir, { recursive: true });
  writeFileSync(file, HEADER + dump(provisioningFile(groups, receivers), { lineWidth: -1, noRefs: true }));
  return {
    file,
    rules: groups.flatMap((group) => group.rules.map((rule) => rule.title)),
    integrations: receivers?.receivers.map(({ type }) => type) ?? [],
  };
}

function robotAddresses(slackUrl = '', dingtalkUrl = ''): RobotAddresses {
  const address = (url: string, from: string) => (url.trim() ? { url: url.trim(), from } : undefined);
  return {
    slack: address(slackUrl, 'SLACK_WEBHOOK_URL'),
    dingtalk: address(dingtalkUrl, 'DINGTALK_WEBHOOK_URL'),
  };
}

function readGroups(
  rulesDir: string,
  { optional, recorded, join }: Required<Pick<GrafanaAlerting, 'optional' | 'recorded' | 'join'>>,
  target: GrafanaTarget
): GrafanaGroup[] {
  const files = globSync('*.rules.yml', { cwd: rulesDir })
    .filter((name) => optional || !OPTIONAL.includes(name))
    .sort()
    .map((name) => path.join(rulesDir, name))
    .map((file) => ({ file, ...(load(joinedBy(join, readFileSync(file, 'utf8')), { filename: file }) as RuleFile) }));
  const recordings = recorded ? undefined : recordingsOf(files.filter(hasAlerts).flatMap(({ groups }) => groups));
  const groups = files.flatMap(({ file, groups }) => {
    try {
      return groups.flatMap((group) => grafanaGroup(group, { ...target, recordings }) ?? []);
    } catch (error) {
      throw new Error(`${file}: ${error instanceof Error ? error.message : error}`);
    }
  });
  const names = groups.flatMap((group) => group.rules.map((rule) => rule.title));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated) {
    throw new Error(`${rulesDir} has two alerts "${repeated}"; Grafana takes a name once in a folder`);
  }
  return groups;
}

/** Recordings of the other files are optional: who has not recorded them is not asked to evaluate them for each alert. */
function hasAlerts({ groups }: RuleFile): boolean {
  return groups.some(({ rules }) => rules.some(isAlertingRule));
}

/** Rules with other labels in the place of those that they join containers by. */
function joinedBy(join: string[], rules: string): string {
  const wrong = join.find((label) => !/^[a-zA-Z_]\w*$/.test(label));
  if (wrong !== undefined || join.length === 0) {
    throw new Error(
      `"${wrong ?? ''}" is not the name of a label; write the labels as in cluster,namespace,pod,container`
    );
  }
  return rules.replaceAll(`(${JOIN.join(', ')})`, `(${join.join(', ')})`);
}

function main(): void {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      'datasource-uid': { type: 'string' },
      optional: { type: 'boolean' },
      recorded: { type: 'boolean' },
      join: { type: 'string' },
      language: { type: 'string', default: 'en' },
    },
  });
  const { out, 'datasource-uid': datasourceUid, optional, recorded, join, language } = values;
  if (!out || !datasourceUid) {
    throw new Error(
      'usage: npm run alerts:grafana -- --out DIR --datasource-uid UID [--optional] [--recorded] [--join LABEL,LABEL,…] [--language en|zh]'
    );
  }
  if (!isMessageLanguage(language)) {
    throw new Error(`--language ${language}: messages are written in ${MESSAGE_LANGUAGES.join(' or ')}`);
  }
  const { file, rules, integrations } = writeGrafanaAlerting({
    outDir: out,
    datasourceUid,
    optional,
    recorded,
    join: join?.split(',').map((label) => label.trim()),
    language,
    slackUrl: process.env.SLACK_WEBHOOK_URL,
    dingtalkUrl: process.env.DINGTALK_WEBHOOK_URL,
  });
  console.log(`${file}: ${rules.join(', ')}`);
  console.log(
    integrations.length > 0
      ? `Notifies: ${integrations.join(', ')}`
      : 'Neither SLACK_WEBHOOK_URL nor DINGTALK_WEBHOOK_URL is set: your own notification policies route the alerts.'
  );
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
