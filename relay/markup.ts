/** How a robot's messages are written. */
export interface Markup {
  /** Text that others chose, as it must be written so that it reads as it is and does nothing. */
  escape(text: string): string;
  bold(escaped: string): string;
  link(text: string, address: string): string;
  newLine: string;
}

/** Bytes of a text inside of a JSON string, which is what robots count or less. */
export function size(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const ELLIPSIS = '…';

/**
 * Text that others chose, escaped and cut to so many bytes. What a person sees as one character stays whole, and so does
 * what it is escaped as.
 */
export function escapeAndCut(text: string, bytes: number, escape: Markup['escape']): string {
  const line = oneLine(text);
  const whole = escape(line);
  if (size(whole) <= bytes) {
    return whole;
  }
  const room = bytes - size(ELLIPSIS);
  let kept = '';
  // No character takes less than a byte: the rest need not be looked at.
  for (const { segment } of graphemes.segment(line.slice(0, bytes))) {
    if (size(escape(kept + segment)) > room) {
      break;
    }
    kept += segment;
  }
  return room < 0 ? '' : escape(wellFormed(kept)) + ELLIPSIS;
}

/** Without what would begin a paragraph, turn the direction of writing, or be no character at all. */
function oneLine(text: string): string {
  return wellFormed(text)
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();
}

/** Halves of surrogate pairs become U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Links between words of the same characters would be found by their brackets. */
function unlinked(text: string): string {
  return text.replace(/\](?=[([])/g, '] ');
}

/**
 * DingTalk's. Asterisks and backticks of Go's names, as in (*pool).run, would turn what is between two of them into italics and vanish. A
 * backslash before them is Markdown's way; a client that did not know it would show it, and lose nothing.
 */
export const dingtalkMarkup: Markup = {
  escape: (text) =>
    unlinked(text)
      .replace(/[\\*`~]|(?<!\w)_|_(?!\w)|^[#+-](?=[\s#]|$)|!(?=\[)/g, '\\$&')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;'),
  bold: (escaped) => `**${escaped}**`,
  link: (text, address) => `[${text}](${address})`,
  newLine: '\n\n',
};

/** Feishu's, which gives the entities to write
 * (https://open.feishu.cn/document/common-capabilities/message-card/message-cards-content/using-markdown-tags). */
export const feishuMarkup: Markup = {
  escape: (text) => text.replace(/[&<>*_~`[\]\\#$]/g, (character) => `&#${character.charCodeAt(0)};`),
  bold: (escaped) => `**${escaped}**`,
  link: (text, address) => `[${text}](${address})`,
  newLine: '\n',
};

/** WeCom's markdown knows no escapes: what would do something is replaced by what looks like it. */
export const wecomMarkup: Markup = {
  escape: (text) =>
    unlinked(text)
      .replace(/</g, '＜')
      .replace(/>/g, '＞')
      .replace(/`/g, '‘')
      .replace(/\*(?=\*)/g, '*\u200b')
      .replace(/^#/, '＃'),
  bold: (escaped) => `**${escaped}**`,
  link: (text, address) => `[${text}](${address})`,
  newLine: '\n',
};

/** Of messages that know no markup at all. */
export const plainMarkup: Markup = {
  escape: (text) => text,
  bold: (escaped) => escaped,
  link: (text, address) => `${text}: ${address}`,
  newLine: '\n',
};
