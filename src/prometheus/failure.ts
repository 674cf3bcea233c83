import type { DataQueryError } from '@grafana/data';

/**
 * Why there is no answer, as far as the next step differs:
 * - forbidden: the person may not query this data source
 * - missing: it was deleted
 * - unreachable: Grafana gets no answer from it
 * - slow: it gave up, or Grafana did
 * - too long: it is asked by GET, and our longest queries are some hundred kilobytes
 * - refused: it does not understand, or has a limit
 */
export type FailureKind = 'forbidden' | 'missing' | 'unreachable' | 'slow' | 'too long' | 'refused';

export class PrometheusFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string
  ) {
    super(message);
    this.name = 'PrometheusFailure';
  }
}

const UNREACHABLE = /dial tcp|connection refused|no such host|connection reset|bad gateway|service unavailable/i;
const TOO_LONG = /URI too (long|large)|header fields? too large/i;
const SLOW = /timed? ?out|deadline exceeded|context canceled|would load too many samples/i;

/**
 * @param httpStatus of Grafana's own answer
 */
export function failureOf(error: DataQueryError, httpStatus?: number): PrometheusFailure {
  const status = error.status ?? httpStatus;
  const message = error.message ?? error.data?.message ?? `it answered with status ${status}`;
  return new PrometheusFailure(kindOf(message, status, httpStatus), message);
}

function kindOf(message: string, status?: number, httpStatus?: number): FailureKind {
  // What Grafana itself says of the person; a data source's own 403 is inside a result.
  if (httpStatus === 401 || httpStatus === 403) {
    return 'forbidden';
  }
  if (httpStatus === 404 || /data source not found/i.test(message)) {
    return 'missing';
  }
  if (status === 502 || httpStatus === undefined || UNREACHABLE.test(message)) {
    return 'unreachable';
  }
  if (status === 504 || status === 408 || SLOW.test(message)) {
    return 'slow';
  }
  return status === 414 || status === 431 || TOO_LONG.test(message) ? 'too long' : 'refused';
}
