import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime';
import { from, lastValueFrom } from 'rxjs';

/**
 * Grafana's HTTP client over the real `fetch`, which msw answers: what pages send and receive is HTTP, as in a browser. Fails
 * as Grafana's does, with a plain object of `status` and `data`.
 */
export const httpBackendSrv = {
  fetch: (request: BackendSrvRequest) => from(send(request)),
  get: (url: string, params?: Record<string, string>) => dataOf({ url, method: 'GET', params }),
  post: (url: string, data?: unknown, options?: Partial<BackendSrvRequest>) =>
    dataOf({ ...options, url, method: 'POST', data }),
  put: (url: string, data?: unknown, options?: Partial<BackendSrvRequest>) =>
    dataOf({ ...options, url, method: 'PUT', data }),
  delete: (url: string, data?: unknown, options?: Partial<BackendSrvRequest>) =>
    dataOf({ ...options, url, method: 'DELETE', data }),
} as unknown as BackendSrv;

async function dataOf(request: BackendSrvRequest): Promise<unknown> {
  const { data } = await lastValueFrom(from(send(request)));
  return data;
}

async function send({ url, method = 'GET', data, params, headers, abortSignal }: BackendSrvRequest) {
  const query = params ? `?${new URLSearchParams(params)}` : '';
  const response = await fetch(new URL(url + query, window.location.origin), {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: data === undefined ? undefined : JSON.stringify(data),
    signal: abortSignal,
  });
  const text = await response.text();
  const answer = { status: response.status, ok: response.ok, data: parsed(text) } as FetchResponse;
  if (!response.ok) {
    throw answer;
  }
  return answer;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
