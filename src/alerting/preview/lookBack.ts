import type { Series } from '../../prometheus/askPrometheus';
import { PrometheusFailure } from '../../prometheus/failure';
import { inProcesses } from '../../promql/chosenProcesses';
import type { Recordings } from '../../promql/inlineRecordings';
import { narrowed, type Narrowing, RECORDED } from '../../promql/possibleAlarms';
import type { AlertingRule } from '../../promql/prometheusRules';
import type { Matcher } from '../../promql/withMatchers';
import { restrict } from '../restrict';
import { labelsKey } from './episodes';

/** An alarm that was shorter than this may be missed. */
export const STEP_MS = 60_000;
const HOUR_MS = 3_600_000;
export const WEEK_HOURS = 168;

/** What one answer may take of the person's Prometheus, in ms; lengths are chosen to stay below. */
const ANSWER_MS = 5_000;
/** What all answers about one chunk take, in ms: as often is there something new to be seen, and so soon can it pause. */
const CHUNK_MS = 20_000;
const MAX_CHUNK_HOURS = 24;
const RECORDED_EVERY_MS = 10 * STEP_MS;
const FIRST_SLICE_MS = 10 * STEP_MS;
/** In a row, after which the next ones are not tried. */
const MAX_FAILURES = 3;

/** A range query in steps of `STEP_MS`, both ends included. */
export type Ask = (expr: string, from: number, to: number, signal: AbortSignal) => Promise<Series[]>;

/** Hours that Prometheus could not answer, and why. Times in ms since 1970. */
export interface Gap {
  from: number;
  to: number;
  message: string;
}

export interface Progress {
  /** All from here to the end was looked at, but for the gaps; in ms since 1970. */
  from: number;
  until: number;
  gaps: readonly Gap[];
  /** Where each rule's expression is true, by the name of its alert. */
  holds: ReadonlyMap<string, readonly Series[]>;
  /** Rules that cannot be asked, and why. */
  unasked: ReadonlyMap<string, string>;
  queries: number;
}

export type Outcome = 'done' | 'paused';

/**
 * Looks for the alarms that rules would have given, from now backwards, with one query at a time. It can be stopped and go
 * on.
 *
 * Each chunk of hours is asked for what an alarm implies and costs little, of all processes, and then for more of what is left
 * of processes and times (`narrowed`). Prometheus takes a long expression's time for each step rather than for each process, so
 * that processes of one time are asked together.
 */
export class LookBack {
  private from: number;
  private readonly until: number;
  private readonly start: number;
  private chunkMs = HOUR_MS;
  /** Texts of a hundred thousand characters, which take a tenth of a second to write. */
  private readonly narrowings = new Map<string, Narrowing | undefined>();
  private readonly sliceMs = new Map<string, number>();
  private recordedTimes?: Set<number>;
  private readonly holds = new Map<string, Series[]>();
  private readonly unasked = new Map<string, string>();
  private readonly gaps: Gap[] = [];
  private queries = 0;
  private longestMs = 0;
  private answers = new Map<string, Promise<Series[]>>();

  /**
   * @param rules with recordings by their names
   * @param matchers only processes that these pick
   * @param until in ms since 1970
   * @param clock in ms
   */
  constructor(
    private readonly rules: readonly AlertingRule[],
    private readonly recordings: Recordings,
    private readonly matchers: readonly Matcher[],
    private readonly ask: Ask,
    until: number,
    private readonly clock: () => number = () => performance.now()
  ) {
    this.until = Math.floor(until / STEP_MS) * STEP_MS;
    this.start = this.until - WEEK_HOURS * HOUR_MS;
    this.from = this.until;
  }

  progress(): Progress {
    return {
      from: this.from,
      until: this.until,
      gaps: [...this.gaps],
      holds: new Map(this.holds),
      unasked: new Map(this.unasked),
      queries: this.queries,
    };
  }

