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
/** What all answers about one piece take, in ms: as often is there something new to be seen, and so soon can it pause. */
const PIECE_MS = 10_000;
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

/** A chunk of hours, of which what is cheap was asked: where each rule may be true, and what has to be asked yet. */
interface Chunk {
  from: number;
  candidates: ReadonlyArray<{ alert: string; series: Series[]; rest: Narrowing }>;
}

/**
 * Looks for the alarms that rules would have given, from now backwards, with one query at a time. It can be stopped and go
 * on.
 *
 * A chunk of hours is asked for what an alarm implies and costs little, of all processes; then piece by piece, the newest
 * first, for more of what is left of processes and times (`narrowed`). Prometheus takes a long expression's time for each step
 * rather than for each process, so that processes of one time are asked together.
 */
export class LookBack {
  private from: number;
  private readonly until: number;
  private readonly start: number;
  private chunk?: Chunk;
  private chunkMs = HOUR_MS;
  private pieceMs = HOUR_MS;
  /** Texts of a hundred thousand characters, which take a tenth of a second to write. */
  private readonly narrowings = new Map<string, Narrowing | undefined>();
  private readonly sliceMs = new Map<string, number>();
  private recordedTimes?: Set<number>;
  private readonly holds = new Map<string, Series[]>();
  private readonly unasked = new Map<string, string>();
  private readonly gaps: Gap[] = [];
  private queries = 0;
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
   * Goes on to the end of the week, or for as long as the budget lasts, in ms; it is looked at between pieces.
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
      const failure = await this.nextPiece(signal);
      failures = failure ? failures + 1 : 0;
      onProgress(this.progress());
      if (failure && failures >= MAX_FAILURES) {
        throw failure;
      }
    }
    return 'done';
  }

  /** One piece; where that fails, half of it, and where that fails too, a gap. */
  private async nextPiece(signal: AbortSignal): Promise<PrometheusFailure | undefined> {
    for (const isLast of [false, true]) {
      this.answers.clear();
      let from = Math.max(this.start, this.from - this.chunkMs);
      try {
        const chunk = (this.chunk ??= await this.openChunk(from, signal));
        from = this.pieceFrom(chunk);
        await this.closePiece(chunk, from, signal);
        return undefined;
      } catch (failure) {
        if (signal.aborted || !(failure instanceof PrometheusFailure) || !isTooMuch(failure)) {
          throw failure;
        }
        if (isLast) {
          this.gaps.push({ from, to: this.from, message: failure.message });
          this.goTo(from);
          return failure;
        }
        if (this.chunk) {
          this.pieceMs = wholeSteps(Math.min(this.pieceMs, this.from - from) / 2);
          this.sliceMs.clear();
        } else {
          this.chunkMs = wholeSteps((this.from - from) / 2);
        }
      }
    }
    return undefined;
  }

  private async openChunk(from: number, signal: AbortSignal): Promise<Chunk> {
    const to = this.from - STEP_MS;
    const recorded = this.isRecorded(from, to);
    const candidates: Array<Chunk['candidates'][number]> = [];
    let longestMs = 0;
    for (const { alert, expr } of this.rules) {
      const narrowing = this.narrowingOf({ alert, expr }, recorded);
      if (narrowing) {
        const [first, ...rest] = narrowing;
        const began = this.clock();
        candidates.push({ alert, series: await this.answer(first, from, to, signal), rest });
        longestMs = Math.max(longestMs, this.clock() - began);
      }
    }
    if (longestMs > ANSWER_MS) {
      this.chunkMs = wholeSteps(this.chunkMs / 2);
    } else if (longestMs < ANSWER_MS / 3) {
      this.chunkMs = Math.min(2 * this.chunkMs, MAX_CHUNK_HOURS * HOUR_MS);
    }
    return { from, candidates };
  }

  /** The end of the chunk's open part that has nothing to be asked is as long as it is; what has, some seconds long. */
  private pieceFrom({ from, candidates }: Chunk): number {
    let newest = -Infinity;
    for (const { series, rest } of candidates) {
      if (rest.length > 0) {
        series.forEach(({ times }) => times.forEach((time) => time < this.from && (newest = Math.max(newest, time))));
      }
    }
    return Math.max(from, newest + STEP_MS - this.pieceMs);
  }

  private async closePiece({ candidates }: Chunk, from: number, signal: AbortSignal) {
    const began = this.clock();
    const asked = this.queries;
    const found = new Map<string, Series[]>();
    for (const { alert, series, rest } of candidates) {
      let left = within(series, from, this.from - STEP_MS);
      for (const expr of rest) {
        left = await this.keepWhere(expr, left, signal);
      }
      found.set(alert, left);
    }
    found.forEach((series, alert) => this.holds.set(alert, [...(this.holds.get(alert) ?? []), ...series]));
    const tookMs = this.clock() - began;
    if (tookMs > PIECE_MS) {
      this.pieceMs = wholeSteps(this.pieceMs / 2);
    } else if (tookMs < PIECE_MS / 3 && this.queries > asked) {
      this.pieceMs = Math.min(2 * this.pieceMs, MAX_CHUNK_HOURS * HOUR_MS);
    }
    this.goTo(from);
  }

  private goTo(from: number) {
    this.from = from;
    if (this.chunk && from <= this.chunk.from) {
      this.chunk = undefined;
    }
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
      const inSlice = within(series, from, to);
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
    const answer = this.counted(expr, from, to, signal);
    this.answers.set(key, answer);
    return answer;
  }

  private counted(expr: string, from: number, to: number, signal: AbortSignal): Promise<Series[]> {
    this.queries++;
    return this.ask(expr, from, to, signal);
  }

  /** Times, ten minutes apart, at which our recordings are there of all processes. Days without any at their end cost one sample. */
  private async timesWithRecordings(signal: AbortSignal): Promise<Set<number>> {
    const found = new Set<number>();
    for (let to = this.until; to > this.start; to -= MAX_CHUNK_HOURS * HOUR_MS) {
      const [series] = await this.counted(RECORDED, to, to, signal);
      if (!series || series.times.length === 0) {
        continue;
      }
      const from = to - MAX_CHUNK_HOURS * HOUR_MS;
      const [ofDay] = await this.counted(RECORDED, from, to, signal);
      ofDay?.times.filter((time) => time % RECORDED_EVERY_MS === 0).forEach((time) => found.add(time));
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

function within(series: readonly Series[], from: number, to: number): Series[] {
  return series.flatMap(({ labels, times, values }) => {
    const first = times.findIndex((time) => time >= from);
    const end = times.findIndex((time) => time > to);
    const range = [first < 0 ? times.length : first, end < 0 ? times.length : end] as const;
    return range[0] < range[1] ? [{ labels, times: times.slice(...range), values: values.slice(...range) }] : [];
  });
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
