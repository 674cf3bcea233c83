import { colorManipulator, createTheme } from '@grafana/data';
import {
  type GrowthClass,
  growthClass,
  growthColor,
  matchColor,
  packageColor,
  rootColor,
  smallerColor,
  syntheticColor,
} from './color';

const GROWTH: GrowthClass[] = [-3, -2, -1, 0, 1, 2, 3];

it('gives a function the same colour each time, and functions of one package the same', () => {
  expect(packageColor('net/http.(*conn).serve', true)).toBe(packageColor('net/http.(*conn).serve', true));
  expect(packageColor('net/http.(*conn).serve', true)).toBe(packageColor('net/http.(*Server).Serve', true));
});

it('tells the runtime, synthetic frames and one’s own code apart in both themes', () => {
  for (const isDark of [true, false]) {
    const colors = ['main.f', 'runtime.gopark', '(dropped)', 'net/http.Get'].map((name) => packageColor(name, isDark));
    expect(new Set(colors).size).toBe(4);
  }
});

it('gives the modules that are called one’s own the colour of main', () => {
  const hue = (color: string) => Number(/\d+/.exec(color)![0]);
  expect(hue(packageColor('github.com/acme/shop/cart.Add', true, ['github.com/acme/shop']))).toBeLessThanOrEqual(18);
  expect(hue(packageColor('github.com/acme/shop/cart.Add', true))).toBeGreaterThan(18);
});

it('colours by the change itself: where all grew tenfold, all glows', () => {
  const tenfold = [9000, 4500, 900, 90, 9];
  expect(tenfold.map((change) => growthClass(change, 9000))).toEqual([3, 3, 3, 2, 1]);
  expect(tenfold.map((change) => growthClass(-change, 9000))).toEqual([-3, -3, -3, -2, -1]);
  expect(growthClass(0, 9000)).toBe(0);
  expect(growthClass(0, 0)).toBe(0);
});

it.each(['dark', 'light'] as const)(
  'leaves the %s theme’s text readable on every frame, at 4.5:1 (WCAG AA)',
  (mode) => {
    const { colors, isDark } = createTheme({ colors: { mode } });
    const packages = Array.from({ length: 200 }, (_, i) => `p${i}`);
    const names = packages.flatMap((p) => [`main.${p}`, `${p}.F`, `example.com/${p}.F`, `runtime/${p}.f`, `(${p})`]);
    const fills = [
      ...names.map((name) => packageColor(name, isDark)),
      ...GROWTH.map((growth) => growthColor(growth, isDark)),
      ...[matchColor, rootColor, smallerColor, syntheticColor].map((color) => color(isDark)),
    ];
    for (const fill of fills) {
      const contrast = colorManipulator.getContrastRatio(colors.text.maxContrast, colorManipulator.asHexString(fill));
      expect([fill, contrast >= 4.5]).toEqual([fill, true]);
    }
  }
);

/**
 * What people without one kind of cone see, from linear RGB (Machado, Oliveira and Fernandes, "A Physiologically-based
 * Model for Simulation of Color Vision Deficiency", 2009, severity 1.0).
 */
const VISION = {
  'all cones': [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

describe.each(Object.entries(VISION))('seen with %s', (_, matrix) => {
  it.each([true, false])('grown, shrunk and unchanged differ (dark theme: %p)', (isDark) => {
    const seen = (growth: GrowthClass) => {
      const { values } = colorManipulator.decomposeColor(colorManipulator.asHexString(growthColor(growth, isDark)));
      const linear = values.slice(0, 3).map((value: number) => (value / 255) ** 2.2);
      return [0, 3, 6].map((row) => matrix.slice(row, row + 3).reduce((sum, m, i) => sum + m * linear[i], 0));
    };
    const distance = (a: GrowthClass, b: GrowthClass) =>
      Math.hypot(...seen(a).map((value, i) => Math.max(0, value) ** (1 / 2.2) - Math.max(0, seen(b)[i]) ** (1 / 2.2)));
    for (const size of [2, 3] as const) {
      expect(distance(size, -size as GrowthClass)).toBeGreaterThan(0.15);
      expect(distance(size, 0)).toBeGreaterThan(0.07);
      expect(distance(-size as GrowthClass, 0)).toBeGreaterThan(0.07);
    }
  });
});
