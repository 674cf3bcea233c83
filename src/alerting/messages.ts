import { MESSAGE_WORDS, type MessageLanguage, type MessageWords } from './messageWords';

/** Alerts told one by one in a message; the rest are counted. DingTalk refuses messages over 20 kB. */
const MAX_ALERTS = 10;

/** A template's text for each field of a message. */
export interface MessageTemplate {
  /** What both call. */
  defines: string;
  title: string;
  text: string;
}

/** How a chat writes its messages, and what makes a text harmless there. */
interface Markup {
  link(text: string, address: string): string;
  bold(text: string): string;
  /** A value, so that it reads as it is and does nothing. */
  plain(value: string): string;
  /** The same, of a function's name. */
  code(value: string): string;
  newLine: string;
  /** What `plain` and `code` call. */
  defines: string;
}

/** What differs between who executes a template. */
interface Engine {
  /** Grafana's address, without a slash at its end, to which the paths of rules are relative. */
  grafana: string;
  /** Addresses of an alert (the dot) that rules do not know, each a condition and an address; undefined where there is none. */
  silence: { condition?: string; address: string };
  /** An alert's dashboard as its sender knows it, for rules that name none. */
  dashboard?: string;
}

/** Grafana's contact points. `.SilenceURL` and `.DashboardURL` are its own. */
const GRAFANA: Engine = {
  grafana: '{{ $.ExternalURL | reReplaceAll "/$" "" }}',
  silence: { condition: '.SilenceURL', address: '{{ .SilenceURL }}' },
  dashboard: '.DashboardURL',
};

/**
 * Alertmanager, which knows nothing of Grafana: where that is says a template of its own, `gsp.grafana`. Its page of a new
 * silence takes matchers, which it decodes by percent signs alone.
 */
const ALERTMANAGER: Engine = {
  grafana: '{{ template "gsp.grafana" }}',
  silence: {
    address:
      '{{ $.ExternalURL | reReplaceAll "/$" "" }}/#/silences/new?filter=%7B' +
      '{{ range $index, $label := .Labels.SortedPairs }}{{ if $index }}%2C{{ end }}{{ $label.Name }}%3D' +
      '{{ printf "%q" $label.Value | urlquery | reReplaceAll `\\+` "%20" }}{{ end }}%7D',
  },
};

/** Nothing in a text becomes an entity, a mention (`<!channel>`) or a link, or turns the direction of writing. */
const HARMLESS =
  'reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;" | reReplaceAll `\\]\\(` "] (" | ' +
  'reReplaceAll `\\s+` " " | reReplaceAll `[\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}]` ""';

const SLACK: Markup = {
  link: (text, address) => `<${address}|${text}>`,
  bold: (text) => `*${text}*`,
  plain: (value) => `{{ template "gsp.slack.plain" ${value} }}`,
  code: (value) => `\`{{ template "gsp.slack.code" ${value} }}\``,
  newLine: '\n',
  defines:
    `{{ define "gsp.slack.plain" }}{{ . | ${HARMLESS} }}{{ end }}` +
    `{{ define "gsp.slack.code" }}{{ . | reReplaceAll "\`" "'" | ${HARMLESS} }}{{ end }}`,
};

/** Its Markdown has no code; asterisks, as in (*pool).run, would turn what is between two of them into italics. */
const DINGTALK: Markup = {
  link: (text, address) => `[${text}](${address})`,
  bold: (text) => `**${text}**`,
  plain: (value) => `{{ template "gsp.dingtalk.plain" ${value} }}`,
  code: (value) => DINGTALK.plain(value),
  newLine: '\n\n',
  defines: `{{ define "gsp.dingtalk.plain" }}{{ . | ${HARMLESS} | reReplaceAll "([\\\\\\\\*\`~])" "\\\\$1" }}{{ end }}`,
};

export function slackMessage(language: MessageLanguage): MessageTemplate {
  return template(SLACK, GRAFANA, language);
}

/** For Grafana's receiver "dingding", as an action card. */
export function dingtalkMessage(language: MessageLanguage): MessageTemplate {
  return template(DINGTALK, GRAFANA, language);
}

