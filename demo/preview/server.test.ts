import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Preview, startPreview } from './server';

let prometheus: Server;
let hostDir: string;
let preview: Preview;

beforeAll(async () => {
  prometheus = createServer(({ method, url }, response) => response.end(JSON.stringify({ method, url })));
  await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve));
  hostDir = mkdtempSync(path.join(tmpdir(), 'preview-'));
  writeFileSync(path.join(hostDir, 'index.html'), '<title>the page</title>');
  const { port } = prometheus.address() as AddressInfo;
  preview = await startPreview({ port: 0, prometheusUrl: `http://127.0.0.1:${port}/`, job: 'spawn-storm', hostDir });
});

afterAll(async () => {
  await preview.close();
  prometheus.close();
  rmSync(hostDir, { recursive: true });
});

test('the page shows the job that was given, unless the address names one', async () => {
  expect((await get('/?theme=light')).location).toBe('/?theme=light&job=spawn-storm');
  expect(await get('/?job=other')).toMatchObject({ status: 200, body: '<title>the page</title>' });
});

test('queries and alerts are asked of Prometheus', async () => {
  const asked = async (address: string) => JSON.parse((await get(address)).body).url;
  expect(await asked('/api/v1/query?query=up%7Bjob%3D%22a%22%7D')).toBe('/api/v1/query?query=up%7Bjob%3D%22a%22%7D');
  expect(await asked('/api/v1/alerts')).toMatch(/^\/api\/v1\/alerts\??$/);
});

test.each(['/api/v1/status/config', '/api/v1/series?match[]=up', '/api/v1/query/', '//elsewhere/api/v1/query'])(
  'nothing else is: %s',
  async (address) => expect((await get(address)).status).toBe(404)
);

test('nobody writes through it', async () => {
  expect((await get('/api/v1/query?query=up', 'POST')).status).toBe(405);
});

test.each([
  '/../package.json',
  '/%2e%2e/package.json',
  '/public/plugins/stackpressure-goroutines-app/../../../../package.json',
  '/public/plugins/stackpressure-goroutines-app/..%2fpackage.json',
  '/%',
  'http://[',
])('files beside those of the page are not served: %s', async (address) =>
  expect((await get(address)).status).toBe(404)
);

test('where Prometheus is not there, the answer says so as Prometheus itself would', async () => {
  const alone = await startPreview({ port: 0, prometheusUrl: 'http://127.0.0.1:1', job: 'any', hostDir });
  const answer = await fetch(`${alone.url}api/v1/alerts`);
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({
    status: 'error',
    error: expect.stringContaining('no connection to http://127.0.0.1:1'),
  });
  await alone.close();
});

interface Got {
  status?: number;
  location?: string;
  body: string;
}

/** Unlike fetch it sends an address as it is, dots and all. */
function get(address: string, method = 'GET'): Promise<Got> {
  const { hostname, port } = new URL(preview.url);
  return new Promise((resolve, reject) =>
    request({ hostname, port, path: address, method }, async (response) => {
      const chunks = await response.toArray();
      const { location } = response.headers;
      resolve({ status: response.statusCode, location, body: Buffer.concat(chunks).toString() });
    })
      .on('error', reject)
      .end()
  );
}
