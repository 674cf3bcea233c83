import { type FunctionOrigin, originOf, packageOf } from '../../calltree/functionName';

interface Shade {
  /** Hue range in degrees: warm for code that the person can change, cold for the runtime. */
  hue: [from: number, to: number];
  /** HSL lightness in the dark theme, in percent; hues differ in how bright they look. White text reads at 4.5:1. */
  darkLightness: number;
}

const SHADES: Record<Exclude<FunctionOrigin, 'synthetic'>, Shade> = {
  main: { hue: [2, 18], darkLightness: 37 },
  module: { hue: [22, 40], darkLightness: 31 },
  'standard library': { hue: [160, 185], darkLightness: 25 },
  runtime: { hue: [205, 225], darkLightness: 36 },
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
  const {
    hue: [from, to],
    darkLightness,
  } = SHADES[origin];
  const spread = hash(origin === 'main' ? functionName : packageOf(functionName));
  const hue = from + (to - from) * spread;
  return isDark
    ? `hsl(${hue.toFixed(0)}, 55%, ${darkLightness + 3 * spread}%)`
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