/** For Alertmanager's `slack_configs`; templates of its file define `gsp.grafana` beside it. */
export function alertmanagerSlackMessage(language: MessageLanguage): MessageTemplate {
  return template(SLACK, ALERTMANAGER, language);
}

/**
 * Labels and annotations hold names of functions and processes, which whoever is scraped can choose: each goes through
 * the markup's `plain` or `code`, and addresses are looked at.
 */
function template(markup: Markup, engine: Engine, language: MessageLanguage): MessageTemplate {
  const words = MESSAGE_WORDS[language];
  const { defines } = markup;
  return { defines, title: title(markup, words), text: text(markup, engine, words, language) };
}

/** `[CRITICAL] GoOOMAhead shop 10.0.0.7:8080`, `[FIRING 3] GoOOMAhead shop`. */
function title(markup: Markup, words: MessageWords): string {
  const severity = severityOf('.CommonLabels', words);
  const firing = `{{ if eq (len .Alerts.Firing) 1 }}${severity}{{ else }}${words.firing} {{ len .Alerts.Firing }}{{ end }}`;
  const resolved = `${words.resolved}{{ if gt (len .Alerts.Resolved) 1 }} {{ len .Alerts.Resolved }}{{ end }}`;
  return `[{{ if .Alerts.Firing }}${firing}{{ else }}${resolved}{{ end }}]${subject('.CommonLabels', markup)}`;
}

function severityOf(labels: string, { severities, firing }: MessageWords): string {
  const cases = Object.entries(severities).map(
    ([severity, word], index) => `{{ ${index > 0 ? 'else ' : ''}if eq ${labels}.severity "${severity}" }}${word}`
  );
  return `${cases.join('')}{{ else }}${firing}{{ end }}`;
}

/** Which alert, and of which process: what a set of labels has of it, each after a space. */
function subject(labels: string, { plain }: Markup): string {
  return ['alertname', 'job', 'instance']
    .map((name) => optional(`${labels}.${name}`, ` ${plain(`${labels}.${name}`)}`))
    .join('');
}

/** Absent when the value is. */
function optional(value: string, text: string, otherwise = ''): string {
  return `{{ if ${value} }}${text}${otherwise && `{{ else }}${otherwise}`}{{ end }}`;
}

function text(markup: Markup, engine: Engine, words: MessageWords, language: MessageLanguage): string {
  const alert = alertText(markup, engine, words, language);
  const [before, after] = words.moreAlerts;
  return (
    `{{ range $index, $alert := .Alerts }}{{ if lt $index ${MAX_ALERTS} }}${alert}{{ end }}{{ end }}` +
    `{{ if gt (len .Alerts) ${MAX_ALERTS} }}${before}{{ len .Alerts }}${after}{{ end }}`
  );
}

function alertText(markup: Markup, engine: Engine, words: MessageWords, language: MessageLanguage): string {
  const { newLine, bold, plain } = markup;
  const state = `{{ if eq .Status "resolved" }}${words.resolved}{{ else }}${severityOf('.Labels', words)}{{ end }}`;
  // The title has it, but for several alerts told together.
  const heading = `{{ if gt (len $.Alerts) 1 }}{{ if $index }}${newLine}{{ end }}${bold(`[${state}]${subject('.Labels', markup)}`)}${newLine}{{ end }}`;
  const own = (name: string) =>
    language === 'en'
      ? optional(`.Annotations.${name}`, `${plain(`.Annotations.${name}`)}${newLine}`)
      : `{{ if .Annotations.${name}_${language} }}${plain(`.Annotations.${name}_${language}`)}${newLine}` +
        `{{ else if .Annotations.${name} }}${plain(`.Annotations.${name}`)}${newLine}{{ end }}`;
  const firing = `${own('summary')}{{ if .Annotations.memory }}${facts(markup, words)}{{ else }}${own('description')}{{ end }}`;
  // What it says of an alert that is over is no longer so.
  const time = (value: string) => `{{ ${value}.UTC.Format "2006-01-02 15:04:05" }} UTC`;
  const resolved =
    `${words.since}${words.colon}${time('.StartsAt')}${words.comma}` +
    `${words.ended}${words.colon}${time('.EndsAt')}${newLine}`;
  // Grafana raises these in place of alerts that it cannot evaluate; the annotations say nothing then.
  const [before, after] = words.cannotBeEvaluated;
  const broken =
    `${before}${plain('.Labels.rulename')}${after}${newLine}` +
    optional('.Annotations.Error', `${plain('.Annotations.Error')}${newLine}`);
  return (
    heading +
    `{{ if eq .Status "resolved" }}${resolved}` +
    `{{ else if match "^Datasource(Error|NoData)$" .Labels.alertname }}${broken}` +
    `{{ else }}${firing}{{ end }}` +
    links(markup, engine, words)
  );
}

