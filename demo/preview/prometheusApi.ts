/** What of Prometheus' HTTP API the preview uses (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export interface InstantVector {
  resultType: 'vector';
  result: Sample[];
}

export interface Sample {
  metric: Record<string, string>;
  /** Seconds since 1970, and a number as text: it may be `NaN` or `+Inf`. */
  value: [time: number, value: string];
}

export interface Matrix {
  resultType: 'matrix';
  result: Array<{ metric: Record<string, string>; values: Array<Sample['value']> }>;
}

export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: 'pending' | 'firing';
  /** RFC 3339. */
  activeAt: string;
}

export type Answer<T> = { status: 'success'; data: T } | { status: 'error'; errorType: string; error: string };

/** @throws Error with a sentence for the person in front of the page. */
export async function queryInstant(expr: string, signal: AbortSignal): Promise<Answer<InstantVector>> {
  return ask<InstantVector>(`api/v1/query?${new URLSearchParams({ query: expr })}`, signal);
}

/**
 * @param start in ms since 1970, as is `end`
 * @param step in ms
 * @throws Error with a sentence for the person in front of the page.
 */
export async function queryRange(expr: string, start: number, end: number, step: number, signal: AbortSignal) {
  const asked = { query: expr, start: start / 1000, end: end / 1000, step: step / 1000 };
  const parameters = Object.entries(asked).map(([name, value]) => [name, String(value)]);
  return ask<Matrix>(`api/v1/query_range?${new URLSearchParams(parameters)}`, signal);
}

/** Pending and firing ones; Prometheus forgets an alert that is over. */
export async function queryAlerts(signal: AbortSignal): Promise<Alert[]> {
  return dataOf(await ask<{ alerts: Alert[] }>('api/v1/alerts', signal)).alerts;
}

/** @throws Error with the reason, in Prometheus' own words where it gave one. */
export function dataOf<T>(answer: Answer<T>): T {
  if (answer.status === 'error') {
    throw new Error(`Prometheus gives no result: ${answer.error}`);
  }
  return answer.data;
}

async function ask<T>(path: string, signal: AbortSignal): Promise<Answer<T>> {
  const response = await fetch(path, { signal }).catch((error: Error) => {
    throw signal.aborted ? error : new Error('The preview is not running any more: start it again with npm start.');
  });
  const answer: Answer<T> | undefined = await response.json().catch(() => undefined);
  if (answer?.status !== 'success' && answer?.status !== 'error') {
    throw new Error(`Prometheus answered with HTTP status ${response.status} and no result.`);
  }
  return answer;
}
