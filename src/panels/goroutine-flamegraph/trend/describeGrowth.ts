import type { Growth } from '../../../calltree/growth';
import { type Format, formatChange } from '../words/describe';
import { roundRate } from '../words/roundRate';

/** A change in the range that is less of the value than this is none. */
const STEADY = 0.005;

/**
 * Growth in words: `steady`, `+340 a minute`, `+1,200 a minute, ever faster: 12·t² + 1,200·t + 9,800`.
 * @param minutes of the time that the curve was fitted to
 */
export function describeGrowth({ shape, a, b, c, perMinute }: Growth, minutes: number, format: Format): string {
  if (shape === 'line' && Math.abs(perMinute * minutes) <= STEADY * Math.abs(c)) {
    return 'steady';
  }
  const rate = `${formatChange(roundRate(perMinute), format)} a minute`;
  if (shape === 'line') {
    return rate;
  }
  const term = (factor: number, power: string) =>
    `${factor < 0 ? '−' : '+'} ${format(Math.abs(roundRate(factor)))}${power}`;
  const curve = [term(a, '·t²'), term(b, '·t'), term(c, '')].join(' ').replace(/^\+ /, '').replace(/^− /, '−');
  return `${rate}, ${a * Math.sign(perMinute) > 0 ? 'ever faster' : 'slowing'}: ${curve}`;
}
