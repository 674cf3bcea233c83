import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';

export const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Nothing is gained by asking more often than a collector can answer. */
export const MIN_INTERVAL = '15s';

export function range(refId: string, expr: string, legend = '') {
  return new prometheus.DataqueryBuilder().refId(refId).expr(expr).range().legendFormat(legend).datasource(DATA_SOURCE);
}

export function instant(refId: string, expr: string) {
  return new prometheus.DataqueryBuilder()
    .refId(refId)
    .expr(expr)
    .instant()
    .format(prometheus.PromQueryFormat.Table)
    .datasource(DATA_SOURCE);
}

/** A number now, named after its labels. */
export function latest(refId: string, expr: string, legend: string) {
  return instant(refId, expr).format(prometheus.PromQueryFormat.TimeSeries).legendFormat(legend);
}

/** Without a format of legends, Grafana sends each series' whole name besides its labels: a third more for a large tree. */
export function tree(refId: string, expr: string) {
  return instant(refId, expr).legendFormat('__auto');
}

/** A variable's query, in the form that Grafana's variable editor writes. */
export function variableQuery(query: string) {
  return { query, refId: 'PrometheusVariableQueryEditor-VariableQuery' };
}
