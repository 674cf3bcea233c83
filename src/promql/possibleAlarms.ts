import { parseCondition, type Comparison } from '../alerting/condition';
import { inlineRecordings, type Recordings } from './inlineRecordings';
import { GOMEMLIMIT, GOROUTINES } from './metrics';
import type { AlertingRule } from './prometheusRules';

/**
 * What an alert's expression can be asked in, from cheap to dear: wherever the alert holds each of these does, and wherever
 * all of them do it holds. So the next one is needed only for processes and times of the one before.
 */
export type Narrowing = readonly string[];

/** Characters of PromQL without recordings. Longer ones have a range of a recording in them, which is what takes long. */
const CHEAP = 600;

/**
 * Where an alert's recordings are in its place, each comparison of its condition is asked by itself, the cheapest first; before
 * the time to OOM, which has a thousand selectors, comes what it implies.
 * @throws Error where the expression reads a recording in a way that none can stand in its place
 */
export function narrowed({ expr }: AlertingRule, recordings: Recordings): Narrowing {
  const inline = (promql: string) => inlineRecordings(promql, recordings);
  const whole = inline(expr);
  if (whole.length <= CHEAP) {
    return [whole];
  }
  const { comparisons, on } = parseCondition(expr);
  if (on) {
    return [whole];
  }
  const each = comparisons.map(written).map(inline);
  const cheap = each.filter(({ length }) => length <= CHEAP);
  const [first, ...implied] = impliedByOOM(comparisons).map(inline);
  const dear = [...implied, ...each.filter(({ length }) => length > CHEAP)].sort((a, b) => a.length - b.length);
  return [
    ...(cheap.length > 0 ? [cheap.map((side) => `(${side})`).join(' and ')] : []),
    ...(first ? [first] : []),
    ...dear,
  ];
}

function written({ vector, operator, threshold }: Comparison): string {
  return `(${vector}) ${operator} ${threshold}`;
}

/** A goroutine that is very deep, without which there is no `go_process:deep_stack_bytes`. */
const DEEP_STACKS = `go_memstats_stack_inuse_bytes / ${GOROUTINES} > 2^20`;

const LIMIT = 'max without (limit) (go_process:memory_limit_bytes)';
const RESIDENT = 'go_process:memory_resident_bytes';
const USED = 'go_process:memory_used_bytes';

/** GOMEMLIMIT was set in the last hour, or when a sample was taken that still counts at its beginning. */
const SOFT_LIMIT = `min_over_time(${GOMEMLIMIT}[65m]) < 1e15`;

/**
 * What `go_process:time_to_oom_seconds < T`, with memory over P percent of the limit, implies, cheap first.
 *
 * By growth, (limit - used) / growth < T, and growth is the greatest of three slopes of what is used, that of five minutes
 * times two at most. So one of the slopes, so multiplied, is over what is left / T. By the doubling of a stack: only where a
 * stack is very deep. There, too, is memory's peak what is over P percent; everywhere else it is what is used.
 *
 * What is used is resident memory less what GOMEMLIMIT holds back: never more, and the same where GOMEMLIMIT was not set. So
 * first the same is asked of resident memory, with whatever has GOMEMLIMIT taken for growing: that reads a fifth of the
 * metrics.
 */
function impliedByOOM(comparisons: Comparison[]): string[] {
  const time = comparisons.find(
    ({ vector, operator }) => /^go_process:time_to_oom_seconds\b/.test(vector) && operator === '<'
  );
  const level = comparisons.find(
    ({ vector, operator }) => vector.includes('go_process:memory_peak_bytes') && operator === '>'
  );
  if (!time) {
    return [];
  }
  const growing = (memory: string, also = '') =>
    `100 * ${memory} / ${LIMIT} > ${level?.threshold ?? 0} and (${slopesOver(memory, time.threshold)}${also}) or ${DEEP_STACKS}`;
  return [growing(RESIDENT, ` or ${SOFT_LIMIT}`), growing(USED)];
}

/** @param seconds in which memory would end */
function slopesOver(memory: string, seconds: number): string {
  // A thousandth less, as a division rounds where the alert's own multiplies.
  const least = `0.999 / ${seconds} * clamp_min(${LIMIT} - ${memory}, 0)`;
  return [`2 * deriv(${memory}[5m])`, `deriv(${memory}[15m])`, `deriv(${memory}[1h])`]
    .map((slope) => `${slope} >= ${least}`)
    .join(' or ');
}

/**
 * One, at times when our recordings are there of as many processes as there are. An alert over them needs them for an hour
 * before, too.
 */
export const RECORDED = `count(${USED}) >= count(${GOROUTINES})`;
