import type { RuleFile } from '../../promql/prometheusRules';
import { writtenMatcher } from '../../promql/withMatchers';
import { chosenGrafanaGroups, chosenGroups, type InstallChoices } from '../choices';
import { CONTACT_POINT, type ContactPoint, integration, type Robot, robotsOf } from '../contactPoint';
import { provisioningFile, type ProvisioningFile } from '../provisioningFile';
import { THRESHOLD_SETTINGS, valueOf } from '../thresholds';

/**
 * For whom a file is:
 * - prometheus: `rule_files` of Prometheus, the ruler of Mimir, vmalert
 * - operator: a PrometheusRule for Prometheus Operator
 * - grafana: the folder provisioning/alerting of Grafana
 */
export type ExportKind = 'prometheus' | 'operator' | 'grafana';

export const FILE_NAMES: Readonly<Record<ExportKind, string>> = {
  prometheus: 'goroutine-stack-pressure.rules.yml',
  operator: 'goroutine-stack-pressure.prometheusrule.yaml',
  grafana: 'goroutine-stack-pressure.yaml',
};

/** Environment variables of Grafana that stand where its file has an address, as those of `npm run alerts:grafana`. */
export const ADDRESS_VARIABLES: Readonly<Record<Robot, string>> = {
  slack: 'SLACK_WEBHOOK_URL',
  dingtalk: 'DINGTALK_WEBHOOK_URL',
};

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule */
interface PrometheusRule {
  apiVersion: 'monitoring.coreos.com/v1';
  kind: 'PrometheusRule';
  metadata: { name: string; labels: Record<string, string> };
  spec: RuleFile;
}

interface Made {
  /** Of the app. */
  version: string;
  date: Date;
}

/**
 * @param dump YAML of a value
 * @throws Error where the choices cannot be put into rules
 */
export function exportedText(
  kind: ExportKind,
  choices: InstallChoices,
  { version, date }: Made,
  dump: (value: unknown) => string
): string {
  return headerOf(kind, choices, version, date) + dump(contentOf(kind, choices));
}

function contentOf(kind: ExportKind, choices: InstallChoices): RuleFile | PrometheusRule | ProvisioningFile {
  switch (kind) {
    case 'prometheus':
      return ruleFile(choices);
    case 'operator':
      return {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PrometheusRule',
        metadata: {
          name: 'goroutine-stack-pressure',
          labels: { 'app.kubernetes.io/name': 'goroutine-stack-pressure' },
        },
        spec: ruleFile(choices),
      };
    case 'grafana':
      return grafanaFile(choices);
  }
}

/** With the recordings that the alerts read, as Prometheus can record. */
function ruleFile(choices: InstallChoices): RuleFile {
  return { groups: chosenGroups({ ...choices, recorded: true }) };
}

function grafanaFile(choices: InstallChoices): ProvisioningFile {
  const groups = chosenGrafanaGroups(choices).map((group) => ({ ...group, folder: choices.folder.title }));
  const file = provisioningFile(groups, contactPointOf(choices));
  return file.contactPoints ? { ...file, contactPoints: file.contactPoints.map(withVariables) } : file;
}

function contactPointOf({ delivery }: InstallChoices): ContactPoint | undefined {
  if (delivery.kind !== 'ours' || delivery.robots.length === 0) {
    return undefined;
  }
  const { robots, language = 'en' } = delivery;
  return { orgId: 1, name: CONTACT_POINT, receivers: robots.map((robot) => integration(robot, '', language)) };
}

/** After `provisioningFile` has escaped the dollars that Grafana shall not expand. */
function withVariables(point: ContactPoint): ContactPoint {
  const receivers = point.receivers.map((receiver) => {
    const [robot] = robotsOf([receiver]);
    return { ...receiver, settings: { ...receiver.settings, url: `$${ADDRESS_VARIABLES[robot]}` } };
  });
  return { ...point, receivers };
}

function headerOf(kind: ExportKind, { thresholds, matchers }: InstallChoices, version: string, date: Date): string {
  const changed = THRESHOLD_SETTINGS.filter((setting) => valueOf(setting, thresholds) !== setting.default);
  const lines = [
    `${FILE_NAMES[kind]}: alerts of Goroutine Stack Pressure ${version}`,
    `Exported on ${date.toISOString().slice(0, 10)} from the page Alerts of its Grafana app, which makes it again with later rules.`,
    ...(changed.length > 0
      ? [`Thresholds: ${changed.map((setting) => `${setting.name} ${valueOf(setting, thresholds)}`).join(', ')}`]
      : []),
    ...(matchers.length > 0 ? [`Only processes with ${matchers.map(writtenMatcher).join(', ')}`] : []),
  ];
  return lines.map((line) => `# ${line}\n`).join('');
}
