import { type Alert, byUrgency, SEVERITIES, urgency } from './alert';
import { escapeAndCut, type Markup, size } from './markup';
import type { Words } from './words';

/** Alerts told one by one in a message; the rest are counted by name. More than these nobody reads in a chat. */
const MAX_TOLD = 10;

/** With its texts, that is: beyond these a message has a line and the links of each. */
const MAX_WITH_TEXTS = 3;

/** Names that the rest is counted by. */
const MAX_NAMES = 10;

/** What is told in one message. */
export interface Told {
  alerts: Alert[];
  /** Those of `alerts` that fired and were resolved before anything could be told. */
  meanwhile: ReadonlySet<Alert>;
  notifications: number;
  truncated: number;
}

export interface Message {
  /** Neither escaped nor with markup. */
  title: string;
  /** In the robot's markup. */
  text: string;
  /** Of the most urgent alert. */
  tone: 'critical' | 'warning' | 'info' | 'resolved';
}

export interface Style {
  words: Words;
  markup: Markup;
  /** Of `text`, in bytes as `size` counts them. */
  limit: number;
  /** IANA name. */
  timeZone: string;
  /** Says only how many there are: for a robot that refused the alerts' own texts. */
  brief?: boolean;
}

/** The most urgent alerts with what is known of them, and the number of all, in at most so many bytes. */
export function compose({ alerts, meanwhile, notifications, truncated }: Told, style: Style): Message {
  const { words, markup, limit, brief } = style;
  const sorted = [...alerts].sort(byUrgency);
  const firing = alerts.filter(({ status }) => status === 'firing');
  const title = titleOf(sorted, style);
  const tail = [
    ...(notifications > 1 ? [words.folded(notifications)] : []),
    ...(truncated > 0 ? [words.truncated(truncated)] : []),
    ...(brief ? [words.brief] : []),
  ];
  const head = [
    markup.bold(escapeAndCut(title, limit / 8, markup.escape)),
    ...(alerts.length > 1 ? [bySeverity(firing, words)] : []),
  ].filter((line) => line !== '');
  const text = (blocks: string[][], left: readonly Alert[]) =>
    [...head, ...blocks.flat(), ...(left.length > 0 ? [moreOf(left, style)] : []), ...tail].join(markup.newLine);

  const blocks: string[][] = [];
  const told = brief ? [] : sorted.slice(0, MAX_TOLD);
  for (const alert of told) {
    const block = blockOf(alert, meanwhile.has(alert), alerts.length, style);
    if (size(text([...blocks, block], sorted.slice(blocks.length + 1))) > limit) {
      break;
    }
    blocks.push(block);
  }
  return { title: cutTitle(title), text: text(blocks, sorted.slice(blocks.length)), tone: toneOf(sorted[0]) };
}

function toneOf(mostUrgent: Alert): Message['tone'] {
  if (mostUrgent.status === 'resolved') {
    return 'resolved';
  }
  return (['critical', 'warning'] as const)[urgency(mostUrgent)] ?? 'info';
}

/** DingTalk shows it in notifications of phones, where some fifty characters are seen. */
function cutTitle(title: string): string {
  return escapeAndCut(title, 256, (text) => text);
}

function titleOf(sorted: readonly Alert[], { words }: Style): string {
  const [first] = sorted;
  const state = `[${first.status === 'resolved' ? words.resolved : words.severity(first.labels.severity ?? '')}]`;
  if (sorted.length === 1) {
    return `${state} ${subjectOf(first)}`;
  }
  const firing = sorted.filter(({ status }) => status === 'firing').length;
  const common = (['alertname', 'job', 'instance'] as const)
    .map((name) => first.labels[name])
    .filter((value, index) => {
      const name = ['alertname', 'job', 'instance'][index];
      return value && sorted.every(({ labels }) => labels[name] === value);
    });
  return [`${state} ${words.counts(firing, sorted.length - firing)}`, ...common].join(' · ');
}

/** Which alert, and of which process. */
function subjectOf({ labels }: Alert): string {
  return [labels.alertname, labels.job, labels.instance].filter(Boolean).join(' · ') || '?';
}

function bySeverity(firing: readonly Alert[], words: Words): string {
  const counts = new Map<string, number>();
  for (const alert of firing) {
    const name = SEVERITIES[urgency(alert)] ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...SEVERITIES, '']
    .filter((name) => counts.has(name))
    .map((name) => `${words.severity(name)} ${counts.get(name)}`)
    .join(' · ');
}

