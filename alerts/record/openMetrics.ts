/** A series as Prometheus' API gives it: https://prometheus.io/docs/prometheus/latest/querying/api/#range-vectors */
export interface Series {
  metric: Record<string, string>;
  values: Array<[unixSeconds: number, value: string]>;
}

/**
 * Series as OpenMetrics text: one line a sample with its time in seconds, a series after the other. Families have no
 * type, as the store that they are from does not keep it.
 */
export function openMetrics(series: Series[]): string {
  const lines = series
    .map(({ metric: { __name__: name, ...labels }, values }) => ({ id: name + labelText(labels), values }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ id, values }) => values.map(([at, value]) => `${id} ${value} ${at}`));
  return [...lines, '# EOF', ''].join('\n');
}

function labelText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}
