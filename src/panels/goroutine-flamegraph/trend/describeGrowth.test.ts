import { fitGrowth } from '../../../calltree/growth';
import { describeGrowth } from './describeGrowth';

function growthOf(curve: (minutes: number) => number) {
  const samples = Array.from({ length: 31 }, (_, i) => ({ time: i * 60_000, value: curve(i - 30) }));
  return fitGrowth(samples)!;
}

it.each([
  ['a line', (t: number) => 340 * t + 20_000, '+340 a minute'],
  ['a falling line', (t: number) => -3 * t + 20, '−3 a minute'],
  ['what hardly changes', (t: number) => 0.001 * t + 100, 'steady'],
  [
    'a parabola that opens up',
    (t: number) => 12 * t * t + 1200 * t + 40_000,
    '+1,200 a minute, ever faster: 12·t² + 1,200·t + 40,000',
  ],
  ['a parabola that levels off', (t: number) => -2 * t * t + 5 * t + 9800, '+5 a minute, slowing: −2·t² + 5·t + 9,800'],
])('puts %s into words', (_, curve, words) => {
  expect(describeGrowth(growthOf(curve), 30, (value) => Math.round(value).toLocaleString('en'))).toBe(words);
});
