import { http, HttpResponse } from 'msw';

export interface AskedQuery {
  refId: string;
  expr: string;
  datasource: { uid: string };
}

interface Row {
  labels: Record<string, string>;
  value: number;
}

/** Answers instant queries as Grafana does for a Prometheus: a table for each refId. */
export function prometheus(answer: (query: AskedQuery) => Row[]) {
  return http.post('*/api/ds/query', async ({ request }) => {
    const { queries } = (await request.json()) as { queries: AskedQuery[] };
    const results = Object.fromEntries(
      queries.map((query) => [query.refId, { status: 200, frames: [tableFrame(query.refId, answer(query))] }])
    );
    return HttpResponse.json({ results });
  });
}

export interface AskedRange extends AskedQuery {
  /** In ms since 1970, as is `to`. */
  from: number;
  to: number;
  stepMs: number;
}

/** Answers range queries as Grafana does for a Prometheus: a frame for each series, with its values at these times. */
export function prometheusRanges(
  answer: (query: AskedRange) => Array<{ labels: Record<string, string>; times: number[] }>
) {
  return http.post('*/api/ds/query', async ({ request }) => {
    const { queries, from, to } = (await request.json()) as {
      queries: Array<AskedQuery & { intervalMs: number }>;
      from: string;
      to: string;
    };
    const results = Object.fromEntries(
      queries.map((query) => {
        const asked = { ...query, from: Number(from), to: Number(to), stepMs: query.intervalMs };
        return [query.refId, { status: 200, frames: answer(asked).map((one) => rangeFrame(query.refId, one)) }];
      })
    );
    return HttpResponse.json({ results });
  });
}

function rangeFrame(refId: string, { labels, times }: { labels: Record<string, string>; times: number[] }) {
  return {
    schema: {
      refId,
      meta: { type: 'timeseries-multi' },
      fields: [
        { name: 'Time', type: 'time' },
        { name: 'Value', type: 'number', labels },
      ],
    },
    data: { values: [times, times.map(() => 1)] },
  };
}

/** The data source's own error, as Grafana hands it on. */
export function failingPrometheus(error: string, status = 400) {
  return http.post('*/api/ds/query', async ({ request }) => {
    const { queries } = (await request.json()) as { queries: AskedQuery[] };
    const results = Object.fromEntries(queries.map(({ refId }) => [refId, { status, error, frames: [] }]));
    return HttpResponse.json({ results }, { status: 400 });
  });
}

/** Grafana itself refuses, as it does a person without the permission to query. */
export function forbiddenPrometheus() {
  return http.post('*/api/ds/query', () =>
    HttpResponse.json({ message: "You'll need additional permissions to perform this action." }, { status: 403 })
  );
}

function tableFrame(refId: string, rows: Row[]) {
  const labels = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))].sort();
  const fields =
    rows.length === 0
      ? []
      : [
          { name: 'Time', type: 'time' },
          ...labels.map((name) => ({ name, type: 'string' })),
          { name: 'Value', type: 'number' },
        ];
  const values =
    rows.length === 0
      ? []
      : [
          rows.map(() => 1_764_000_000_000),
          ...labels.map((label) => rows.map((row) => row.labels[label] ?? '')),
          rows.map(({ value }) => value),
        ];
  return { schema: { refId, meta: { type: 'numeric-multi' }, fields }, data: { values } };
}
