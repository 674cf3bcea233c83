import { frameColor } from './color';

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
