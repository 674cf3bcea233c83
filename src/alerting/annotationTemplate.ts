import { forAllAlerts, printedText, STRING, type Variables } from './templateQuery';

/** What a template asks of Prometheus, as a query of the rule. */
export interface TemplateQuery {
  refId: string;
  /** For all alerts at once. */
  promql: string;
  /** The labels of the result that templates read. */
  labels: string[];
}

/** `{{ … }}`, whose strings may hold braces. */
const ACTION = new RegExp(`\\{\\{(-(?=\\s))?\\s*((?:${STRING}|[^\"\`}]|\\}(?!\\}))*?)\\s*((?<=\\s)-)?\\}\\}`, 'g');
const ASSIGNMENT = /^(\$\w+)\s*:=\s*(printf\s[^|]*)$/;
const WITH_QUERY = new RegExp(`^(else\\s+)?with\\s+(printf\\s(?:${STRING}|[^"\`|])*)\\|\\s*query$`);
const READ_LABEL = /\.\s*\|\s*first\s*\|\s*label\s+"(\w+)"/;
const READ_VALUE = /\.\s*\|\s*first\s*\|\s*value\b/;
const STRINGS_AND_CODE = new RegExp(`(${STRING})|[^"\`]+`, 'g');

/**
 * Turns a template of Prometheus into one of Grafana, which knows the same functions but for `query`:
 *
 *     {{ with printf "topk by (job, instance) (1, …{job=%q})" $labels.job | query }}
 *       {{ . | first | label "function" }}, {{ . | first | value }}
 *     {{ else }}…{{ end }}
 *
 * Grafana hands a template the results of the rule's queries instead, so that this query becomes one of them. It has
 * found something for an alert when its result has the alert's label `key`. And `$value`, in Grafana a text when a rule
 * has several queries, becomes the value of the query `valueRefId`.
 *
 * @param key a label that all alerts have
 * @param queries collects what templates query; shared by those of a rule, so that the same text is one query
 */
export function convertTemplate(text: string, valueRefId: string, key: string, queries: TemplateQuery[]): string {
  const variables: Variables = new Map();
  let current: TemplateQuery | undefined;

  const converted = text.replace(ACTION, (_, before = '', code: string, after = '') => {
    const [, variable, printed] = ASSIGNMENT.exec(code) ?? [];
    const value = printed && printedText(printed, variables);
    if (value) {
      variables.set(variable, value);
      return `{{${before} "" ${after}}}`;
    }
    const [, otherwise = '', asked] = WITH_QUERY.exec(code) ?? [];
    const promql = asked && printedText(asked, variables);
    if (promql) {
      current = queryOf(forAllAlerts(promql), queries);
      return `{{${before} ${otherwise}if $values.${current.refId}.Labels.${key} ${after}}}`;
    }
    return `{{${before} ${convertCode(code, valueRefId, current)} ${after}}}`;
  });
  return withoutEmptyActions(converted);
}

function queryOf(promql: string, queries: TemplateQuery[]): TemplateQuery {
  const known = queries.find((query) => query.promql === promql);
  const query = known ?? { refId: `Q${queries.length + 1}`, promql, labels: [] };
  if (!known) {
    queries.push(query);
  }
  return query;
}

function convertCode(code: string, valueRefId: string, query: TemplateQuery | undefined): string {
  let converted = code;
  if (query) {
    converted = converted
      .replace(READ_VALUE, `$values.${query.refId}.Value`)
      .replace(READ_LABEL, (_, label: string) => {
        query.labels = [...new Set([...query.labels, label])];
        return `$values.${query.refId}.Labels.${label}`;
      });
  }
  return converted.replace(STRINGS_AND_CODE, (part, string: string | undefined) => {
    if (string) {
      return string;
    }
    const foreign = /\bquery\b|\$externalURL\b|\$externalLabels\b|\.\s*\|\s*first\b/.exec(part);
    if (foreign) {
      throw new Error(
        `a template has {{ ${code} }}, and Grafana has no ${foreign[0]}; of queries, only ` +
          `{{ with printf "…" $labels.… | query }}{{ . | first | label "…" }}{{ . | first | value }}{{ end }} can be converted`
      );
    }
    return part.replace(/\$value\b|(?<![\w)])\.Value\b/g, `$values.${valueRefId}.Value`);
  });
}

/** What is left of assignments, and the white space that they trim. */
function withoutEmptyActions(text: string): string {
  return text.replace(/(\s*\{\{-|\{\{) "" (-\}\}\s*|\}\})/g, '');
}
