import { inlineRecordings, recordingsOf } from '../../src/promql/inlineRecordings';
import type { RecordingRule, RuleFile } from '../../src/promql/prometheusRules';

/**
 * What these look back at, by up to an hour, would be evaluated again for each of their steps if it was inlined: they come
 * after it.
 */
const LATER = ['go_process:memory_growth_bytes_per_second', 'go_process:time_to_oom_seconds'];

/**
 * The recordings of alerts/oom.rules.yml for promtool to make a past of, in two passes, as it evaluates each over the whole
 * past before Prometheus has any of the others: within a pass none reads another.
 */
export function passesOf(file: RuleFile): RuleFile[] {
  const recordings = recordingsOf(file.groups);
  const isLater = (name: string) => LATER.includes(name);
  const pass = (later: boolean): RuleFile => {
    const inlined = new Map([...recordings].filter(([name]) => isLater(name) === later));
    return selected(
      file,
      ({ record }) => isLater(record) === later,
      (expr) => inlineRecordings(expr, inlined)
    );
  };
  return [pass(false), pass(true)];
}

/**
 * Of alerts/calltree.rules.yml what merges a job's trees. The article's metric is nearly as many series as the trees have,
 * and no page reads its past.
 */
export function mergedTrees(file: RuleFile): RuleFile {
  return selected(file, ({ record }) => record.startsWith('job:'));
}

function selected(
  { groups }: RuleFile,
  isWanted: (rule: RecordingRule) => boolean,
  rewritten = (expr: string) => expr
): RuleFile {
  return {
    groups: groups
      .map((group) => ({
        ...group,
        rules: group.rules
          .filter((rule): rule is RecordingRule => 'record' in rule && isWanted(rule))
          .map(({ record, expr }) => ({ record, expr: rewritten(expr) })),
      }))
      .filter(({ rules }) => rules.length > 0),
  };
}
