import { type FunctionOrigin, originOf, packageOf } from '../../../calltree/functionName';

interface Shade {
  /** Hue range in degrees: warm for code that the person can change, cold for the runtime. */
  hue: [from: number, to: number];
  /** HSL lightness in the dark theme, in percent; hues differ in how bright they look. White text reads at 4.5:1. */
  darkLightness: number;
}

const SHADES: Record<Exclude<FunctionOrigin, 'synthetic'>, Shade> = {
  own: { hue: [2, 18], darkLightness: 37 },
  'third party': { hue: [22, 40], darkLightness: 31 },
  'standard library': { hue: [160, 185], darkLightness: 25 },
  runtime: { hue: [205, 225], darkLightness: 36 },
};

/**
 * The fill of a frame, as CSS: hue by where the function lives, varied by its package, so that neighbours differ and the
 * same package looks the same in every panel. Light enough, or dark enough, for the theme's text on it.
 */
export function packageColor(functionName: string, isDark: boolean, ownModules: readonly string[] = []): string {
  const origin = originOf(functionName, ownModules);
  if (origin === 'synthetic') {
    return syntheticColor(isDark);
  }
  const {
    hue: [from, to],
    darkLightness,
  } = SHADES[origin];
  const spread = hash(origin === 'own' ? functionName : packageOf(functionName));
  const hue = from + (to - from) * spread;
  return isDark
    ? `hsl(${hue.toFixed(0)}, 55%, ${darkLightness + 3 * spread}%)`
    : `hsl(${hue.toFixed(0)}, 75%, ${74 + 6 * spread}%)`;
}

export function syntheticColor(isDark: boolean): string {
  return isDark ? 'hsl(220, 5%, 32%)' : 'hsl(220, 8%, 82%)';
}

export function rootColor(isDark: boolean): string {
  return isDark ? 'hsl(220, 10%, 25%)' : 'hsl(220, 12%, 88%)';
}

/** Many frames drawn as one. */
export function smallerColor(isDark: boolean): string {
  return isDark ? 'hsl(220, 8%, 20%)' : 'hsl(220, 14%, 93%)';
}

export function matchColor(isDark: boolean): string {
  return isDark ? 'hsl(300, 60%, 45%)' : 'hsl(300, 75%, 78%)';
}

/** -3 (shrank much) … 0 (as it was) … 3 (grew much). */
export type GrowthClass = -3 | -2 | -1 | 0 | 1 | 2 | 3;

/** Shares of the largest change of any frame, from which on a change is of class 1, 2, 3. */
export const GROWTH_STEPS = [0.001, 0.01, 0.1] as const;

/**
 * By the change itself, not by its share of the frame or of all: where everything grew tenfold, everything glows.
 * @param largest the largest change of any frame, up or down
 */
export function growthClass(change: number, largest: number): GrowthClass {
  const size = largest > 0 ? Math.abs(change) / largest : 0;
  const steps = GROWTH_STEPS.filter((step) => size >= step).length;
  return (change < 0 ? -steps || 0 : steps) as GrowthClass;
}

/** Orange grows and blue shrinks, which people with any colour vision tell apart; lightness says how much. */
const GROWTH: Record<'dark' | 'light', Record<GrowthClass, string>> = {
  dark: {
    [-3]: 'hsl(212, 85%, 42%)',
    [-2]: 'hsl(212, 55%, 36%)',
    [-1]: 'hsl(212, 30%, 31%)',
    0: 'hsl(220, 6%, 28%)',
    1: 'hsl(30, 32%, 27%)',
    2: 'hsl(28, 62%, 29%)',
    3: 'hsl(24, 100%, 34%)',
  },
  light: {
    [-3]: 'hsl(210, 90%, 68%)',
    [-2]: 'hsl(210, 80%, 79%)',
    [-1]: 'hsl(210, 60%, 88%)',
    0: 'hsl(220, 8%, 88%)',
    1: 'hsl(36, 75%, 86%)',
    2: 'hsl(33, 95%, 74%)',
    3: 'hsl(28, 100%, 60%)',
  },
};

export function growthColor(growth: GrowthClass, isDark: boolean): string {
  return GROWTH[isDark ? 'dark' : 'light'][growth];
}

/** What marks a frame as new; reads on each of the fills. */
export function newColor(isDark: boolean): string {
  return isDark ? 'hsl(38, 100%, 65%)' : 'hsl(20, 100%, 38%)';
}

/** The stripes of a frame that is gone. */
export function vanishedColor(isDark: boolean): string {
  return isDark ? 'hsl(212, 60%, 55%)' : 'hsl(212, 75%, 45%)';
}

/** FNV-1a, scaled to 0..1. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return (h % 1000) / 999;
}
