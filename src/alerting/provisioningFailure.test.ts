import { provisioningFailureOf } from './provisioningFailure';

describe('provisioningFailureOf', () => {
  it.each([
    [{ status: 403, data: { message: 'No' } }, 'forbidden', 'No'],
    [{ status: 409, data: { message: '{"message":"it is used","traceID":""}' } }, 'conflict', 'it is used'],
    [{ status: 400, data: { error: 'bad uid' } }, 'refused', 'bad uid'],
    [{ status: 404 }, 'missing', 'Grafana answered with status 404'],
    [new TypeError('Failed to fetch'), 'unreachable', 'Failed to fetch'],
  ])('reads %j', (thrown, kind, message) => {
    expect(provisioningFailureOf(thrown)).toMatchObject({ kind, message });
  });
});
