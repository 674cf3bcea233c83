import { type AlertingRule } from '../../promql/prometheusRules';
import { type Episode, episodesOf, labelsKey } from './episodes';
import { type Progress, STEP_MS } from './lookBack';

/** What a rule would have told in the time that was looked at. */
export interface RuleSummary {
  alert: string;
  alarms: number;
  /** Together, in ms; alarms of several processes at one time count each. */
  firingMs: number;
  last?: Episode;
  /** Those with most alarms first. */
  processes: ProcessSummary[];
  /** Why the rule could not be asked. */
  unasked?: string;
}

export interface ProcessSummary {
  labels: Record<string, string>;
  alarms: number;
  last: Episode;
}

export function summaryOf(rule: AlertingRule, { holds, until, unasked }: Progress): RuleSummary {
  const episodes = episodesOf(holds.get(rule.alert) ?? [], rule, { step: STEP_MS, until });
  return {
    alert: rule.alert,
    alarms: episodes.length,
    firingMs: episodes.reduce((sum, { from, to }) => sum + to - from, 0),
    last: episodes.at(-1),
    processes: byProcess(episodes),
    unasked: unasked.get(rule.alert),
  };
}

function byProcess(episodes: Episode[]): ProcessSummary[] {
  const processes = new Map<string, ProcessSummary>();
  for (const episode of episodes) {
    const key = labelsKey(episode.labels);
    const alarms = (processes.get(key)?.alarms ?? 0) + 1;
    processes.set(key, { labels: episode.labels, alarms, last: episode });
  }
  return [...processes.values()].sort((a, b) => b.alarms - a.alarms || b.last.from - a.last.from);
}

/** Hours that were looked at, without those that could not be. */
export function hoursLookedAt({ from, until, gaps }: Progress): number {
  const missing = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  return (until - from - missing) / 3_600_000;
}
