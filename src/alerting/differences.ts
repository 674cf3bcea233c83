import { dataSourcesOf, INSTALL_ANNOTATION, type ProvisionedRule } from './provisionedRule';

/** What of a rule a person would call one thing; those with a name are several: queries, thresholds, labels, annotations. */
export type RuleField =
  | 'title'
  | 'folder'
  | 'group'
  | 'dataSource'
  | 'query'
  | 'timeRange'
  | 'threshold'
  | 'condition'
  | 'for'
  | 'keepFiringFor'
  | 'missingEvaluations'
  | 'noData'
  | 'error'
  | 'label'
  | 'annotation'
  | 'contactPoint';

export interface Difference {
  field: RuleField;
  /** Of the query, label or annotation. */
  name?: string;
  /** Empty where there is none. */
  installed: string;
  wanted: string;
}

/** What would change of an installed rule. Whether it is paused is the person's own and never a difference. */
export function differencesOf(installed: ProvisionedRule, wanted: ProvisionedRule): Difference[] {
  const [before, after] = [fieldsOf(installed), fieldsOf(wanted)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [field, name] = key.split('\n') as [RuleField, string?];
    const [from, to] = [before.get(key) ?? '', after.get(key) ?? ''];
    return from === to ? [] : [{ field, name, installed: from, wanted: to }];
  });
}

/** Grafana returns more than it was given, such as a query's maxDataPoints: these are what we give it. */
function fieldsOf(rule: ProvisionedRule): Map<string, string> {
  const fields = new Map<string, string>();
  const add = (field: RuleField, value: unknown, name?: string) =>
    fields.set(name === undefined ? field : `${field}\n${name}`, String(value ?? ''));

  add('title', rule.title);
  add('folder', rule.folderUID);
  add('group', rule.ruleGroup);
  add('dataSource', dataSourcesOf(rule).join(', '));
  for (const { refId, model, relativeTimeRange } of rule.data) {
    if (model.type === 'threshold') {
      add('threshold', thresholdOf(model), refId.replace(/_holds$/, ''));
    } else if (typeof model.expression === 'string') {
      add('condition', model.expression, refId);
    } else {
      add('query', model.expr, refId);
      add('timeRange', `${relativeTimeRange?.from} s – ${relativeTimeRange?.to} s`, refId);
    }
  }
  add('for', rule.for);
  add('keepFiringFor', rule.keep_firing_for);
  add('missingEvaluations', rule.missingSeriesEvalsToResolve);
  add('noData', rule.noDataState);
  add('error', rule.execErrState);
  Object.entries(rule.labels ?? {}).forEach(([name, value]) => add('label', value, name));
  Object.entries(rule.annotations ?? {})
    .filter(([name]) => name !== INSTALL_ANNOTATION)
    .forEach(([name, value]) => add('annotation', value, name));
  add('contactPoint', rule.notification_settings?.receiver);
  return fields;
}

const OPERATORS: Record<string, string> = { gt: '>', gte: '≥', lt: '<', lte: '≤' };

function thresholdOf(model: Record<string, unknown>): string {
  const [{ evaluator } = { evaluator: undefined }] = (model.conditions ?? []) as Array<{
    evaluator?: { type: string; params: number[] };
  }>;
  return evaluator ? `${OPERATORS[evaluator.type] ?? evaluator.type} ${evaluator.params[0]}` : '';
}
