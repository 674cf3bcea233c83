import calltree from '../../../alerts/calltree.rules.yml';
import collector from '../../../alerts/collector.rules.yml';
import oom from '../../../alerts/oom.rules.yml';
import { isAlertingRule, type RuleFile } from '../../promql/prometheusRules';

/** Names of what alerts/ holds; the article's own pair is left out, as ours replace it. */
export const OUR_ALERTS = [oom, collector].flatMap(alertsOf);
export const PROCESS_RECORDINGS = recordingsOf(oom);
/** The article's metric is apart, as the library may export it instead. */
export const ARTICLE_METRIC = 'stack_depth_goroutines_total';
export const TREE_RECORDINGS = recordingsOf(calltree).filter((name) => name !== ARTICLE_METRIC);

function alertsOf({ groups }: RuleFile): string[] {
  return groups.flatMap(({ rules }) => rules.filter(isAlertingRule).map(({ alert }) => alert));
}

function recordingsOf({ groups }: RuleFile): string[] {
  return groups.flatMap(({ rules }) => rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])));
}
