/** Of the browser's resource timing of one request: times in ms since the navigation, sizes in bytes. */
export interface RequestTiming {
  /** Its URL. */
  name: string;
  startTime: number;
  responseEnd: number;
  encodedBodySize: number;
  decodedBodySize: number;
  /** Of HTTP. */
  responseStatus: number;
}

/** One load of a page: times in ms, sizes in bytes. */
export interface PageLoad extends InPage {
  /** To answer all of its requests once more, while no browser draws. */
  queryMs: number;
}

/** What the browser tells of a load. */
export interface InPage {
  requests: number;
  /** Those that Grafana answered with an error, such as for a query that took longer than it waits. */
  failed: number;
  /** From the start of the first request to Prometheus to the end of the last, in the browser. */
  inPageMs: number;
  /** Of the times of all of them. */
  sumMs: number;
  slowestMs: number;
  decodedBytes: number;
  /** As they came over the network, compressed or not. */
  encodedBytes: number;
  /** From the navigation to the first content from Prometheus; `undefined` where none appeared. */
  firstPaintMs: number | undefined;
}

/** Queries, and what variables ask for: all that Grafana passes on to the data source. */
const TO_PROMETHEUS = /\/api\/ds\/query(\?|$)|\/api\/datasources\/(uid\/)?[^/]+\/resources\//;

export function isToPrometheus(url: string): boolean {
  return TO_PROMETHEUS.test(url);
}

/** @returns zeros for a page that asked nothing */
export function inPage(timings: readonly RequestTiming[], firstPaintMs: number | undefined): InPage {
  const requests = timings.filter(({ name }) => isToPrometheus(name));
  const sum = (of: (request: RequestTiming) => number) => requests.reduce((all, request) => all + of(request), 0);
  const durations = requests.map(({ startTime, responseEnd }) => responseEnd - startTime);
  const start = Math.min(...requests.map(({ startTime }) => startTime));
  const end = Math.max(...requests.map(({ responseEnd }) => responseEnd));
  return {
    requests: requests.length,
    failed: requests.filter(({ responseStatus }) => responseStatus >= 400).length,
    inPageMs: requests.length > 0 ? end - start : 0,
    sumMs: sum(({ startTime, responseEnd }) => responseEnd - startTime),
    slowestMs: Math.max(0, ...durations),
    decodedBytes: sum(({ decodedBodySize }) => decodedBodySize),
    encodedBytes: sum(({ encodedBodySize }) => encodedBodySize),
    firstPaintMs,
  };
}
