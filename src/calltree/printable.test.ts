import fc from 'fast-check';
import { printable } from './printable';

it.each([
  ['a newline', 'main.a\nb', 'main.a\\nb'],
  ['a terminal escape', 'main.\x1b[31mred', 'main.\\x1b[31mred'],
  ['NUL and DEL', '\0\x7f', '\\x00\\x7f'],
  ['a C1 control', 'main.\x85', 'main.\\u0085'],
  ['line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
  ['an override of the direction', 'main.\u202egnp.exe', 'main.\\u202egnp.exe'],
  ['an isolate', '\u2066x\u2069', '\\u2066x\\u2069'],
  ['direction marks', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
  ['a zero-width space', 'main.a\u200bb', 'main.a\\u200bb'],
  ['a lone surrogate', 'main.\ud83d', 'main.\\ud83d'],
  ['surrogates the wrong way round', '\ude00\ud83d', '\\ude00\\ud83d'],
  ['a tag character, invisible outside the basic plane', '\u{e0041}', '\\U000e0041'],
])('writes %s as Go does', (_, name, shown) => {
  expect(printable(name)).toBe(shown);
});

it.each([
  'net/http.(*conn).serve',
  'gopkg.in/yaml%2ev3.(*Decoder).Decode',
  'main.größe',
  'main.计算',
  'main.שלום',
  'main.😀',
  '<img src=x onerror=alert(1)>',
  '(dropped)',
])('leaves %s as it is', (name) => {
  expect(printable(name)).toBe(name);
});

it('leaves nothing that moves, hides or breaks text, whatever the name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(printable(name)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029]/u);
      expect(printable(printable(name))).toBe(printable(name));
    })
  );
});
