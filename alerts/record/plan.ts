/** One recording: a scenario under a limit, until the kernel kills it or its minutes are over. */
export interface Run {
  name: string;
  /** Ways to run out of memory that are one and the same at several speeds: the backtest never splits a story. */
  story: string;
  kind: 'leak' | 'healthy' | 'ambiguous';
  /** The scenario's flags. */
  args: string[];
  env?: Record<string, string>;
  limitMiB: number;
  /**
   * Where rules can learn the limit from: our library's cgroup_memory_* series beside the program's own, cAdvisor's of
   * its cgroup, or GOMEMLIMIT alone.
   */
  limitFrom: 'library' | 'cadvisor' | 'gomemlimit';
  /** It is ended after so many minutes, if nothing killed it. */
  minutes: number;
  /** How many times it is started: again after a kill (a crash loop) or after it ended by itself (a deploy). */
  lives: number;
  /** Seconds after a start at which what kills it begins; at once by default. */
  onsetAfter?: number;
  /** Seconds after its first start at which an ambiguous growth ends. */
  growthEndsAfter?: number[];
}

type Options = Partial<Omit<Run, 'name' | 'kind'>> & Pick<Run, 'args'>;

const HEALTHY_MINUTES = 40;
/** A leak that the kernel has not killed by then has the wrong rate. */
const LEAK_MINUTES = 50;

function leak(story: string, speed: string, options: Options): Run {
  const defaults = { story, limitMiB: 256, limitFrom: 'library', minutes: LEAK_MINUTES, lives: 1 } as const;
  return { ...defaults, ...options, name: `${story}-${speed}`, kind: 'leak' };
}

function healthy(name: string, options: Options): Run {
  const defaults = { limitMiB: 256, limitFrom: 'library', minutes: HEALTHY_MINUTES, lives: 1 } as const;
  return { story: name.replace(/-\d+$/, ''), ...defaults, ...options, name, kind: 'healthy' };
}

function flags(scenario: string, rate?: number, others: Record<string, string | number> = {}): string[] {
  const all = { scenario, ...(rate && { rate }), ...others };
  return Object.entries(all).flatMap(([flag, value]) => [`-${flag}`, String(value)]);
}

/** No bound of its own: the kernel ends it. */
const UNBOUND = { max: 100_000_000 };

/**
 * Rates are chosen so that a fast leak lives a quarter of an hour (some 8 to 15 minutes) and a slow one about
 * 25 minutes: 256 MiB divided by what a unit takes, as measured.
 */
