import { DASHBOARD_PANELS, DASHBOARD_UID } from '../constants';
import { convertTemplate, type TemplateQuery } from './annotationTemplate';
import { parseCondition, type Comparison, type Operator } from './condition';
import { inlineRecordings, type Recordings } from '../promql/inlineRecordings';
import { withoutMetricName } from '../promql/metricName';
import { durationSeconds, isAlertingRule, type AlertingRule, type RuleGroup } from '../promql/prometheusRules';
import type { Matcher } from '../promql/withMatchers';
import { restrict } from './restrict';

export const FOLDER = 'Goroutine Stack Pressure';

/** The picture behind each alert. */
const PANEL_ID = DASHBOARD_PANELS.memory;

/** Grafana evaluates on ticks of ten seconds and refuses intervals between them. */
const BASE_INTERVAL_SECONDS = 10;

/** Grafana's limit for the uid of a rule. */
const MAX_UID_LENGTH = 40;

const UID_PREFIX = 'gsp-';

/** What tells processes apart in the queries of annotations, where a rule does not say it. */
const PROCESS = ['job', 'instance'];

/** A series of each process that has all of its labels. */
const EACH_PROCESS = 'go_goroutines';

/** The data source "Expression" of Grafana itself. */
const EXPRESSION = '__expr__';

const CONDITION = 'condition';

/**
 * For each operator: its name in Grafana's thresholds, and the aggregation that keeps, of several series, the one that
 * passes if any does.
 */
const COMPARISONS: Record<Operator, { threshold: string; mostExtreme: string }> = {
  '>': { threshold: 'gt', mostExtreme: 'max' },
  '>=': { threshold: 'gte', mostExtreme: 'max' },
  '<': { threshold: 'lt', mostExtreme: 'min' },
  '<=': { threshold: 'lte', mostExtreme: 'min' },
};

export interface GrafanaQuery {
  refId: string;
  relativeTimeRange: { from: number; to: number };
  datasourceUid: string;
  model: Record<string, unknown>;
}

/** Whom a rule notifies by itself, and how soon. */
export interface NotificationSettings {
  receiver: string;
  group_wait?: string;
  group_interval?: string;
}

/** Both come off the five minutes that are promised; Grafana's own are 30 s, and 5 min for a process that follows another. */
const SOON = { group_wait: '5s', group_interval: '1m' };

/** A rule in the names of Grafana's file provisioning; texts are as Grafana shall see them, not yet escaped. */
export interface GrafanaRule {
  uid: string;
  title: string;
  condition: string;
  data: GrafanaQuery[];
  for: string;
  keepFiringFor: string;
  missing_series_evals_to_resolve: number;
  noDataState: 'NoData';
  execErrState: 'Error';
  dashboardUid: string;
  panelId: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  notification_settings?: NotificationSettings;
}

export interface GrafanaGroup {
  orgId: number;
  name: string;
  folder: string;
  interval: string;
  rules: GrafanaRule[];
}

export interface GrafanaTarget {
  /** The Prometheus-compatible data source that the rules ask. */
  datasourceUid: string;
  /** The contact point that the rules notify; without it, the organisation's notification policies route them. */
  receiver?: string;
  /** Prometheus' recordings, which Grafana has not: what rules read of them is put in their place. */
  recordings?: Recordings;
  /** Only processes that these pick. */
  matchers?: readonly Matcher[];
}

/** The alerts of a group of Prometheus rules; undefined when it only records. */
export function grafanaGroup(group: RuleGroup, target: GrafanaTarget): GrafanaGroup | undefined {
  const alerts = group.rules.filter(isAlertingRule);
  if (alerts.length === 0) {
    return undefined;
  }
  const seconds = group.interval ? durationSeconds(group.interval) : 0;
  if (!group.interval || seconds === 0 || seconds % BASE_INTERVAL_SECONDS !== 0) {
    throw new Error(
      `group "${group.name}" has the interval ${group.interval ?? '(none)'}; Grafana needs one that is a multiple of ` +
        `${BASE_INTERVAL_SECONDS}s`
    );
  }
  return {
    orgId: 1,
    name: group.name,
    folder: FOLDER,
    interval: group.interval,
    rules: alerts.map((alert) => grafanaRule(alert, seconds, target)),
  };
}

/**
 * A Grafana-managed rule that fires for the same series, at the same time, as the Prometheus rule.
 *
 * Prometheus' expression is a filter: where it does not hold, there is no series. Grafana takes a series that vanishes
 * for a target that vanished, and then neither `keepFiringFor` nor the alert's values work. So each side of the
 * expression becomes an unfiltered query (A, B, …) with a threshold of its own, and a condition that joins them.
 *
 * - `execErrState: Error`: a failing query raises an alert of its own, "DatasourceError", by the same route. With
 *   `OK` nobody would learn that nothing is watched; with `Alerting` each hiccup of Prometheus would be an OOM alert.
 * - `noDataState: NoData`: likewise, "DatasourceNoData". It is a query for the annotations that fails (see `query`), as
 *   no processes are data too, and no alert.
 * - `missing_series_evals_to_resolve`: Prometheus keeps an alert for `keep_firing_for` after its process has gone too.
 */
