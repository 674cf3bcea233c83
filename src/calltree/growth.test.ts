import { fitGrowth, type Sample } from './growth';

/** A sample each minute, the last one at a time that is no round number. */
function sampled(count: number, curve: (minutes: number) => number): Sample[] {
  return Array.from({ length: count }, (_, i) => ({
    time: 1_764_000_000_123 + (i - count + 1) * 60_000,
    value: curve(i - count + 1),
  }));
}

/** Numbers of mean 0 and about the standard deviation 1, the same in each run (mulberry32). */
function noise(seed: number) {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((sum, u) => sum + u, -6);
}

it('finds a line, with its slope a minute', () => {
  const growth = fitGrowth(sampled(30, (t) => 100 + 7 * t))!;
  expect(growth).toMatchObject({ shape: 'line', a: 0 });
  expect(growth.perMinute).toBeCloseTo(7);
  expect(growth.c).toBeCloseTo(100);
  expect(growth.r2).toBeCloseTo(1);
  expect(growth.at(1_764_000_000_123 + 60_000)).toBeCloseTo(107);
});

it('finds a parabola, with its slope at the last sample', () => {
  const growth = fitGrowth(sampled(30, (t) => 12 * t * t + 340 * t + 9800))!;
  expect(growth.shape).toBe('parabola');
  expect([growth.a, growth.b, growth.c].map(Math.round)).toEqual([12, 340, 9800]);
  expect(growth.perMinute).toBeCloseTo(340);
});

it('finds the parabola under noise', () => {
  const random = noise(1);
  const growth = fitGrowth(sampled(60, (t) => 2 * t * t + 300 * t + 20_000 + 50 * random()))!;
  expect(growth.shape).toBe('parabola');
  expect(growth.a).toBeCloseTo(2, 0);
});

it.each([8, 20, 60])('hardly ever finds a parabola in a noisy line of %d samples', (count) => {
  const found = Array.from({ length: 400 }, (_, seed) => {
    const random = noise(seed + 1);
    return fitGrowth(sampled(count, (t) => 5 * t + 1000 + 20 * random()))!.shape;
  }).filter((shape) => shape === 'parabola');
  expect(found.length / 400).toBeLessThan(0.05);
});

it('calls what does not change a line of slope 0 that explains all', () => {
  expect(fitGrowth(sampled(20, () => 42))).toMatchObject({ shape: 'line', perMinute: 0, r2: 1 });
});

it('leaves gaps out', () => {
  const gaps = sampled(30, (t) => 100 + 7 * t).map((sample, i) => (i % 3 === 1 ? { ...sample, value: NaN } : sample));
  expect(fitGrowth(gaps)!.perMinute).toBeCloseTo(7);
});

it('says nothing of two samples, or of one time', () => {
  expect(fitGrowth(sampled(2, (t) => t))).toBeNull();
  expect(fitGrowth([1, 2, 3].map((value) => ({ time: 5, value })))).toBeNull();
  expect(fitGrowth([])).toBeNull();
});
