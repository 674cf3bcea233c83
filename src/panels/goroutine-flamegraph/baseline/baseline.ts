import type { DataQueryRequest } from '@grafana/data';

/** The time that now is compared with. */
export interface Baseline {
  /** What a person calls it, to be put behind “since”: `5 min ago`, `24 Nov 13:20:00`. */
  since: string;
  /** Minutes from then to now; `undefined` where only the query's author knows. */
  minutes?: number;
}

/** What follows each selector of the baseline's query; none is now itself, so nothing is compared. */
export interface BaselineChoice {
  modifier: string;
  label: string;
}

export const BASELINE_CHOICES: BaselineChoice[] = [
  { modifier: '', label: 'No baseline' },
  { modifier: 'offset 5m', label: '5 minutes ago' },
  { modifier: 'offset 15m', label: '15 minutes ago' },
  { modifier: 'offset 1h', label: '1 hour ago' },
  { modifier: 'offset 1d', label: '1 day ago' },
];

/** PromQL's durations (https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations). */
const MINUTES: Record<string, number> = { ms: 1 / 60_000, s: 1 / 60, m: 1, h: 60, d: 1440, w: 10_080, y: 525_600 };

const MODIFIER = /\boffset\s+((?:\d+(?:ms|[smhdwy]))+)|@\s*(\d+(?:\.\d+)?)/;

/**
 * Reads the first `offset` or `@` of a query, or a modifier alone.
 * @param now of the query, in ms
 * @param formatTime of a time in ms
 * @returns `undefined` where there is none: the query is of now
 */
export function readBaseline(text: string, now: number, formatTime: (time: number) => string): Baseline | undefined {
  const found = MODIFIER.exec(text);
  if (!found) {
    return undefined;
  }
  const [, duration, seconds] = found;
  if (seconds !== undefined) {
    const time = 1000 * Number(seconds);
    const minutes = (now - time) / 60_000;
    return { since: formatTime(time), ...(minutes > 0 && { minutes }) };
  }
  return { since: `${spell(duration)} ago`, minutes: minutesOf(duration) };
}

function minutesOf(duration: string): number {
  return [...duration.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * MINUTES[unit],
    0
  );
}

function spell(duration: string): string {
  return duration
    .replace(/(\d)m(?!s)/g, '$1 min ')
    .replace(/(\d)(ms|[shdwy])/g, '$1 $2 ')
    .trim();
}

/** The modifier for a time, in ms. */
export function modifierAt(time: number): string {
  return `@ ${Math.floor(time / 1000)}`;
}

/** The PromQL of a query as it was sent, with the dashboard's variables filled in; `undefined` where it is not known. */
export function sentExpression(
  request: DataQueryRequest | undefined,
  refId: string,
  fillIn: (text: string) => string
): string | undefined {
  const target = request?.targets.find((each) => each.refId === refId);
  const expr = target && 'expr' in target ? target.expr : undefined;
  return typeof expr === 'string' ? fillIn(expr) : undefined;
}

/** The value of a dashboard's variable; `undefined` where the dashboard has none of that name. */
export function variableValue(name: string, fillIn: (text: string) => string): string | undefined {
  const reference = `\${${name}}`;
  const value = fillIn(reference);
  return name === '' || value === reference ? undefined : value;
}
