/** Names come from labels and are anything: how each language of a snippet writes them. */

const YAML_PLAIN = /^[A-Za-z][\w./-]*(:\d+)?$/;
/** What YAML 1.1 parsers, such as Go's, take for something else than a text. */
const YAML_RESERVED = /^(true|false|yes|no|on|off|null|y|n)$/i;
/** Written as they are they would end a line, vanish, or be refused by YAML. */
const INVISIBLE = /[\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g;

/** A scalar of YAML, in quotes where it has to be. */
export function yamlText(text: string): string {
  return YAML_PLAIN.test(text) && !YAML_RESERVED.test(text) ? text : escaped(text);
}

/** A string literal of Alloy, which are those of Go. */
export const alloyText = escaped;

/** JSON's strings are also double-quoted ones of YAML 1.2, and of Go but for lone surrogates, which no label has. */
function escaped(text: string): string {
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    INVISIBLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
}

/** For `replacement` of a relabelling, where `$1` is a group of the regular expression. */
export function relabelReplacement(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** In a comment, which a line break would end. */
export function commentText(text: string): string {
  return escaped(text).slice(1, -1).replaceAll('\\"', '"');
}

/** A name of a Kubernetes object after any other name (RFC 1123, labels). */
export function objectName(text: string, suffix = ''): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63 - suffix.length)
    .replace(/^-+|-+$/g, '');
  return (name || 'go-program') + suffix;
}

/** The label of an Alloy component, an identifier, after any other name. */
export function alloyLabel(text: string): string {
  return objectName(text)
    .replaceAll('-', '_')
    .replace(/^(?=\d)/, '_');
}

export function indented(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}

/** A regular expression of relabelling that matches the text alone (https://github.com/google/re2/wiki/Syntax). */
export function relabelRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
