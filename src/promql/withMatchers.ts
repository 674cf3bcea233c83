import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A matcher of a label, such as `namespace="prod"`. */
export interface Matcher {
  label: string;
  operator: '=' | '!=' | '=~' | '!~';
  /** As it is, not yet escaped. */
  value: string;
}

/**
 * Metrics that a Go process exports of itself, and recordings of them: those whose labels are the process's own. Limits by
 * cAdvisor and the like have other labels, and are joined to these.
 */
const OF_PROCESSES = /^(go_|process_|go_process:)/;

export function isOfProcesses(metric: string): boolean {
  return OF_PROCESSES.test(metric);
}

/** Metrics of containers, alone or among others, which are joined to the processes in them by namespace, pod and container. */
export function isOfContainers(metric: string): boolean {
  return /(^|\|)(container_|kube_)/.test(metric);
}

/** What our library says of the process's cgroup has the process's own labels. */
export function isOfCgroup(metric: string): boolean {
  return /^cgroup_\w+$/.test(metric);
}

/**
 * The expression for the processes that the matchers pick, as Prometheus has then fewer to evaluate.
 * @param applies whether a metric has the labels of the matchers
 * @throws Error when the expression is not PromQL
 */
export function withMatchers(
  expr: string,
  matchers: readonly Matcher[],
  applies: (metric: string) => boolean = isOfProcesses
): string {
  if (matchers.length === 0) {
    return expr;
  }
  const added = matchers.map(writtenMatcher).join(', ');
  let text = '';
  let from = 0;
  parser.parse(expr).iterate({
    enter: ({ name, node, type }) => {
      if (type.isError) {
        throw new Error(`not valid PromQL: ${expr}`);
      }
      if (name === 'VectorSelector' && applies(metricOf(node, expr))) {
        const { at, before, after } = placeForMatchers(node);
        text += expr.slice(from, at) + before + added + after;
        from = at;
      }
    },
  });
  return text + expr.slice(from);
}

/** A selector's metric; of one such as `{__name__=~"a|b"}`, the pattern. */
function metricOf(selector: SyntaxNode, expr: string): string {
  const metric = selector.getChild('Identifier');
  return metric
    ? expr.slice(metric.from, metric.to)
    : (/__name__=~?"([^"]*)"/.exec(expr.slice(selector.from, selector.to))?.[1] ?? '');
}

function placeForMatchers(selector: SyntaxNode) {
  const present = selector.getChild('LabelMatchers');
  if (!present) {
    return { at: selector.getChild('Identifier')!.to, before: '{', after: '}' };
  }
  const isEmpty = present.to - present.from === 2;
  return { at: present.from + 1, before: '', after: isEmpty ? '' : ', ' };
}

export function writtenMatcher({ label, operator, value }: Matcher): string {
  return `${label}${operator}${quoted(value)}`;
}

/** A string literal of PromQL. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}

/** What a regular expression has to be to match this text alone (https://github.com/google/re2/wiki/Syntax). */
export function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Matches any of these values. */
export function anyOf(label: string, values: readonly string[]): Matcher {
  return values.length === 1
    ? { label, operator: '=', value: values[0] }
    : { label, operator: '=~', value: values.map(literally).join('|') };
}
