import { colorManipulator, createTheme } from '@grafana/data';
import { frameColor, matchColor, rootColor } from './color';

it('gives a function the same colour each time, and functions of one package the same', () => {
  expect(frameColor('net/http.(*conn).serve', true)).toBe(frameColor('net/http.(*conn).serve', true));
  expect(frameColor('net/http.(*conn).serve', true)).toBe(frameColor('net/http.(*Server).Serve', true));
});

it('tells the runtime, synthetic frames and one’s own code apart in both themes', () => {
  for (const isDark of [true, false]) {
    const colors = ['main.f', 'runtime.gopark', '(dropped)', 'net/http.Get'].map((name) => frameColor(name, isDark));
    expect(new Set(colors).size).toBe(4);
  }
});

it.each(['dark', 'light'] as const)(
  'leaves the %s theme’s text readable on every frame, at 4.5:1 (WCAG AA)',
  (mode) => {
    const { colors, isDark } = createTheme({ colors: { mode } });
    const packages = Array.from({ length: 200 }, (_, i) => `p${i}`);
    const names = packages.flatMap((p) => [`main.${p}`, `${p}.F`, `example.com/${p}.F`, `runtime/${p}.f`, `(${p})`]);
    const fills = [...names.map((name) => frameColor(name, isDark)), matchColor(isDark), rootColor(isDark)];
    for (const fill of fills) {
      const contrast = colorManipulator.getContrastRatio(colors.text.maxContrast, colorManipulator.asHexString(fill));
      expect([fill, contrast >= 4.5]).toEqual([fill, true]);
    }
  }
);
