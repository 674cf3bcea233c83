import type { Sample } from '../../prometheus/askPrometheus';

/** A limit of memory by where it is known from: the label `limit` of go_process:memory_limit_bytes. */
export type LimitKind = 'cgroup' | 'container' | 'kubernetes' | 'gomemlimit' | 'host';

export type AlertState = 'pending' | 'firing';

export interface ProcessAlert {
  name: string;
  state: AlertState;
}

/** When memory ends, in seconds from now, or why that is not known. */
export type TimeToOom =
  | { kind: 'in'; seconds: number }
  /** Longer than the time that anybody would be told of. */
  | { kind: 'over'; seconds: number }
  | { kind: 'not growing' }
  | { kind: 'no limit' }
  /** A start is not told from a leak. */
  | { kind: 'too young' }
  /** Being asked. */
  | { kind: 'asking' };

export interface ProcessRow {
  /** Of all labels. */
  id: string;
  job: string;
  instance: string;
  /** What else tells it from others: namespace, pod, cluster… */
  otherLabels: Record<string, string>;
  timeToOom: TimeToOom;
  limit?: { bytes: number; kind: LimitKind };
  usedBytes?: number;
  goroutines?: number;
  /** In five minutes. */
  goroutinesChange?: number;
  stackBytes?: number;
  growing?: { functionName: string; goroutines: number };
  alerts: ProcessAlert[];
}

/** The answers to `detailQueries`. */
export type Details = Partial<Record<string, Sample[]>>;

/** Before it is that old, a process has no prediction (alerts/oom.rules.yml). */
const PREDICTED_FROM_SECONDS = 420;

/** Beyond it, a time without recordings is not worked out exactly. */
export const EXACT_WITHIN_SECONDS = 2 * 3600;

/** A prediction takes a growth that speeds up for twice its slope at most (alerts/oom.rules.yml). */
const GREATEST_BEND = 2;

/** As the alerts do not take more of the labels of a process. */
const NOT_OF_THE_PROCESS = ['__name__', 'limit'];

export function processId(labels: Record<string, string>): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name, value]) => value !== '' && !NOT_OF_THE_PROCESS.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
  );
}

interface Joined {
  ranked: readonly Sample[];
  details: Details;
  /** Of `timeToOom`, for those for which it was asked; undefined while it is. */
  exact?: Sample[];
  recorded: boolean;
  /** Of Grafana's own rules, by labels. */
  grafanaAlerts?: Array<{ labels: Record<string, string>; state: AlertState }>;
}

/** The processes, the most urgent first. */
export function processRows({ ranked, details, exact, recorded, grafanaAlerts = [] }: Joined): ProcessRow[] {
  const byProcess = (samples: readonly Sample[] = []) =>
    new Map(samples.map((sample) => [processId(sample.labels), sample]));
  const figures = Object.fromEntries(Object.entries(details).map(([name, samples]) => [name, byProcess(samples)]));
  const exactTimes = exact && byProcess(exact);
  const alerts = [
    ...(details.alerts ?? []).map(({ labels }) => ({ labels, state: labels.alertstate as AlertState })),
    ...grafanaAlerts,
  ];
  const valueOf = (name: string, id: string) => figures[name]?.get(id)?.value;

  const rows = ranked.map(({ labels }, rank) => {
    const id = processId(labels);
    const { job = '', instance = '', __name__, ...otherLabels } = labels;
    const isOfProcess = (other: Record<string, string>) => other.job === job && other.instance === instance;
    const limit = figures.limit?.get(id);
    const usedBytes = valueOf('used', id);
    const bound =
      limit && usedBytes !== undefined ? soonest(limit.value - usedBytes, growthsOf(figures, id)) : undefined;
    const growing = details.functions?.find((sample) => isOfProcess(sample.labels));
    const row: ProcessRow = {
      id,
      job,
      instance,
      otherLabels,
      timeToOom: timeOf({
        seconds: recorded ? valueOf('timeToOom', id) : exactTimes?.get(id)?.value,
        bound: recorded ? undefined : bound,
        isAsking: !recorded && exactTimes === undefined,
        hasLimit: limit !== undefined,
        age: valueOf('age', id),
      }),
      limit: limit && { bytes: limit.value, kind: limit.labels.limit as LimitKind },
      usedBytes,
      goroutines: valueOf('goroutines', id),
      goroutinesChange: valueOf('goroutinesChange', id),
      stackBytes: valueOf('stacks', id),
      growing: growing && { functionName: growing.labels.function, goroutines: growing.value },
      alerts: alertsOf(alerts.filter((alert) => isOfProcess(alert.labels))),
    };
    return { row, rank };
  });
  return rows.sort((a, b) => secondsOf(a.row) - secondsOf(b.row) || a.rank - b.rank).map(({ row }) => row);
}

/** Those whose time has to be asked exactly, as it may be near. */
export function toAskExactly(ranked: readonly Sample[], details: Details): Sample[] {
  const rows = processRows({ ranked, details, recorded: false });
  const near = new Set(rows.filter(({ timeToOom }) => timeToOom.kind === 'asking').map(({ id }) => id));
  return ranked.filter(({ labels }) => near.has(processId(labels)));
}

interface KnownOfTime {
  seconds?: number;
  bound?: number;
  isAsking: boolean;
  hasLimit: boolean;
  age?: number;
}

function timeOf({ seconds, bound, isAsking, hasLimit, age }: KnownOfTime): TimeToOom {
  if (seconds !== undefined) {
    return { kind: 'in', seconds };
  }
  if (!hasLimit) {
    return { kind: 'no limit' };
  }
  if (age !== undefined && age < PREDICTED_FROM_SECONDS) {
    return { kind: 'too young' };
  }
  if (bound !== undefined && bound > EXACT_WITHIN_SECONDS && Number.isFinite(bound)) {
    return { kind: 'over', seconds: EXACT_WITHIN_SECONDS };
  }
  return isAsking && bound !== undefined && bound <= EXACT_WITHIN_SECONDS
    ? { kind: 'asking' }
    : { kind: 'not growing' };
}

function growthsOf(figures: Record<string, Map<string, Sample>>, id: string): number[] {
  return Object.entries(figures)
    .filter(([name]) => /^growth\d$/.test(name))
    .map(([, samples]) => samples.get(id)?.value ?? 0);
}

/** Seconds until nothing is left, at the fastest of these growths in bytes a second and bent as far as a prediction may. */
function soonest(leftBytes: number, growths: number[]): number {
  const fastest = GREATEST_BEND * Math.max(0, ...growths);
  return fastest > 0 ? Math.max(0, leftBytes) / fastest : Infinity;
}

function secondsOf({ timeToOom }: ProcessRow): number {
  return timeToOom.kind === 'in' ? timeToOom.seconds : Number.MAX_SAFE_INTEGER;
}

/** Each alert once, firing before pending. */
function alertsOf(active: Array<{ labels: Record<string, string>; state: AlertState }>): ProcessAlert[] {
  const states = new Map<string, AlertState>();
  for (const { labels, state } of active) {
    if (states.get(labels.alertname) !== 'firing') {
      states.set(labels.alertname, state);
    }
  }
  return [...states]
    .map(([name, state]) => ({ name, state }))
    .sort((a, b) => (a.state < b.state ? -1 : a.state > b.state ? 1 : a.name < b.name ? -1 : 1));
}
