import fc from 'fast-check';
import { Rate } from './rate';

it('however a sender waits, no minute has more than its rate', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 100 }),
      fc.integer({ min: 1, max: 300 }),
      (perMinute, pauses, messages) => {
        let now = 1_000_000;
        const clock = { now: () => now, sleep: async () => undefined };
        const rate = new Rate(perMinute, Math.floor(perMinute / 2), clock);
        const sent: number[] = [];
        for (let i = 0; i < messages; i++) {
          now += i % 7 === 0 ? pauses[i % pauses.length] : 0;
          now += rate.wait;
          expect(rate.available).toBeGreaterThan(0);
          rate.take();
          sent.push(now);
        }
        const most = Math.max(...sent.map((end) => sent.filter((at) => at > end - 60_000 && at <= end).length));
        expect(most).toBeLessThanOrEqual(perMinute);
      }
    )
  );
});

it('knows what was sent before a restart', () => {
  const clock = { now: () => 100_000, sleep: async () => undefined };
  const sent = Array.from({ length: 9 }, () => 99_000);
  expect(new Rate(18, 9, clock, sent).available).toBe(0);
  expect(new Rate(18, 9, clock).available).toBe(9);
});