/** A line for each fact that the rule's annotations have; none where it tells nothing but its text. */
function factsOf({ annotations }: Alert, { words, markup, limit }: Style): string[] {
  const value = (name: string) => escapeAndCut(annotations[name] ?? '', limit / 16, markup.escape);
  const line = (word: string, main: string, inBrackets: string, rest: string) => {
    const [open, close] = words.brackets;
    const explained = value(main) + (inBrackets === '' ? '' : open + inBrackets + close);
    const text = [explained, value(rest)].filter((part) => part !== '').join(words.comma);
    return annotations[main] ? [`${word}${words.colon}${text}`] : [];
  };
  const named = (word: string, name: string) => (annotations[name] ? `${word}${words.colon}${value(name)}` : '');
  return [
    ...line(words.timeLeft, 'time_left', value('ends_at'), ''),
    ...line(words.memory, 'memory', named(words.limit, 'limit'), 'memory_growth'),
    ...line(words.goroutines, 'goroutines', named(words.stacks, 'stacks'), 'goroutine_growth'),
    ...line(words.growingFastest, 'function', named(words.depth, 'depth'), 'function_growth'),
  ];
}

function blockOf(alert: Alert, meanwhile: boolean, of: number, style: Style): string[] {
  const { words, markup, limit, timeZone } = style;
  const { annotations, labels, links, status, startsAt, endsAt } = alert;
  const own = (text: string, bytes: number) => escapeAndCut(text, bytes, markup.escape);
  const fact = (name: string, value: string) => `${name}${words.colon}${value}`;
  // A rule may have its texts in several languages: summary, and summary_zh.
  const annotation = (name: string) => annotations[`${name}_${words.language}`] || annotations[name];
  const lines: string[] = [];
  if (of > 1) {
    const state = status === 'resolved' ? words.resolved : words.severity(labels.severity ?? '');
    const subject = own(`[${state}] ${subjectOf(alert)}`, limit / 16);
    lines.push(markup.bold(subject) + (meanwhile ? ` (${words.meanwhile})` : ''));
  } else if (meanwhile) {
    lines.push(words.meanwhile);
  }
  const summary = annotation('summary');
  // What it says of an alert that is over is no longer so, but alone it tells what it was.
  if (summary && (status === 'firing' || of === 1)) {
    lines.push(own(summary, limit / 8));
  }
  if (of <= MAX_WITH_TEXTS || status === 'resolved') {
    if (status === 'firing') {
      const facts = factsOf(alert, style);
      const description = annotation('description');
      // The description has the same in sentences, and in one language.
      lines.push(...facts, ...(description && facts.length === 0 ? [own(description, limit / 4)] : []));
    }
    lines.push(
      [
        fact(words.since, time(startsAt, timeZone)),
        ...(endsAt ? [fact(words.ended, time(endsAt, timeZone))] : []),
      ].join(' · ')
    );
  }
  const picture = links.flameGraph ? 'flameGraph' : 'panel';
  const addresses = (['dashboard', picture, 'silence', 'runbook'] as const).flatMap((name) => {
    const address = links[name];
    // A silence is of no use any more. Half an address leads nowhere: too long a one is left out.
    const useful = address && !(name === 'silence' && status === 'resolved') && size(address) <= limit / 8;
    return useful ? [markup.link(words[name], address)] : [];
  });
  return addresses.length > 0 ? [...lines, addresses.join(' · ')] : lines;
}

/** "And 990 more: GoOOMAhead × 900, GoGoroutineLeak × 90". */
function moreOf(left: readonly Alert[], { words, markup, limit }: Style): string {
  const counts = new Map<string, number>();
  for (const { labels, status } of left) {
    const name = `${labels.alertname ?? '?'}${status === 'resolved' ? ` (${words.resolved})` : ''}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = [...counts].sort(([, a], [, b]) => b - a);
  const shown = names.slice(0, MAX_NAMES);
  const others = names.slice(MAX_NAMES).reduce((sum, [, count]) => sum + count, 0);
  const texts = shown.map(
    ([name, count]) => `${escapeAndCut(name, limit / (8 * MAX_NAMES), markup.escape)} × ${count}`
  );
  return `${words.more(left.length)}${words.colon}${[...texts, ...(others > 0 ? [words.others(others)] : [])].join(', ')}`;
}

/** 2026-11-25 10:42:03 UTC: Sweden writes times as ISO 8601 does. */
function time(rfc3339: string, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'long',
  }).format(new Date(rfc3339));
}
