import { isToPrometheus, inPage } from './timings';

const QUERY = 'http://127.0.0.1:3000/api/ds/query?ds_type=prometheus&requestId=Q100';
const VALUES = 'http://127.0.0.1:3000/api/datasources/uid/prometheus/resources/api/v1/label/job/values?start=1';

function timing(name: string, startTime: number, responseEnd: number) {
  return { name, startTime, responseEnd, encodedBodySize: 10, decodedBodySize: 100, responseStatus: 200 };
}

test.each([
  [true, QUERY],
  [true, 'http://127.0.0.1:3000/grafana/api/ds/query'],
  [true, VALUES],
  [false, 'http://127.0.0.1:3000/api/datasources/uid/prometheus'],
  [false, 'http://127.0.0.1:3000/api/dashboards/uid/goroutine-stack-pressure'],
])('it is %s that Prometheus has to answer %s', (expected, url) => {
  expect(isToPrometheus(url)).toBe(expected);
});

test('a load’s requests last from the first request to Prometheus to the end of the last, with what lies between', () => {
  const load = inPage(
    [timing(VALUES, 500, 600), timing(QUERY, 700, 1500), timing(QUERY, 900, 1200), timing('/api/search', 0, 9000)],
    1600
  );
  expect(load).toEqual({
    requests: 3,
    failed: 0,
    inPageMs: 1000,
    sumMs: 1200,
    slowestMs: 800,
    decodedBytes: 300,
    encodedBytes: 30,
    firstPaintMs: 1600,
  });
});

test('requests that failed are told apart', () => {
  const load = inPage([timing(QUERY, 0, 1), { ...timing(QUERY, 0, 1), responseStatus: 504 }], 2);
  expect(load).toMatchObject({ requests: 2, failed: 1 });
});

test('a page that asks nothing has taken no time for it', () => {
  expect(inPage([], undefined)).toMatchObject({ requests: 0, inPageMs: 0, slowestMs: 0, decodedBytes: 0 });
});
