import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { hasSyntaxError } from './condition';

/** A string literal of Go's templates, as the source of a regular expression without groups. */
export const STRING = /"(?:\\.|[^"\\])*"|`[^`]*`/.source;

/** Stands where a template puts a label of the alert; no metric has it in a name or a value. */
const LABEL = '\u0001';

/** Texts that a template has given names to, such as `$process`. */
export type Variables = Map<string, string>;

/**
 * The text of `printf "…" $labels.job $process (printf …)`, labels of the alert left open; undefined for other code.
 */
export function printedText(code: string, variables: Variables): string | undefined {
  const tokens = code.match(new RegExp(`${STRING}|\\$[\\w.]+|\\w+|\\S`, 'g')) ?? [];
  const text = printf(tokens, variables);
  return tokens.length === 0 ? text : undefined;
}

/** Consumes the tokens of a call of printf. */
function printf(tokens: string[], variables: Variables): string | undefined {
  if (tokens.shift() !== 'printf') {
    return undefined;
  }
  const texts: string[] = [];
  while (tokens.length > 0 && tokens[0] !== ')') {
    const text = argument(tokens, variables);
    if (text === undefined) {
      return undefined;
    }
    texts.push(text);
  }
  const [format, ...values] = texts;
  return format === undefined ? undefined : formatted(format, values);
}

function argument(tokens: string[], variables: Variables): string | undefined {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const text = printf(tokens, variables);
    return tokens.shift() === ')' ? text : undefined;
  }
  if (token.startsWith('$labels.')) {
    return LABEL;
  }
  if (token.startsWith('"')) {
    return JSON.parse(token);
  }
  return token.startsWith('`') ? token.slice(1, -1) : variables.get(token);
}

/** Go's Sprintf for texts: %s, %q, %[1]s and %%. */
function formatted(format: string, values: string[]): string {
  let next = 0;
  return format.replace(/%(?:\[(\d+)\])?([sq%])/g, (_, position: string | undefined, verb: string) => {
    if (verb === '%') {
      return '%';
    }
    const index = position ? Number(position) - 1 : next;
    next = index + 1;
    return verb === 'q' ? `"${values[index].replace(/["\\]/g, '\\$&')}"` : values[index];
  });
}

/**
 * The query of one alert as a query for all: without the matchers that pick that alert's series.
 *
 * What the series are then told apart by must still be there, so aggregations and joins have to name the alert's
 * labels: `topk by (job, instance) (1, …)` finds the same as `topk(1, …)` for one alert, but for each of many.
 */
export function forAllAlerts(promql: string): string {
  const root = parser.parse(promql).topNode;
  const shown = promql.replaceAll(LABEL, '…');
  if (hasSyntaxError(root)) {
    throw new Error(`a template queries what is not valid PromQL: ${shown}`);
  }
  let text = '';
  let from = 0;
  root.cursor().iterate((cursor) => {
    const { node } = cursor;
    if (mergesAlerts(node, promql)) {
      throw new Error(
        `a template's query merges the series of different alerts; write by (…) or on (…) with the labels that tell ` +
          `alerts apart, as in topk by (job, instance) (1, …): ${shown}`
      );
    }
    if (node.name === 'LabelMatchers') {
      text += promql.slice(from, node.from) + fixedMatchers(node, promql);
      from = node.to;
    }
  });
  text += promql.slice(from);
  if (text.includes(LABEL)) {
    throw new Error(`a template's query may use the alert's labels as values of matchers only: ${shown}`);
  }
  return text;
}

/** Whether the node makes one series of those of one alert: `sum(…)`, `… and on () …`. */
function mergesAlerts(node: SyntaxNode, promql: string): boolean {
  const merges =
    node.name === 'AggregateExpr'
      ? !node.getChild('AggregateModifier')
      : node.getChild('MatchingModifierClause')?.getChild('On') &&
        !node.getChild('MatchingModifierClause')?.getChild('GroupingLabels')?.getChild('LabelName');
  return Boolean(merges) && promql.slice(node.from, node.to).includes(LABEL);
}

function fixedMatchers(matchers: SyntaxNode, promql: string): string {
  const fixed: string[] = [];
  for (let matcher = matchers.firstChild; matcher; matcher = matcher.nextSibling) {
    const text = promql.slice(matcher.from, matcher.to);
    if (!text.includes(LABEL)) {
      fixed.push(text);
    }
  }
  return fixed.length > 0 ? `{${fixed.join(', ')}}` : '';
}