export const RUNS: Run[] = [
  // 2.9 kB a goroutine: 90,000 of them.
  leak('spawn-storm', 'fast', { args: flags('spawn-storm', 95, UNBOUND) }),
  leak('spawn-storm', 'slow', { args: flags('spawn-storm', 120, UNBOUND), limitMiB: 512, limitFrom: 'cadvisor' }),
  // 3.1 kB a goroutine.
  leak('channel-receiver', 'fast', { args: flags('channel-receiver', 150, UNBOUND) }),
  leak('channel-receiver', 'slow', { args: flags('channel-receiver', 52, UNBOUND) }),
  // 4.7 kB a goroutine and its request.
  leak('handler-leak', 'fast', { args: flags('handler-leak', 60, UNBOUND), lives: 2 }),
  leak('handler-leak', 'slow', { args: flags('handler-leak', 33, UNBOUND), limitFrom: 'cadvisor' }),
  leak('waitgroup-misuse', 'fast', {
    args: flags('waitgroup-misuse', 90, UNBOUND),
    limitFrom: 'gomemlimit',
    env: { GOMEMLIMIT: '230MiB' },
  }),
  leak('waitgroup-misuse', 'slow', { args: flags('waitgroup-misuse', 60, UNBOUND), limitFrom: 'cadvisor' }),
  // 20 kB a request.
  leak('closure-capture', 'fast', { args: flags('closure-capture', 12, UNBOUND) }),
  leak('closure-capture', 'slow', { args: flags('closure-capture', 16, UNBOUND), limitMiB: 512 }),
  // 1 MB a goroutine.
  leak('defer-chain', 'fast', { args: flags('defer-chain', 0.26, UNBOUND), limitFrom: 'cadvisor' }),
  leak('defer-chain', 'slow', { args: flags('defer-chain', 0.17, UNBOUND) }),
  // 250 kB a goroutine.
  leak('nested-panic', 'fast', { args: flags('nested-panic', 1.05, UNBOUND) }),
  leak('nested-panic', 'slow', { args: flags('nested-panic', 0.65, UNBOUND) }),
  // As many KiB as it says, outside Go.
  leak('cgo-leak', 'fast', { args: flags('cgo-leak', 260, UNBOUND), limitFrom: 'cadvisor' }),
  leak('cgo-leak', 'slow', { args: flags('cgo-leak', 165, UNBOUND) }),
  // 290 kB a call.
  leak('cgo-blocked', 'fast', { args: flags('cgo-blocked', 0.9) }),
  leak('cgo-blocked', 'slow', { args: flags('cgo-blocked', 0.55) }),
  // 470 to 670 kB a layer: all stacks double together.
  leak('middleware-rewrap', 'fast', { args: flags('middleware-rewrap', 0.45, UNBOUND) }),
  leak('middleware-rewrap', 'slow', { args: flags('middleware-rewrap', 0.6, UNBOUND), limitMiB: 512 }),
  // 4.4 kB a value.
  leak('context-chain', 'fast', { args: flags('context-chain', 45, UNBOUND) }),
  leak('context-chain', 'slow', { args: flags('context-chain', 30, UNBOUND), limitFrom: 'cadvisor' }),
  // 2 kB a level; the doubling that kills needs the old stack and the new one.
  leak('deep-recursion', 'fast', { args: flags('deep-recursion', 65, UNBOUND) }),
  leak('deep-recursion', 'slow', { args: flags('deep-recursion', 80, UNBOUND), limitMiB: 512 }),
  leak('heap-leak', 'fast', { args: flags('heap-leak', 170, UNBOUND), limitFrom: 'cadvisor' }),
  leak('heap-leak', 'slow', { args: flags('heap-leak', 95, UNBOUND) }),
  // 11 kB a goroutine, in bursts.
  leak('burst-leak', 'fast', { args: flags('burst-leak', 22, { ...UNBOUND, period: '2m' }) }),
  leak('burst-leak', 'slow', { args: flags('burst-leak', 14, { ...UNBOUND, period: '3m' }) }),
  leak('memlimit-leak', 'fast', { args: flags('memlimit-leak', 230, UNBOUND), env: { GOMEMLIMIT: '230MiB' } }),
  leak('memlimit-leak', 'slow', {
    args: flags('memlimit-leak', 260, UNBOUND),
    env: { GOMEMLIMIT: '460MiB' },
    limitMiB: 512,
    limitFrom: 'gomemlimit',
  }),
  // 6.5 kB a goroutine, along a parabola.
  leak('retry-storm', 'fast', { args: flags('retry-storm', 11, { ...UNBOUND, period: '2m' }) }),
  leak('retry-storm', 'slow', { args: flags('retry-storm', 5, { ...UNBOUND, period: '3m' }), limitFrom: 'cadvisor' }),

  // Recorded after the rules were written, and not looked at before: another limit, other rates.
  leak('spawn-storm', '384', { args: flags('spawn-storm', 110, UNBOUND), limitMiB: 384 }),
  leak('channel-receiver', '384', {
    args: flags('channel-receiver', 90, UNBOUND),
    limitMiB: 384,
    limitFrom: 'cadvisor',
  }),
  leak('handler-leak', '384', { args: flags('handler-leak', 60, UNBOUND), limitMiB: 384 }),
  leak('waitgroup-misuse', '384', { args: flags('waitgroup-misuse', 95, UNBOUND), limitMiB: 384 }),
  leak('closure-capture', '384', {
    args: flags('closure-capture', 15, UNBOUND),
    limitMiB: 384,
    limitFrom: 'cadvisor',
  }),
  leak('defer-chain', '384', { args: flags('defer-chain', 0.33, UNBOUND), limitMiB: 384 }),
  leak('nested-panic', '384', { args: flags('nested-panic', 1.3, UNBOUND), limitMiB: 384, limitFrom: 'cadvisor' }),
  leak('cgo-leak', '384', { args: flags('cgo-leak', 350, UNBOUND), limitMiB: 384 }),
  leak('cgo-blocked', '384', { args: flags('cgo-blocked', 1.1), limitMiB: 384, limitFrom: 'cadvisor' }),
  leak('middleware-rewrap', '384', { args: flags('middleware-rewrap', 0.6, UNBOUND), limitMiB: 384 }),
  leak('context-chain', '384', { args: flags('context-chain', 75, UNBOUND), limitMiB: 384 }),
  leak('deep-recursion', '384', { args: flags('deep-recursion', 100, UNBOUND), limitMiB: 384 }),
  leak('heap-leak', '384', { args: flags('heap-leak', 240, UNBOUND), limitMiB: 384 }),
  leak('burst-leak', '384', { args: flags('burst-leak', 24, { ...UNBOUND, period: '100s' }), limitMiB: 384 }),
  leak('memlimit-leak', '384', {
    args: flags('memlimit-leak', 250, UNBOUND),
    env: { GOMEMLIMIT: '345MiB' },
    limitMiB: 384,
  }),
  leak('retry-storm', '384', { args: flags('retry-storm', 9, { ...UNBOUND, period: '150s' }), limitMiB: 384 }),

  healthy('steady', { args: flags('steady') }),
  healthy('gc-sawtooth', { args: flags('gc-sawtooth'), limitFrom: 'cadvisor' }),
  healthy('slow-start', { args: flags('slow-start') }),
  healthy('cache-warm-up', { args: flags('cache-warm-up') }),
  healthy('daily-wave', { args: flags('daily-wave') }),
  healthy('traffic-burst', { args: flags('traffic-burst') }),
  healthy('config-step', { args: flags('config-step'), limitFrom: 'cadvisor' }),
  healthy('full-but-flat', { args: flags('full-but-flat') }),
  healthy('rolling-restart', { args: flags('rolling-restart'), lives: 100 }),
  healthy('batch-job', { args: flags('batch-job'), env: { GOMEMLIMIT: '230MiB' }, limitFrom: 'gomemlimit' }),
  healthy('connection-pool', { args: flags('connection-pool') }),
  healthy('slow-start-384', { args: flags('slow-start', 0.5, { max: 110 }), limitMiB: 384 }),
  healthy('cache-warm-up-384', { args: flags('cache-warm-up', 3, { max: 120 }), limitMiB: 384, limitFrom: 'cadvisor' }),
  healthy('daily-wave-384', { args: flags('daily-wave', 40, { max: 2_400 }), limitMiB: 384 }),
  healthy('traffic-burst-384', {
    args: flags('traffic-burst', 70, { max: 5_000 }),
    limitMiB: 384,
    limitFrom: 'cadvisor',
  }),
  healthy('batch-job-384', { args: flags('batch-job', 1.2, { max: 100 }), limitMiB: 384 }),
  healthy('connection-pool-384', { args: flags('connection-pool', 110, { max: 11_000 }), limitMiB: 384 }),
  {
    ...healthy('leak-fixed', { args: flags('leak-fixed'), onsetAfter: 300, growthEndsAfter: [758] }),
    kind: 'ambiguous',
  },
  {
    ...healthy('long-burst', { args: flags('long-burst'), onsetAfter: 480, growthEndsAfter: [902] }),
    kind: 'ambiguous',
  },
];
