import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** Comparison operators of PromQL by the name of their syntax node. */
const OPERATORS = { Gtr: '>', Gte: '>=', Lss: '<', Lte: '<=' } as const;

export type Operator = (typeof OPERATORS)[keyof typeof OPERATORS];

/** `vector operator threshold`: the vector is not filtered, its value says how far it is from the threshold. */
export interface Comparison {
  vector: string;
  operator: Operator;
  threshold: number;
}

/**
 * Comparisons that must all hold for series that agree in the labels `on`, or in all labels where there is none; the alert
 * has the labels of the first.
 */
export interface Condition {
  comparisons: Comparison[];
  on?: string[];
}

const SUPPORTED =
  'write it as (<vector>) > <number> and (<vector>) > <number> …, with no "on (<labels>)" after each and, or with the ' +
  'same, any of > >= < <=, and parentheses around each vector that is an operation';

/** A comparison, and where in the expression its number is. */
interface Found {
  comparison: Comparison;
  number: { from: number; to: number };
}

/** Reads an alert's expression; throws, with the form that is supported, when it has another. */
export function parseCondition(expr: string): Condition {
  const joins: string[][] = [];
  const comparisons = found(expr, joins).map(({ comparison }) => comparison);
  return { comparisons, ...sameJoin(joins, expr) };
}

/**
 * The expression with other numbers to compare with, by the comparison's place in the chain; its layout stays.
 * @throws Error where the expression has another form, or fewer comparisons
 */
export function withThresholds(expr: string, thresholds: ReadonlyMap<number, number>): string {
  const comparisons = found(expr, []);
  let text = expr;
  for (const [index, threshold] of [...thresholds].sort(([a], [b]) => b - a)) {
    if (!comparisons[index]) {
      throw new Error(`its expression has ${comparisons.length} comparisons, and none at place ${index}: ${expr}`);
    }
    const { from, to } = comparisons[index].number;
    text = text.slice(0, from) + String(threshold) + text.slice(to);
  }
  return text;
}

function found(expr: string, joins: string[][]): Found[] {
  const root = parser.parse(expr).topNode;
  if (hasSyntaxError(root)) {
    throw new Error(`its expression is not valid PromQL: ${expr}`);
  }
  const comparisons: Found[] = [];
  if (root.firstChild) {
    collect(root.firstChild, expr, comparisons, joins);
  }
  return comparisons;
}

function collect(node: SyntaxNode, expr: string, comparisons: Found[], joins: string[][]): void {
  const inner = withoutParentheses(node);
  const [left, right] = inner.getChildren('Expr');
  if (inner.name === 'BinaryExpr' && inner.getChild('And')) {
    collect(left, expr, comparisons, joins);
    joins.push(onLabels(inner, expr));
    collect(right, expr, comparisons, joins);
    return;
  }
  const operator = inner.name === 'BinaryExpr' && inner.firstChild?.nextSibling?.name;
  if (!isOperator(operator) || inner.getChildren('Expr').length !== 2 || inner.getChild('BoolModifier')) {
    throw unsupported(inner, expr);
  }
  const threshold = Number(textOf(right, expr).replace(/\s/g, ''));
  if (!Number.isFinite(threshold) || !isSimpleVector(left)) {
    throw unsupported(inner, expr);
  }
  comparisons.push({
    comparison: { vector: textOf(withoutParentheses(left), expr), operator: OPERATORS[operator], threshold },
    number: { from: right.from, to: right.to },
  });
}

/**
 * A vector that cannot swallow its neighbours. The grammar lets a trailing `offset 5m` or `@ end()` reach over the
 * whole chain before it (`a > 1 and on (job) b offset 5m > 2`), where Prometheus takes it for `b` alone: hence
 * parentheses around operations.
 */
function isSimpleVector(node: SyntaxNode): boolean {
  switch (node.name) {
    case 'ParenExpr':
    case 'VectorSelector':
    case 'FunctionCall':
    case 'AggregateExpr':
      return true;
    case 'OffsetExpr':
    case 'StepInvariantExpr':
      return node.firstChild !== null && isSimpleVector(node.firstChild);
    default:
      return false;
  }
}

/** None for an `and` by all labels. */
function onLabels(and: SyntaxNode, expr: string): string[] {
  const matching = and.getChild('MatchingModifierClause');
  if (!matching) {
    return [];
  }
  const labels = matching.getChild('On') && matching.getChild('GroupingLabels')?.getChildren('LabelName');
  if (!labels || labels.length === 0) {
    throw unsupported(and, expr);
  }
  return labels.map((label) => textOf(label, expr));
}

function sameJoin(joins: string[][], expr: string): Pick<Condition, 'on'> {
  const [first = [], ...others] = joins;
  const other = others.find((labels) => [...labels].sort().join() !== [...first].sort().join());
  if (other) {
    const said = (labels: string[]) => (labels.length > 0 ? `on (${labels.join(', ')})` : 'on all labels');
    throw new Error(`its expression joins ${said(first)} and ${said(other)}; ${SUPPORTED}`);
  }
  return first.length > 0 ? { on: first } : {};
}

function withoutParentheses(node: SyntaxNode): SyntaxNode {
  const inner = node.name === 'ParenExpr' ? node.getChild('Expr') : null;
  return inner ? withoutParentheses(inner) : node;
}

function isOperator(name: string | false | undefined): name is keyof typeof OPERATORS {
  return typeof name === 'string' && name in OPERATORS;
}

export function hasSyntaxError(node: SyntaxNode): boolean {
  let found = false;
  node.cursor().iterate((child) => {
    found ||= child.type.isError;
  });
  return found;
}

/** The node's source without its comments: in one line, a comment would end the query that the text is put into. */
function textOf(node: SyntaxNode, expr: string): string {
  let text = '';
  let from = node.from;
  node.cursor().iterate((child) => {
    if (child.name === 'LineComment') {
      text += expr.slice(from, child.from);
      from = child.to;
    }
  });
  return (text + expr.slice(from, node.to)).trim();
}

function unsupported(node: SyntaxNode, expr: string): Error {
  return new Error(`its expression has "${textOf(node, expr)}"; ${SUPPORTED}`);
}
