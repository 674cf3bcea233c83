import { parser } from '@prometheus-io/lezer-promql';
import { withoutMetricName } from './metricName';
import { durationSeconds, type RecordingRule } from './prometheusRules';

/** Recordings by name, each with the interval in seconds at which it is evaluated. */
export type Recordings = Map<string, { expr: string; intervalSeconds: number }>;

export function recordingsOf(groups: Array<{ interval?: string; rules: object[] }>): Recordings {
  return new Map(
    groups.flatMap(({ interval = '1m', rules }) =>
      rules
        .filter((rule): rule is RecordingRule => 'record' in rule)
        .map(({ record, expr }) => [record, { expr, intervalSeconds: durationSeconds(interval) }] as const)
    )
  );
}

/** Of a subquery: each step evaluates all of the recording's expression. */
const MAX_STEPS = 15;

/** What may follow a series' name: a range, an offset, or both. */
const MODIFIERS = /^(?:\s*\[\s*(\w+)\s*\])?(?:\s*offset\s+(\w+))?/;

/**
 * An expression that reads no recording: each is replaced by its own expression, recursively. What it was a range of becomes
 * a subquery in steps of the recording's interval, or a fifteenth of a long range; what it was an offset of, the subquery's one step then. Both take
 * the values that the recording would have, to within one interval. As what is recorded has no other metric's name, an
 * expression has none: a range would otherwise hold a process twice, under the names of what its value was taken from.
 *
 * @throws Error where a recording is read with matchers, as an expression has none.
 */
export function inlineRecordings(expr: string, recordings: Recordings): string {
  let text = '';
  let from = 0;
  for (const { name, start, end } of selectors(expr)) {
    const recording = recordings.get(name);
    if (!recording) {
      continue;
    }
    if (expr.slice(start, end).trim() !== name) {
      throw new Error(`"${expr.slice(start, end)}" picks series of a recording; write ${name} without matchers`);
    }
    const [modifiers, range, offset] = MODIFIERS.exec(expr.slice(end))!;
    const inner = withoutMetricName(inlineRecordings(oneLine(recording.expr), recordings));
    text += expr.slice(from, start) + reading(inner, recording.intervalSeconds, range, offset);
    from = end + modifiers.length;
  }
  return text + expr.slice(from);
}

/** Without the indentation, of which nested expressions would be full. */
function oneLine(expr: string): string {
  return expr.trim().replace(/\s*\n\s*/g, ' ');
}

function reading(expr: string, step: number, range?: string, offset?: string): string {
  const shift = offset ? ` offset ${offset}` : '';
  if (range) {
    const coarse = Math.max(step, Math.round(durationSeconds(range) / MAX_STEPS));
    return `(${expr})[${range}:${coarse}s]${shift}`;
  }
  return offset ? `last_over_time((${expr})[${step}s:${step}s]${shift})` : `(${expr})`;
}

function selectors(expr: string): Array<{ name: string; start: number; end: number }> {
  const found: Array<{ name: string; start: number; end: number }> = [];
  parser.parse(expr).iterate({
    enter: ({ name, node, from, to }) => {
      const identifier = name === 'VectorSelector' ? node.getChild('Identifier') : null;
      if (identifier) {
        found.push({ name: expr.slice(identifier.from, identifier.to), start: from, end: to });
      }
    },
  });
  return found;
}
