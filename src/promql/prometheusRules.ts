/** A Prometheus rule file as its YAML parses: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */
export interface RuleFile {
  groups: RuleGroup[];
}

export interface RuleGroup {
  name: string;
  interval?: string;
  rules: Array<AlertingRule | RecordingRule>;
}

export interface AlertingRule {
  alert: string;
  expr: string;
  for?: string;
  keep_firing_for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface RecordingRule {
  record: string;
  expr: string;
}

export function isAlertingRule(rule: AlertingRule | RecordingRule): rule is AlertingRule {
  return 'alert' in rule;
}

const UNIT_SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/** Seconds of a Prometheus duration such as `1h30m`. */
export function durationSeconds(duration: string): number {
  const parts = duration.match(/\d+(ms|[smhdwy])/g) ?? [];
  if (duration !== '0' && (parts.length === 0 || parts.join('') !== duration)) {
    throw new Error(`"${duration}" is not a duration; write one such as 30s or 1h30m`);
  }
  return parts.reduce((seconds, part) => seconds + parseInt(part, 10) * UNIT_SECONDS[part.replace(/\d+/, '')], 0);
}