export function grafanaRule(alert: AlertingRule, intervalSeconds: number, target: GrafanaTarget): GrafanaRule {
  try {
    const inline = (promql: string) => inlineRecordings(promql, target.recordings ?? new Map());
    const { comparisons, on } = parseCondition(alert.expr);
    const sides = comparisons.map((side) => ({ ...side, vector: inline(side.vector) }));
    const keys = on ?? PROCESS;
    const alerts = on ? `(${sides[0].vector})` : EACH_PROCESS;
    const queries: TemplateQuery[] = [];
    const convert = (texts: Record<string, string> = {}) =>
      Object.fromEntries(
        Object.entries(texts).map(([name, text]) => [name, convertTemplate(text, refIdOf(0), keys[0], queries)])
      );
    const labels = convert(alert.labels);
    const annotations = convert(affordable(alert.annotations, target.recordings !== undefined));
    const keepFiringFor = alert.keep_firing_for ?? '0s';

    return {
      uid: uidOf(alert.alert),
      title: alert.alert,
      condition: CONDITION,
      data: [
        ...sides.map((side, index) => query(refIdOf(index), joinedSide(side, index, sides, on), target)),
        ...queries.map((extra) =>
          query(extra.refId, foundForAlerts({ ...extra, promql: inline(extra.promql) }, alerts, keys), target)
        ),
        ...comparisons.map((side, index) => threshold(refIdOf(index), side)),
        allHold(comparisons.map((_, index) => thresholdRefId(refIdOf(index)))),
      ],
      for: alert.for ?? '0s',
      keepFiringFor,
      missing_series_evals_to_resolve: Math.max(1, Math.ceil(durationSeconds(keepFiringFor) / intervalSeconds)),
      noDataState: 'NoData',
      execErrState: 'Error',
      // Grafana links rules by the fields and messages by the annotations.
      dashboardUid: DASHBOARD_UID,
      panelId: PANEL_ID,
      labels,
      annotations: { ...annotations, __dashboardUid__: DASHBOARD_UID, __panelId__: String(PANEL_ID) },
      ...(target.receiver && { notification_settings: { receiver: target.receiver, ...SOON } }),
    };
  } catch (error) {
    throw new Error(`alert "${alert.alert}": ${error instanceof Error ? error.message : error}`);
  }
}

/** Annotations that would evaluate the whole prediction once more, where it is not recorded, for what others say too. */
const OF_RECORDINGS = ['ends_at'];

function affordable(annotations: Record<string, string> = {}, inlined: boolean): Record<string, string> {
  const isAffordable = (name: string) => !inlined || !OF_RECORDINGS.includes(name);
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => isAffordable(name)));
}

/** `GoroutineStackPressure` → `gsp-goroutine-stack-pressure`: the same after rules are moved or reordered. */
export function uidOf(name: string): string {
  const uid = UID_PREFIX + name.replace(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3-$2$4').toLowerCase();
  if (!/^[a-z0-9_-]+$/.test(uid) || uid.length > MAX_UID_LENGTH) {
    throw new Error(
      `its name makes the uid "${uid}", and Grafana takes letters, digits, - and _, at most ${MAX_UID_LENGTH} of them`
    );
  }
  return uid;
}

function refIdOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function thresholdRefId(refId: string): string {
  return `${refId}_holds`;
}

/**
 * A side of a condition so that Grafana pairs its series with those of the others: by the join's labels, which it finds
 * among those of the first side, or by all.
 *
 * Each series of the first side finds a partner: one that never passes (NaN) where this side has none. Otherwise an
 * alert would lose its state when a side is missing for a moment; and Grafana, finding exactly one series on each
 * side, would pair them whatever their labels are. Joined by all labels, each process has a series on each side.
 */
function joinedSide({ vector, operator }: Comparison, index: number, sides: Comparison[], on?: string[]): string {
  if (sides.length === 1 || (on && index === 0)) {
    return withoutMetricName(vector);
  }
  if (!on) {
    return `${withoutMetricName(vector)}\nor ${EACH_PROCESS} * NaN`;
  }
  const { mostExtreme } = COMPARISONS[operator];
  const keys = on.join(', ');
  return `${mostExtreme} by (${keys}) (${vector})\nor on (${keys}) (${sides[0].vector}) * NaN`;
}

/**
 * The result of a template's query so that Grafana pairs it with the alert that it belongs to: with the labels of the join
 * alone, or, where the template reads a label, with all of the alert's besides. At most one row on the join's other side,
 * so that the join cannot fail.
 *
 * @param alerts series with the labels of the alerts
 */
function foundForAlerts({ promql, labels }: TemplateQuery, alerts: string, on: string[]): string {
  const keys = on.join(', ');
  return labels.length === 0
    ? `max by (${keys}) (${promql})`
    : `topk by (${keys}) (1, ${promql})\n* on (${keys}) group_right (${labels.join(', ')}) ${alerts} ^ 0`;
}

/**
 * One query without rows, be it one that the condition does not use, makes Grafana take the whole rule for "no data", and
 * so does one of those that fails. So each has a row always, and "no data" can be told from "nothing to report".
 */
function query(refId: string, expr: string, { datasourceUid, matchers = [] }: GrafanaTarget): GrafanaQuery {
  return {
    refId,
    relativeTimeRange: { from: 600, to: 0 },
    datasourceUid,
    model: {
      refId,
      expr: `${restrict(expr, matchers)}\nor on () vector(NaN)`,
      instant: true,
      range: false,
      editorMode: 'code',
    },
  };
}

/** A threshold and not a comparison in the math expression: it takes NaN as PromQL does, as not passing. */
function threshold(refId: string, { operator, threshold }: Comparison): GrafanaQuery {
  return expression(thresholdRefId(refId), {
    type: 'threshold',
    expression: refId,
    conditions: [{ type: 'query', evaluator: { type: COMPARISONS[operator].threshold, params: [threshold] } }],
  });
}

function allHold(refIds: string[]): GrafanaQuery {
  return expression(CONDITION, { type: 'math', expression: refIds.map((refId) => `$\{${refId}}`).join(' && ') });
}

function expression(refId: string, model: Record<string, unknown>): GrafanaQuery {
  return {
    refId,
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: EXPRESSION,
    model: { refId, datasource: { type: EXPRESSION, uid: EXPRESSION }, ...model },
  };
}
