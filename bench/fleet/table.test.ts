import { resultOf, table } from './table';

const load = {
  requests: 1,
  failed: 0,
  queryMs: 10,
  inPageMs: 12,
  sumMs: 10,
  slowestMs: 10,
  decodedBytes: 5000,
  encodedBytes: 5000,
  firstPaintMs: 40,
};
const slow = { ...load, queryMs: 30, firstPaintMs: 60 };

test('results are medians', () => {
  const measured = { page: 'setup', withRules: false, loads: [load, slow, slow], blank: 0, missing: undefined };
  expect(resultOf(measured, 100)).toEqual({
    page: 'setup',
    instances: 100,
    with_rules: false,
    query_ms: 30,
    bytes: 5000,
    first_paint_ms: 60,
  });
});

test('a page that is missing has no figures, and the table says why', () => {
  const measured = { page: 'fleet', withRules: true, loads: [], blank: 0, missing: 'Grafana answers 404' };
  expect(resultOf(measured, 100)).toMatchObject({ query_ms: null, bytes: null, first_paint_ms: null });
  expect(table([measured])).toContain('missing: Grafana answers 404');
});
