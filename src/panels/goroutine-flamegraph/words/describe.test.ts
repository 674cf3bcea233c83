import { describeMended, formatChange, formatShare } from './describe';

const SOUND = { duplicates: 0, orphans: 0, cycles: 0, raised: 0, invalid: 0 };

it('says nothing of a sound tree', () => {
  expect(describeMended(SOUND)).toEqual([]);
});

it('says each thing that was mended, and what the person can do', () => {
  expect(describeMended({ duplicates: 1, orphans: 2, cycles: 1, raised: 1, invalid: 3 })).toEqual([
    expect.stringMatching(/^1 node came in several rows.*sum by/),
    expect.stringMatching(/^2 frames hang from the root.*topk/),
    expect.stringMatching(/^1 cycle of callers/),
    expect.stringMatching(/^1 frame had less .* is drawn/),
    expect.stringMatching(/^3 rows without a usable value/),
  ]);
});

it.each([
  [0, 10, '0 %'],
  [1, 100_000, '< 0.1 %'],
  [34, 1000, '3.4 %'],
  [56, 100, '56 %'],
  [1, 1, '100 %'],
  [0, 0, '0 %'],
])('%d of %d is %s', (part, whole, text) => {
  expect(formatShare(part, whole)).toBe(text);
});

it.each([
  [1234, '+1,234 B'],
  [-1234, '−1,234 B'],
  [0, '0 B'],
  [undefined, '–'],
])('a change of %p is written %s', (change, text) => {
  expect(formatChange(change, (value) => `${value.toLocaleString('en')} B`)).toBe(text);
});
