import fc from 'fast-check';
import { dingtalkMarkup, escapeAndCut, feishuMarkup, plainMarkup, size, wecomMarkup } from './markup';

const MARKUPS = { dingtalkMarkup, feishuMarkup, wecomMarkup, plainMarkup };
const markups = Object.entries(MARKUPS).map(([name, markup]) => ({ name, ...markup }));
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom('*', '_', '[', ']', '(', ')', '<', '>', '@', '`', '\\', '#', '!', ' ', '\n', 'a', '栈', '👨‍👩‍👧'),
  })
);

it.each(markups)('$name: a text is cut to its bytes, between characters, and has one line', ({ escape }) => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 300 }), (value, bytes) => {
      const cut = escapeAndCut(value, bytes, escape);
      expect(size(cut)).toBeLessThanOrEqual(bytes);
      expect(Buffer.from(cut).toString()).toBe(cut);
      expect(cut).not.toMatch(/[\n\r\u2028\u2029\u202e]/);
    })
  );
});

it('a family is not parted', () => {
  expect(escapeAndCut('👨‍👩‍👧'.repeat(3), 40, (same) => same)).toBe('👨‍👩‍👧👨‍👩‍👧…');
});

it.each([markups[0], markups[1], markups[2]])('$name: nobody’s text makes a link, a mention or a tag', ({ escape }) => {
  fc.assert(
    fc.property(text, (value) => {
      const escaped = escapeAndCut(value, 10_000, escape);
      expect(escaped).not.toMatch(/\]\(|\]\[|<|>/);
    })
  );
});

/** As CommonMark undoes it, and so DingTalk's clients. */
const undo = (escaped: string) =>
  escaped
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\\([\\*`~_#+!-])/g, '$1');

it.each(['main.(*pool).handle[...]', 'net/http.(*conn).serve.func1', 'a.__init__ & b._x', '# no heading', 'x < y > z'])(
  'a name of Go’s reads in DingTalk as it is: %s',
  (name) => {
    expect(undo(escapeAndCut(name, 1_000, dingtalkMarkup.escape))).toBe(name);
  }
);

it('an underscore inside of a word needs no escape', () => {
  expect(dingtalkMarkup.escape('handle_request')).toBe('handle_request');
});
