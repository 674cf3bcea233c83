/** Control characters that Go's %q names. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\r', '\\r'],
]);

/**
 * A name as it can be shown: what would be invisible, break the line or turn the text around is written as Go's %q
 * writes it. These are controls (C0, DEL, C1), format characters (the bidirectional ones, zero-width ones), line and
 * paragraph separators, and lone surrogates. Backslashes and quotes stay as they are, unlike with %q.
 *
 * https://pkg.go.dev/strconv#Quote
 */
export function printable(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0)!;
    const hex = (digits: number) => code.toString(16).padStart(digits, '0');
    return NAMED.get(character) ?? (code < 0x80 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`);
  });
}
