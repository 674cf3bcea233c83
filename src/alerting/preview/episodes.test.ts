import fc from 'fast-check';
import type { Series } from '../../prometheus/askPrometheus';
import { episodesOf } from './episodes';

const STEP = 20_000;

/** A series that is true where the text has `#`, an evaluation each character. */
function series(text: string, labels: Record<string, string> = { job: 'shop' }): Series {
  const times = [...text].flatMap((character, index) => (character === '#' ? [index * STEP] : []));
  return { labels, times, values: times.map(() => 1) };
}

/** The evaluations at which it fires, as text. */
function firing(text: string, rule: { for?: string; keep_firing_for?: string }): string {
  const episodes = episodesOf([series(text)], rule, { step: STEP, until: text.length * STEP });
  return [...text]
    .map((_, i) => (episodes.some(({ from, to }) => from <= i * STEP && i * STEP < to) ? '#' : '.'))
    .join('');
}

/** Prometheus' state machine, evaluation by evaluation (rules/alerting.go). */
function prometheus(text: string, wait: number, keep: number): string {
  let activeAt = -1;
  let fires = false;
  let keptSince = -1;
  return [...text]
    .map((holds, now) => {
      if (holds === '#') {
        activeAt = activeAt < 0 ? now : activeAt;
        keptSince = -1;
        fires ||= now - activeAt >= wait;
      } else if (fires) {
        keptSince = keptSince < 0 ? now : keptSince;
        if (now - keptSince >= keep) {
          fires = false;
          activeAt = -1;
        }
      } else {
        activeAt = -1;
      }
      return fires ? '#' : '.';
    })
    .join('');
}

describe('episodesOf', () => {
  it('begins after `for` and ends after `keep_firing_for`, as the backtest’s own test has it', () => {
    expect(firing('..#####......', { for: '40s', keep_firing_for: '60s' })).toBe('....######...');
  });

  it('forgets a pending alarm at the first gap', () => {
    expect(firing('##.##.##', { for: '40s' })).toBe('........');
  });

  it('is one alarm as long as gaps are shorter than `keep_firing_for`', () => {
    expect(episodesOf([series('#..#..#')], { keep_firing_for: '1m' }, { step: STEP, until: 1e9 })).toHaveLength(1);
  });

  it('fires exactly when Prometheus does', () => {
    const evaluations = fc.string({ unit: fc.constantFrom('#', '.'), maxLength: 60 });
    fc.assert(
      fc.property(evaluations, fc.nat(4), fc.nat(4), (text, wait, keep) => {
        const rule = { for: `${wait * 20}s`, keep_firing_for: `${keep * 20}s` };
        expect(firing(text, rule)).toBe(prometheus(text, wait, keep));
      }),
      { numRuns: 1000 }
    );
  });

  it('does not depend on how a series came in pieces', () => {
    const evaluations = fc.string({ unit: fc.constantFrom('#', '.'), maxLength: 60 });
    fc.assert(
      fc.property(evaluations, fc.nat(60), (text, cut) => {
        const older = series(text.slice(0, cut).padEnd(text.length, '.'));
        const newer = series(text.slice(cut).padStart(text.length, '.'));
        const rule = { for: '40s', keep_firing_for: '1m' };
        const at = { step: STEP, until: 1e9 };
        expect(episodesOf([newer, older], rule, at)).toEqual(episodesOf([series(text)], rule, at));
      })
    );
  });

  it('keeps processes apart, whatever the order of their labels, and tells the first alarm first', () => {
    const a = series('..#', { job: 'shop', pod: 'a' });
    const again = series('...#', { pod: 'a', job: 'shop' });
    const b = series('#', { job: 'shop', pod: 'b' });
    const found = episodesOf([a, again, b], {}, { step: STEP, until: 1e9 });
    expect(found.map(({ labels, from, to }) => [labels.pod, from / STEP, to / STEP])).toEqual([
      ['b', 0, 1],
      ['a', 2, 4],
    ]);
  });

  it('cuts off what still fires', () => {
    expect(episodesOf([series('###')], { keep_firing_for: '5m' }, { step: STEP, until: 50_000 })[0].to).toBe(50_000);
  });
});
