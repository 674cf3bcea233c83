import type { Series } from '../../prometheus/askPrometheus';
import { type AlertingRule, durationSeconds } from '../../promql/prometheusRules';

/** One alarm: from when a rule fires for a process until it does no longer. Times in ms since 1970. */
export interface Episode {
  labels: Record<string, string>;
  from: number;
  to: number;
}

export interface Evaluations {
  /** Between two evaluations, in ms. */
  step: number;
  /** Of the last evaluation, in ms since 1970: what fires then is cut off there. */
  until: number;
}

/**
 * The alarms of a rule, as Prometheus makes them (rules/alerting.go, Eval): it fires once its expression was true without a
 * gap for as long as `for`, and stops when it was false for as long as `keep_firing_for`, from the first evaluation that
 * found it so.
 * @param holds where the expression is true, at multiples of the step; more than one series may be of the same labels
 * @returns by their beginning
 */
export function episodesOf(
  holds: readonly Series[],
  rule: Pick<AlertingRule, 'for' | 'keep_firing_for'>,
  { step, until }: Evaluations
): Episode[] {
  const wait = durationSeconds(rule.for ?? '0') * 1000;
  const keep = durationSeconds(rule.keep_firing_for ?? '0') * 1000;
  return [...timesByLabels(holds).values()]
    .flatMap(({ labels, times }) => firing(times, wait, keep, step).map((found) => ({ labels, ...found })))
    .map((episode) => ({ ...episode, to: Math.min(episode.to, until) }))
    .sort((a, b) => a.from - b.from);
}

function firing(times: number[], wait: number, keep: number, step: number): Array<Pick<Episode, 'from' | 'to'>> {
  const found: Array<Pick<Episode, 'from' | 'to'>> = [];
  let start = 0;
  times.forEach((time, index) => {
    if (index > 0 && time - times[index - 1] > step) {
      start = index;
    }
    const last = found.at(-1);
    // From the next evaluation on, if that finds nothing, to the one that ends it; what holds then is the same alarm still.
    const to = time + step + Math.ceil(keep / step) * step;
    if (last && time <= last.to) {
      last.to = to;
    } else if (time - times[start] >= wait) {
      found.push({ from: time, to });
    }
  });
  return found;
}

function timesByLabels(holds: readonly Series[]) {
  const all = new Map<string, { labels: Record<string, string>; times: number[] }>();
  for (const { labels: given, times } of holds) {
    const { __name__: _, ...labels } = given;
    const key = labelsKey(labels);
    all.set(key, { labels, times: [...(all.get(key)?.times ?? []), ...times] });
  }
  for (const one of all.values()) {
    one.times = [...new Set(one.times)].sort((a, b) => a - b);
  }
  return all;
}

/** The same for the same labels in any order, but for the metric's name. */
export function labelsKey(labels: Record<string, string>): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name, value]) => name !== '__name__' && value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
  );
}
