import { failureOf } from './failure';

// Texts of Grafana 12.2.0 and Prometheus 2.42 and 3.
it.each([
  ['forbidden', "You'll need additional permissions to perform this action.", 403, 403],
  ['missing', 'data source not found', 404, 404],
  ['unreachable', 'Post "http://p:9090/api/v1/query": dial tcp 127.0.0.1:9: connect: connection refused', 500, 400],
  ['unreachable', 'Post "http://p:9090/api/v1/query": dial tcp 10.0.0.1:9090: i/o timeout', 500, 400],
  ['unreachable', 'bad gateway', 502, 400],
  ['slow', 'query timed out in expression evaluation', 503, 400],
  ['slow', 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)', 504, 400],
  ['slow', 'query processing would load too many samples into memory in query execution', 422, 400],
  ['too long', '414 Request-URI Too Large', 400, 400],
  ['refused', 'bad_data: invalid parameter "query": unknown function with name "clamp"', 400, 400],
  ['refused', 'many-to-many matching not allowed: matching labels must be unique on one side', 422, 400],
])('takes for %s: %s', (kind, message, status, httpStatus) => {
  expect(failureOf({ message, status }, httpStatus)).toMatchObject({ kind, message });
});

it('takes what a proxy of the data source forbids for its answer, not for a right that the person lacks', () => {
  expect(failureOf({ message: 'tenant has no access', status: 403 }, 400).kind).toBe('refused');
});

it('says the status where there is no message', () => {
  expect(failureOf({ status: 500 }, 500).message).toContain('500');
});
