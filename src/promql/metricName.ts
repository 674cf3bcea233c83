import { parser } from '@prometheus-io/lezer-promql';

/** Functions and aggregations whose result has the names of the metrics that it was made of (Prometheus' promql/functions.go). */
const KEEP_NAMES = [
  ...['label_replace', 'label_join', 'last_over_time', 'first_over_time', 'sort', 'sort_desc'],
  ...['topk', 'bottomk', 'limitk', 'limit_ratio'],
];

/**
 * The vector without the label `__name__`, as what Prometheus records of it or alerts on has another or none. Aggregations,
 * arithmetic and most functions drop it; to the others 0 is added.
 */
export function withoutMetricName(vector: string): string {
  const top = parser.parse(vector).topNode.firstChild;
  const operands = top?.getChildren('Expr').length ?? 0;
  const isArithmetic =
    top?.name === 'BinaryExpr' && operands === 2 && OPERATORS.some((operator) => top.getChild(operator));
  const called = top?.getChild('FunctionIdentifier') ?? top?.getChild('AggregateOp');
  const isDropping = called && !KEEP_NAMES.includes(vector.slice(called.from, called.to));
  return isArithmetic || isDropping ? vector : `(${vector}) + 0`;
}

const OPERATORS = ['Add', 'Sub', 'Mul', 'Div', 'Mod', 'Pow'];
