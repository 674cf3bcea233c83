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

/** Reads an alert's expression; throws, with the form that is supported, when it has another. */
export function parseCondition(expr: string): Condition {
  const root = parser.parse(expr).topNode;
  if (hasSyntaxError(root)) {
    throw new Error(`its expression is not valid PromQL: ${expr}`);
  }
  const condition: Condition = { comparisons: [] };
  const joins: string[][] = [];
  const top = root.firstChild;
  if (top) {
    collect(top, expr, condition, joins);
  }
  return { ...condition, ...sameJoin(joins, expr) };
}

/**
 * The vector without the label `__name__`, which Prometheus takes from an alert's labels and Grafana leaves: arithmetic
 * drops it.
 */
export function withoutMetricName(vector: string): string {
  const top = parser.parse(vector).topNode.firstChild;
  const isArithmetic = top?.name === 'BinaryExpr' && !['And', 'Or', 'Unless'].some((name) => top.getChild(name));
  return isArithmetic ? vector : `(${vector}) + 0`;
}

function collect(node: SyntaxNode, expr: string, condition: Condition, joins: string[][]): void {
  const inner = withoutParentheses(node);
  const [left, right] = inner.getChildren('Expr');
  if (inner.name === 'BinaryExpr' && inner.getChild('And')) {
    collect(left, expr, condition, joins);
    joins.push(onLabels(inner, expr));
    collect(right, expr, condition, joins);
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
  condition.comparisons.push({
    vector: textOf(withoutParentheses(left), expr),
    operator: OPERATORS[operator],
    threshold,
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
