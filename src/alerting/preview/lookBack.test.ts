import type { Series } from '../../prometheus/askPrometheus';
import { PrometheusFailure } from '../../prometheus/failure';
import { RECORDED } from '../../promql/possibleAlarms';
import { ourAlert, RECORDINGS } from '../ruleFiles';
import { type Ask, LookBack, STEP_MS, WEEK_HOURS } from './lookBack';

const HOUR = 3_600_000;
const UNTIL = 1_795_527_600_000;
const LABELS = { job: 'web', instance: 'a:80' };

const FULL = { alert: 'Full', expr: '(go_goroutines) > 300' };

/** A Prometheus with a clock of its own, on which each answer takes so many ms. */
function prometheus(answer: (expr: string, from: number, to: number) => Series[], takesMs: (hours: number) => number) {
  const asked: Array<{ expr: string; from: number; to: number }> = [];
  let now = 0;
  let inFlight = 0;
  const ask: Ask = async (expr, from, to, signal) => {
    expect(++inFlight).toBe(1);
    asked.push({ expr, from, to });
    await Promise.resolve();
    inFlight--;
    signal.throwIfAborted();
    now += takesMs((to - from) / HOUR);
    return answer(expr, from, to);
  };
  return { ask, asked, clock: () => now, ofRules: () => asked.filter(({ expr }) => expr !== RECORDED) };
}

function series(from: number, to: number, labels: Record<string, string> = LABELS): Series {
  const times = Array.from({ length: Math.floor((to - from) / STEP_MS) + 1 }, (_, index) => from + index * STEP_MS);
  return { labels, times, values: times.map(() => 1) };
}

function lookBack({ ask, clock }: ReturnType<typeof prometheus>, rules = [FULL]) {
  return new LookBack(rules, RECORDINGS, [], ask, UNTIL, clock);
}

const run = (look: LookBack, budget = Infinity) => look.run(budget, new AbortController().signal, () => {});

describe('LookBack', () => {
  it('asks of each minute of the week once, the newest first', async () => {
    const source = prometheus(
      () => [],
      () => 100
    );
    const look = lookBack(source);
    expect(await run(look)).toBe('done');
    let next = UNTIL;
    for (const { from, to } of source.ofRules()) {
      expect(to).toBe(next - STEP_MS);
      next = from;
    }
    expect(next).toBe(UNTIL - WEEK_HOURS * HOUR);
    expect(look.progress().from).toBe(next);
  });

  it('takes chunks so long that an answer takes some seconds', async () => {
    const source = prometheus(
      () => [],
      (hours) => 1_000 * hours
    );
    await run(lookBack(source));
    const hours = source.ofRules().map(({ from, to }) => Math.round((to - from) / HOUR));
    expect(Math.max(...hours)).toBeLessThanOrEqual(5);
    expect(hours[20]).toBeGreaterThan(1);
  });

  it('asks dear expressions only for the processes and times that cheap ones leave', async () => {
    const at = UNTIL - 30 * 60_000;
    const window = series(at, at + 5 * STEP_MS);
    const source = prometheus(
      (_, from, to) =>
        from <= at && at <= to ? [{ ...window, times: window.times.filter((time) => time <= to) }] : [],
      () => 100
    );
    const { rule } = ourAlert('GoOOMAhead')!;
    const look = lookBack(source, [rule]);
    await run(look);
    const dear = source.ofRules().filter(({ expr }) => expr.length > 50_000);
    expect(dear.length).toBeGreaterThan(0);
    for (const { expr, from, to } of dear) {
      expect(expr).toContain('go_goroutines{job="web", instance="a:80"}');
      expect(from).toBeGreaterThanOrEqual(at);
      expect(to).toBeLessThanOrEqual(at + 5 * STEP_MS);
    }
    expect(
      look
        .progress()
        .holds.get('GoOOMAhead')!
        .flatMap(({ times }) => times)
    ).toEqual(window.times);
  });

  it('reads what Prometheus records, where it does for an hour already', async () => {
    const since = UNTIL - 48 * HOUR;
    const source = prometheus(
      (expr, from, to) => (expr === RECORDED && to >= since ? [series(Math.max(from, since), to)] : []),
      () => 100
    );
    const { rule } = ourAlert('GoOOMAhead')!;
    await run(lookBack(source, [rule]));
    for (const { expr, from } of source.ofRules()) {
      expect(expr === rule.expr).toBe(from >= since + HOUR);
    }
  });

  it('tries what was too much again with half of it, and says what Prometheus cannot answer', async () => {
    const bad = UNTIL - 10 * HOUR;
    const source = prometheus(
      (expr, from, to) => {
        if (expr !== RECORDED && from <= bad && bad <= to) {
          throw new PrometheusFailure('slow', 'query timed out');
        }
        return [];
      },
      () => 2_500
    );
    const look = lookBack(source);
    expect(await run(look)).toBe('done');
    const tried = source.ofRules().filter(({ from, to }) => from <= bad && bad <= to);
    const { gaps } = look.progress();
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ message: 'query timed out' });
    expect(gaps[0].to - gaps[0].from).toBeLessThan(tried[0].to - tried[0].from);
  });

  it('gives up where three chunks in a row fail, and at once where no answer can be expected', async () => {
    for (const [kind, tries] of [
      ['slow', 6],
      ['forbidden', 1],
    ] as const) {
      const source = prometheus(
        (expr) => {
          if (expr === RECORDED) {
            return [];
          }
          throw new PrometheusFailure(kind, 'no');
        },
        () => 100
      );
      await expect(run(lookBack(source))).rejects.toThrow('no');
      expect(source.ofRules()).toHaveLength(tries);
    }
  });

  it('pauses when its budget is spent, and goes on where it was', async () => {
    const source = prometheus(
      () => [],
      () => 2_000
    );
    const look = lookBack(source);
    expect(await run(look, 30_000)).toBe('paused');
    const { from } = look.progress();
    expect(from).toBeGreaterThan(UNTIL - WEEK_HOURS * HOUR);
    const before = source.asked.length;
    expect(await run(look)).toBe('done');
    expect(source.asked[before].to).toBe(from - STEP_MS);
  });

  it('asks nothing more once it is stopped', async () => {
    const controller = new AbortController();
    const source = prometheus(
      () => [],
      () => 100
    );
    const look = lookBack(source);
    const stopped = look.run(Infinity, controller.signal, () => controller.abort());
    await expect(stopped).rejects.toThrow();
    const asked = source.asked.length;
    expect(source.ofRules()).toHaveLength(2);
    await Promise.resolve();
    expect(source.asked).toHaveLength(asked);
    expect(look.progress().from).toBe(UNTIL - HOUR);
  });

  it('says which rule it cannot ask', async () => {
    const source = prometheus(
      () => [],
      () => 100
    );
    const look = lookBack(source, [{ alert: 'Odd', expr: 'go_process:memory_used_bytes{job="a"} > 1' }]);
    await run(look);
    expect(look.progress().unasked.get('Odd')).toContain('without matchers');
  });
});