/** A line for each fact that the rule's annotations have: see docs/alerts.md. */
function facts({ bold, code, newLine, plain }: Markup, words: MessageWords): string {
  const { colon, comma, brackets } = words;
  const line = (name: string, value: string) => `${bold(`${name}${colon.trim()}`)} ${value}${newLine}`;
  const has = (name: string, text: string) => optional(`.Annotations.${name}`, text);
  const value = (name: string) => plain(`.Annotations.${name}`);
  const and = (name: string) => has(name, `${comma}${value(name)}`);
  const inBrackets = (text: string) => brackets.join(text);
  return [
    has('time_left', line(words.timeLeft, `${value('time_left')}${has('ends_at', inBrackets(value('ends_at')))}`)),
    line(
      words.memory,
      `${value('memory')}${has('limit', inBrackets(`${words.limit}${colon}${value('limit')}`))}${and('memory_growth')}`
    ),
    has(
      'goroutines',
      line(
        words.goroutines,
        `${value('goroutines')}${has('stacks', inBrackets(`${words.stacks}${colon}${value('stacks')}`))}${and('goroutine_growth')}`
      )
    ),
    line(
      words.growingFastest,
      optional(
        '.Annotations.function',
        `${code('.Annotations.function')}${has('depth', inBrackets(`${words.depth}${colon}${value('depth')}`))}${and('function_growth')}`,
        words.unknown
      )
    ),
  ].join('');
}

/** Whether an annotation is an address that begins so, and stays one between the brackets of a link. */
function matching(start: string, annotation: string): string {
  return `match \`^${start}[^\\s()<>|"]+$\` .Annotations.${annotation}`;
}

/** Dashboard and flame graph as they were when the alert began: an hour later its process may be gone. */
function links({ link, newLine }: Markup, { grafana, silence, dashboard }: Engine, words: MessageWords): string {
  const then = '&from={{ (.StartsAt.Add -3600000000000).UnixMilli }}&to={{ .StartsAt.UnixMilli }}';
  const ofRule = (annotation: string) => `${grafana}{{ .Annotations.${annotation} }}${then}`;
  const next = (text: string, address: string) => `{{ $between }}${link(text, address)}{{ $between = " · " }}`;
  const silenceLink = next(words.silence, silence.address);
  return [
    '{{ $between := "" }}',
    optional(
      matching('/d/', 'dashboard_url'),
      next(words.dashboard, ofRule('dashboard_url')),
      dashboard && optional(dashboard, next(words.dashboard, `{{ ${dashboard} }}`))
    ),
    optional(matching('/d/', 'flamegraph_url'), next(words.flameGraph, ofRule('flamegraph_url'))),
    optional('ne .Status "resolved"', silence.condition ? optional(silence.condition, silenceLink) : silenceLink),
    optional(matching('https?://', 'runbook_url'), next(words.runbook, '{{ .Annotations.runbook_url }}')),
    newLine,
  ].join('');
}

/**
 * A file of templates of Alertmanager, or a template group of Grafana for contact points of one's own:
 * `gsp.slack.title`, `gsp.slack.text`, and so on.
 */
export function templateFile(messages: Record<string, MessageTemplate>): string {
  return Object.entries(messages)
    .map(
      ([name, { defines, title, text }]) =>
        `${defines.replaceAll('{{ end }}{{ define', '{{ end }}\n{{ define')}\n` +
        `{{ define "gsp.${name}.title" }}${title}{{ end }}\n{{ define "gsp.${name}.text" }}${text}{{ end }}\n`
    )
    .join('');
}
