import { type FunctionOrigin, originOf, packageOf } from '../../calltree/functionName';

/** Hue ranges in degrees: warm for code that the person can change, cold for the runtime. */
const HUES: Record<FunctionOrigin, [from: number, to: number]> = {
  main: [2, 18],
  module: [22, 40],
  'standard library': [160, 185],
  runtime: [205, 225],
  synthetic: [0, 0],
};

/**
 * The fill of a frame, as CSS: hue by where the function lives, varied by its package, so that neighbours differ and the
 * same package looks the same in every panel. Light enough, or dark enough, for the theme's text on it.
 */
export function frameColor(functionName: string, isDark: boolean): string {
  const origin = originOf(functionName);
  if (origin === 'synthetic') {
    return isDark ? 'hsl(220, 5%, 32%)' : 'hsl(220, 8%, 82%)';
  }
  const [from, to] = HUES[origin];
  const spread = hash(origin === 'main' ? functionName : packageOf(functionName));
  const hue = from + (to - from) * spread;
  return isDark
    ? `hsl(${hue.toFixed(0)}, 55%, ${36 + 6 * spread}%)`
    : `hsl(${hue.toFixed(0)}, 75%, ${74 + 6 * spread}%)`;
}

export function rootColor(isDark: boolean): string {
  return isDark ? 'hsl(220, 10%, 25%)' : 'hsl(220, 12%, 88%)';
}

export function matchColor(isDark: boolean): string {
  return isDark ? 'hsl(300, 60%, 45%)' : 'hsl(300, 75%, 78%)';
}

/** FNV-1a, scaled to 0..1. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return (h % 1000) / 999;
}
