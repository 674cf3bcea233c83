import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import sirv from 'sirv';
import { APP_ID, PANEL_ID } from '../../src/constants';

const DIST = path.resolve(__dirname, '../../dist');

/** All that the page asks of Prometheus. */
const PROXIED = new Set(['/api/v1/query', '/api/v1/query_range', '/api/v1/alerts']);
/** Longer than any query of the page takes, shorter than a person waits. */
const PROMETHEUS_TIMEOUT_MS = 10_000;

interface Page {
  /** 0 is any that is free. */
  port: number;
  /** Where `buildPreview` wrote. */
  hostDir: string;
  /** The plugin's build. */
  distDir?: string;
  /** Answers what no file answers; `false` leaves a request to the files. */
  answer?(pathname: string, search: string, response: ServerResponse<IncomingMessage>): boolean;
}

export interface Preview {
  url: string;
  close(): Promise<void>;
}

/** Serves a page and the plugin's build, at the addresses that Grafana gives it, to this machine only. */
export async function servePage({ port, hostDir, distDir = DIST, answer = () => false }: Page): Promise<Preview> {
  // In dev mode it looks at the disk for each request, so that a new build shows without a restart.
  const page = sirv(hostDir, { dev: true });
  const plugins = new Map([
    [`/public/plugins/${PANEL_ID}`, sirv(path.join(distDir, 'panels/goroutine-flamegraph'), { dev: true })],
    [`/public/plugins/${APP_ID}`, sirv(distDir, { dev: true })],
  ]);

  const server = createServer((request, response) => {
    const [pathname, search = ''] = (request.url ?? '/').split('?', 2);
    const notFound = () => respond(response, 404, 'text/plain', 'not found');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return respond(response, 405, 'text/plain', 'only GET');
    }
    if (answer(pathname, search, response)) {
      return;
    }
    for (const [prefix, files] of plugins) {
      if (pathname.startsWith(`${prefix}/`)) {
        request.url = pathname.slice(prefix.length);
        return files(request, response, notFound);
      }
    }
    page(request, response, notFound);
  });

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

interface Options extends Omit<Page, 'answer'> {
  prometheusUrl: string;
  /** Shown where the address names none. */
  job: string;
}

/** Serves the preview over a Prometheus. */
export function startPreview({ prometheusUrl, job, ...page }: Options): Promise<Preview> {
  return servePage({
    ...page,
    answer(pathname, search, response) {
      if (PROXIED.has(pathname)) {
        void proxy(new URL(`${prometheusUrl.replace(/\/$/, '')}${pathname}?${search}`), response);
        return true;
      }
      const asked = new URLSearchParams(search);
      if (pathname === '/' && !asked.has('job')) {
        asked.set('job', job);
        response.writeHead(302, { location: `/?${asked}` }).end();
        return true;
      }
      return false;
    },
  });
}

async function proxy(url: URL, response: ServerResponse<IncomingMessage>) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROMETHEUS_TIMEOUT_MS) });
    respond(response, answer.status, answer.headers.get('content-type') ?? 'text/plain', await answer.text());
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    const reason =
      name === 'TimeoutError' ? `no answer within ${PROMETHEUS_TIMEOUT_MS / 1000} s` : (cause?.code ?? message);
    const answer = { status: 'error', errorType: 'unavailable', error: `no connection to ${url.origin} (${reason})` };
    respond(response, 502, 'application/json', JSON.stringify(answer));
  }
}

function respond(response: ServerResponse<IncomingMessage>, status: number, type: string, body: string) {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