  /**
   * Goes on to the end of the week, or for as long as the budget lasts, in ms; it is looked at between chunks.
   * @throws what `ask` throws when no answer can be expected, and when it is stopped by the signal
   */
  async run(budgetMs: number, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<Outcome> {
    const began = this.clock();
    let failures = 0;
    this.recordedTimes ??= await this.timesWithRecordings(signal);
    while (this.from > this.start) {
      if (this.clock() - began >= budgetMs) {
        return 'paused';
      }
      const failure = await this.nextChunk(signal);
      failures = failure ? failures + 1 : 0;
      onProgress(this.progress());
      if (failure && failures >= MAX_FAILURES) {
        throw failure;
      }
    }
    return 'done';
  }

  /** One chunk; where that fails, half of it, and where that fails too, a gap. */
  private async nextChunk(signal: AbortSignal): Promise<PrometheusFailure | undefined> {
    for (const isLast of [false, true]) {
      const from = Math.max(this.start, this.from - this.chunkMs);
      const began = this.clock();
      this.longestMs = 0;
      this.answers.clear();
      try {
        const found = await this.chunk(from, this.from - STEP_MS, signal);
        found.forEach((series, alert) => this.holds.set(alert, [...(this.holds.get(alert) ?? []), ...series]));
        this.from = from;
        this.adaptChunk(this.clock() - began);
        return undefined;
      } catch (failure) {
        if (signal.aborted || !(failure instanceof PrometheusFailure) || !isTooMuch(failure)) {
          throw failure;
        }
        if (isLast) {
          this.gaps.push({ from, to: this.from, message: failure.message });
          this.from = from;
          return failure;
        }
        this.chunkMs = wholeSteps((this.from - from) / 2);
      }
    }
    return undefined;
  }

  private adaptChunk(tookMs: number) {
    if (this.longestMs > ANSWER_MS || tookMs > 2 * CHUNK_MS) {
      this.chunkMs = wholeSteps(this.chunkMs / 2);
    } else if (this.longestMs < ANSWER_MS / 3 && tookMs < CHUNK_MS / 2) {
      this.chunkMs = Math.min(2 * this.chunkMs, MAX_CHUNK_HOURS * HOUR_MS);
    }
  }

  private async chunk(from: number, to: number, signal: AbortSignal): Promise<Map<string, Series[]>> {
    const found = new Map<string, Series[]>();
    const recorded = this.isRecorded(from, to);
    for (const rule of this.rules) {
      const narrowing = this.narrowingOf(rule, recorded);
      if (narrowing) {
        found.set(rule.alert, await this.narrowDown(narrowing, from, to, signal));
      }
    }
    return found;
  }

  private narrowingOf(rule: AlertingRule, recorded: boolean): Narrowing | undefined {
    const key = `${rule.alert} ${recorded}`;
    if (!this.narrowings.has(key)) {
      this.narrowings.set(key, this.narrowed(rule, recorded));
    }
    return this.narrowings.get(key);
  }

  private narrowed(rule: AlertingRule, recorded: boolean): Narrowing | undefined {
    try {
      const narrowing = recorded ? [rule.expr] : narrowed(rule, this.recordings);
      return narrowing.map((expr) => restrict(expr, this.matchers));
    } catch (error) {
      this.unasked.set(rule.alert, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  private async narrowDown(
    [first, ...others]: Narrowing,
    from: number,
    to: number,
    signal: AbortSignal
  ): Promise<Series[]> {
    let left = await this.answer(first, from, to, signal);
    for (const expr of others) {
      left = await this.keepWhere(expr, left, signal);
    }
    return left;
  }

  /** What of the series the expression holds for, asked for their processes and times alone. */
  private async keepWhere(expr: string, series: readonly Series[], signal: AbortSignal): Promise<Series[]> {
    const kept: Series[] = [];
    const times = [...new Set(series.flatMap((one) => one.times))].sort((a, b) => a - b);
    let next = 0;
    while (next < times.length) {
      const from = times[next];
      const sliceMs = this.sliceMs.get(expr) ?? FIRST_SLICE_MS;
      // As far as there is no hole over which it is cheaper to begin again.
      let last = next;
      while (
        last + 1 < times.length &&
        times[last + 1] - times[last] <= 3 * STEP_MS &&
        times[last + 1] - from < sliceMs
      ) {
        last++;
      }
      const to = times[last];
      const inSlice = series.map((one) => between(one, from, to)).filter((one) => one.times.length > 0);
      const began = this.clock();
      const answer = await this.answer(inProcesses(expr, inSlice), from, to, signal);
      this.adaptSlice(expr, to - from + STEP_MS, this.clock() - began);
      kept.push(...both(inSlice, answer));
      next = last + 1;
    }
    return kept;
  }

  private adaptSlice(expr: string, lengthMs: number, tookMs: number) {
    const sliceMs = this.sliceMs.get(expr) ?? FIRST_SLICE_MS;
    if (tookMs > ANSWER_MS / 2) {
      this.sliceMs.set(expr, wholeSteps(lengthMs / 2));
    } else if (tookMs < ANSWER_MS / 5 && lengthMs >= sliceMs / 2) {
      this.sliceMs.set(expr, 2 * sliceMs);
    }
  }

  /** Rules have questions in common, which are asked once. */
  private answer(expr: string, from: number, to: number, signal: AbortSignal): Promise<Series[]> {
    const key = `${from} ${to} ${expr}`;
    const known = this.answers.get(key);
    if (known) {
      return known;
    }
    const answer = this.measured(expr, from, to, signal);
    this.answers.set(key, answer);
    return answer;
  }

  private async measured(expr: string, from: number, to: number, signal: AbortSignal): Promise<Series[]> {
    this.queries++;
    const began = this.clock();
    const answer = await this.ask(expr, from, to, signal);
    this.longestMs = Math.max(this.longestMs, this.clock() - began);
    return answer;
  }

  /** Times, ten minutes apart, at which our recordings are there of all processes. Days without any at their end cost one sample. */
  private async timesWithRecordings(signal: AbortSignal): Promise<Set<number>> {
    const found = new Set<number>();
    for (let to = this.until; to > this.start; to -= MAX_CHUNK_HOURS * HOUR_MS) {
      const [series] = await this.measured(RECORDED, to, to, signal);
      if (!series || series.times.length === 0) {
        continue;
      }
      const from = to - MAX_CHUNK_HOURS * HOUR_MS;
      const [within] = await this.measured(RECORDED, from, to, signal);
      within?.times.filter((time) => time % RECORDED_EVERY_MS === 0).forEach((time) => found.add(time));
    }
    return found;
  }

  /** Also for an hour before, which the recordings themselves look back. */
  private isRecorded(from: number, to: number): boolean {
    const first = Math.floor((from - HOUR_MS) / RECORDED_EVERY_MS) * RECORDED_EVERY_MS;
    for (let time = first; time <= to; time += RECORDED_EVERY_MS) {
      if (!this.recordedTimes?.has(time)) {
        return false;
      }
    }
    return true;
  }
}

/** Whether less of it may be answered. */
function isTooMuch({ kind, message }: PrometheusFailure): boolean {
  return kind === 'slow' || /too many samples|limit|exceed/i.test(message);
}

function wholeSteps(ms: number): number {
  return Math.max(STEP_MS, Math.floor(ms / STEP_MS) * STEP_MS);
}

function between({ labels, times, values }: Series, from: number, to: number): Series {
  const first = times.findIndex((time) => time >= from);
  const end = times.findIndex((time) => time > to);
  const range = [first < 0 ? times.length : first, end < 0 ? times.length : end] as const;
  return { labels, times: times.slice(...range), values: values.slice(...range) };
}

/** The first ones where the others, too, have a value. */
function both(series: readonly Series[], others: readonly Series[]): Series[] {
  const timesOf = new Map<string, Set<number>>();
  for (const { labels, times } of others) {
    const key = labelsKey(labels);
    timesOf.set(key, new Set([...(timesOf.get(key) ?? []), ...times]));
  }
  return series.flatMap(({ labels, times, values }) => {
    const inOther = timesOf.get(labelsKey(labels));
    const kept = times.flatMap((time, index) => (inOther?.has(time) ? [index] : []));
    return kept.length === 0
      ? []
      : [{ labels, times: kept.map((index) => times[index]), values: kept.map((index) => values[index]) }];
  });
}
