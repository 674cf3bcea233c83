import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { hasSyntaxError } from './condition';

/**
 * What a Prometheus template asks of Prometheus while it expands:
 *
 *     {{ with printf "topk by (job, instance) (1, … {job=~%q, instance=%q} …)" $labels.job $labels.instance | query }}
 *       {{ . | first | label "function" }} grew by {{ . | first | value }}
 *     {{ end }}
 *
 * Grafana cannot query there, but hands the results of all queries of the rule to the template. So the same query, for
 * all alerts at once, becomes one of the rule's.
 */
export interface TemplateQuery {
  refId: string;
  /** Without the matchers that `printf` fills from the alert's labels. */
  promql: string;
  /** The labels of the result that the template reads. */
  labels: string[];
}

/** `{{ … }}`, whose strings may hold braces. */
const ACTION = /\{\{(?:"(?:\\.|[^"\\])*"|`[^`]*`|[^"`}]|\}(?!\}))*\}\}/g;
const STRING = /"(?:\\.|[^"\\])*"|`[^`]*`/;
const STRINGS_AND_REST = new RegExp(`${STRING.source}|[^"\`]+`, 'g');
const WITH_QUERY = new RegExp(
  `^(\\{\\{-?\\s*with)\\s+printf\\s+(${STRING.source})((?:\\s+\\$labels\\.\\w+)*)\\s*\\|\\s*query\\s*(-?\\}\\})$`
);
const READ_LABEL = /\.\s*\|\s*first\s*\|\s*label\s+"(\w+)"/;
const READ_VALUE = /\.\s*\|\s*first\s*\|\s*value\b/;

/** Where the arguments of `printf` stood; no name or value of a metric contains it. */
const ARGUMENT = '\u0001';

/**
 * Turns a template of Prometheus into one of Grafana. Both have the same functions but for `query`; Grafana's `$value`
 * is a text when a rule has several queries, and so becomes the value of `valueRefId`.
 *
 * @param queries collects what the template queries; shared by the templates of a rule, so that one text is one query
 */
export function convertTemplate(text: string, valueRefId: string, queries: TemplateQuery[]): string {
  let current: TemplateQuery | undefined;
  return text.replace(ACTION, (action, offset: number) => {
    const opening = WITH_QUERY.exec(action);
    if (opening) {
      const [, head, format, , tail] = opening;
      const label = READ_LABEL.exec(text.slice(offset))?.[1];
      if (!label) {
        throw new Error(`a template queries but reads no label of the result by {{ . | first | label "…" }}: ${text}`);
      }
      current = templateQuery(format, queries);
      // The query has a row for each alert, so that it is the label that says whether there was a result.
      return `${head} ${labelOf(current, label)} ${tail}`;
    }
    let converted = action;
    if (current) {
      const { refId } = current;
      const query = current;
      converted = converted
        .replace(READ_LABEL, (_, label: string) => labelOf(query, label))
        .replace(READ_VALUE, `$values.${refId}.Value`);
    }
    return converted.replace(STRINGS_AND_REST, (part) =>
      STRING.test(part) ? part : withoutPrometheusOnly(part, text).replace(/\$value\b|(?<![\w)])\.Value\b/g, `$values.${valueRefId}.Value`)
    );
  });
}

function labelOf(query: TemplateQuery, label: string): string {
  if (!query.labels.includes(label)) {
    query.labels.push(label);
  }
  return `$values.${query.refId}.Labels.${label}`;
}

function templateQuery(format: string, queries: TemplateQuery[]): TemplateQuery {
  const promql = forAllAlerts(goString(format));
  const known = queries.find((query) => query.promql === promql);
  if (known) {
    return known;
  }
  const query = { refId: `Q${queries.length + 1}`, promql, labels: [] };
  queries.push(query);
  return query;
}

function withoutPrometheusOnly(code: string, text: string): string {
  const foreign = /\bquery\b|\$externalURL\b|\$externalLabels\b/.exec(code);
  if (foreign) {
    throw new Error(
      `a template uses ${foreign[0]}, which Grafana has not; of queries only ` +
        `{{ with printf "…" $labels.… | query }}{{ . | first | label "…" }}{{ end }} can be converted: ${text}`
    );
  }
  return code;
}

/** The value of a string literal of Go's templates. */
function goString(literal: string): string {
  return literal.startsWith('`') ? literal.slice(1, -1) : JSON.parse(literal);
}

/** The query without the matchers that pick the series of one alert. */
function forAllAlerts(format: string): string {
  const promql = format.replace(/%%|%q|%s/g, (verb) => ({ '%%': '%', '%q': `"${ARGUMENT}"` })[verb] ?? ARGUMENT);
  const root = parser.parse(promql).topNode;
  if (hasSyntaxError(root)) {
    throw new Error(`a template queries what is not valid PromQL: ${format}`);
  }
  let text = '';
  let from = 0;
  root.cursor().iterate((node) => {
    if (node.name === 'LabelMatchers') {
      text += promql.slice(from, node.from) + fixedMatchers(node.node, promql);
      from = node.to;
    }
  });
  text += promql.slice(from);
  if (text.includes(ARGUMENT)) {
    throw new Error(`a template's query may use the alert's labels in matchers only: ${format}`);
  }
  return text;
}

function fixedMatchers(matchers: SyntaxNode, promql: string): string {
  const fixed: string[] = [];
  for (let matcher = matchers.firstChild; matcher; matcher = matcher.nextSibling) {
    const text = promql.slice(matcher.from, matcher.to);
    if (!text.includes(ARGUMENT)) {
      fixed.push(text);
    }
  }
  return fixed.length > 0 ? `{${fixed.join(', ')}}` : '';
}
