/** @jest-environment node */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { askAgain } from './askAgain';

test('requests are sent again as they were, at most six at the same time', async () => {
  const seen: string[] = [];
  let open = 0;
  let mostOpen = 0;
  const server = createServer(async (request: IncomingMessage, response) => {
    mostOpen = Math.max(mostOpen, ++open);
    const { method, url, headers } = request;
    seen.push([method, url, headers.authorization, headers['content-type'], await text(request)].join(' '));
    setTimeout(() => {
      open--;
      response.end('{}');
    }, 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked = Array.from({ length: 8 }, (_, i) => ({
    url: `${url}/query?${i}`,
    method: 'POST',
    body: `n=${i}`,
    contentType: 'x/y',
  }));
  const ms = await askAgain(
    [...asked, { url: `${url}/values`, method: 'GET', body: null, contentType: undefined }],
    'Basic abc'
  );
  server.close();
  expect(seen.sort()).toEqual([
    'GET /values Basic abc  ',
    ...asked.map((_, i) => `POST /query?${i} Basic abc x/y n=${i}`),
  ]);
  expect(mostOpen).toBe(6);
  expect(ms).toBeGreaterThan(20);
});
