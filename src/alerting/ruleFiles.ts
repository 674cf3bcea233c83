import article from '../../alerts/article.rules.yml';
import collector from '../../alerts/collector.rules.yml';
import oom from '../../alerts/oom.rules.yml';
import { recordingsOf } from '../promql/inlineRecordings';
import { type AlertingRule, isAlertingRule, type RuleGroup } from '../promql/prometheusRules';

/** The article's own alerts, which those of oom.rules.yml replace: nobody gets them who does not ask for them. */
const OPTIONAL = [article];

/** The groups of alerts/*.rules.yml that have alerts, as they are in the files. */
export const RULE_GROUPS: readonly RuleGroup[] = [oom, collector, article].flatMap(({ groups }) => groups);

/** What the alerts read and Prometheus may record. */
export const RECORDINGS = recordingsOf([...RULE_GROUPS]);

export interface OurAlert {
  rule: AlertingRule;
  group: RuleGroup;
  isOptional: boolean;
}

/** Each alert, in the order of the files. */
export const OUR_ALERTS: readonly OurAlert[] = [oom, collector, article].flatMap((file) =>
  file.groups.flatMap((group) =>
    group.rules.filter(isAlertingRule).map((rule) => ({ rule, group, isOptional: OPTIONAL.includes(file) }))
  )
);

export function ourAlert(name: string): OurAlert | undefined {
  return OUR_ALERTS.find(({ rule }) => rule.alert === name);
}
