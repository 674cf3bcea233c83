import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { RobotKind } from './robots';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** How long DingTalk takes nothing from a robot that sent too much. */
const PAUSE = 10 * MINUTE;

export type Weather = 'well' | 'HTTP 500' | 'hangs' | 'resets' | 'busy' | 'no JSON' | 'refuses texts';

export interface StandIn {
  /** Of a robot, with its token. */
  url(kind: RobotKind): string;
  /** What robots took, in order. */
  taken: Array<{ kind: RobotKind; at: number; body: any }>;
  /** Of all requests, taken or not. */
  asked: Array<{ at: number; code: number }>;
  weather: Weather;
  close(): Promise<void>;
}

/** A token as the robots' addresses have them. */
export const TOKEN = 'f00dfeedf00dfeedf00dfeedf00dfeed';

/**
 * What stands in for DingTalk's, Feishu's and WeCom's robots, with their checks and codes: signature and time, keyword,
 * token, twenty a minute (a hundred and five a second of Feishu's), lengths; all said with HTTP 200.
 */
export async function standIn({
  secret,
  keyword = '',
  now = Date.now,
}: {
  secret?: string;
  keyword?: string;
  now?: () => number;
}): Promise<StandIn> {
  const times: Record<RobotKind, number[]> = { dingtalk: [], feishu: [], wecom: [] };
  let pausedUntil = 0;
  const sockets = new Set<Socket>();

  const robots: Record<RobotKind, (url: URL, body: any, bytes: number) => { code: number; text: string }> = {
    dingtalk: (url, body, bytes) => {
      if (url.searchParams.get('access_token') !== TOKEN) {
        return { code: 300005, text: 'token is not exist' };
      }
      if (now() < pausedUntil || !within('dingtalk', 20, MINUTE)) {
        pausedUntil ||= now() + PAUSE;
        return { code: 130101, text: 'send too fast, exceed 20 times per minute' };
      }
      if (secret !== undefined) {
        const timestamp = url.searchParams.get('timestamp') ?? '';
        if (Math.abs(now() - Number(timestamp)) > HOUR) {
          return { code: 310000, text: 'description:invalid timestamp' };
        }
        if (url.searchParams.get('sign') !== hmac(secret, `${timestamp}\n${secret}`)) {
          return { code: 310000, text: 'description:robot sign not match' };
        }
      }
      const { msgtype, markdown } = body;
      if (msgtype !== 'markdown' || !markdown?.title || !markdown.text) {
        return { code: 40035, text: 'param is missing' };
      }
      if (!`${markdown.title} ${markdown.text}`.includes(keyword)) {
        return { code: 310000, text: `keywords not in content, access_token=${TOKEN}` };
      }
      if (self.weather === 'refuses texts' && markdown.text.includes('memory')) {
        return { code: 430102, text: 'unsuitable text' };
      }
      return bytes > 20_000 ? { code: 460101, text: 'message too long' } : { code: 0, text: 'ok' };
    },
    feishu: (url, body, bytes) => {
      if (!url.pathname.endsWith(TOKEN)) {
        return { code: 19001, text: 'param invalid: incoming webhook access token invalid' };
      }
      if (!within('feishu', 100, MINUTE) || !within('feishu', 5, 1000, false)) {
        return { code: 11232, text: 'frequency limited psm' };
      }
      if (secret !== undefined) {
        const { timestamp, sign } = body;
        if (Math.abs(now() - Number(timestamp) * 1000) > HOUR || sign !== hmac(`${timestamp}\n${secret}`, '')) {
          return { code: 19021, text: 'sign match fail or timestamp is not within one hour from current time' };
        }
      }
      if (!JSON.stringify(body).includes(keyword)) {
        return { code: 19024, text: 'Key Words Not Found' };
      }
      const good = body.msg_type === 'interactive' && body.card?.elements?.length > 0 && bytes <= 20_480;
      return good ? { code: 0, text: 'success' } : { code: 9499, text: 'Bad Request' };
    },
    wecom: (url, { msgtype, text, markdown }) => {
      if (url.searchParams.get('key') !== TOKEN) {
        return { code: 93000, text: 'invalid webhook url' };
      }
      if (!within('wecom', 20, MINUTE)) {
        return { code: 45009, text: 'api freq out of limit' };
      }
      const content: unknown = msgtype === 'text' ? text?.content : markdown?.content;
      if (typeof content !== 'string') {
        return { code: 40008, text: 'invalid message type' };
      }
      const limit = msgtype === 'text' ? 2048 : 4096;
      return Buffer.byteLength(content) > limit ? { code: 40058, text: 'too long' } : { code: 0, text: 'ok' };
    },
  };

  /** Whether there were fewer than so many in the time; counts this one. */
  function within(kind: RobotKind, count: number, milliseconds: number, counts = true): boolean {
    const recent = times[kind].filter((at) => at > now() - milliseconds);
    if (counts) {
      times[kind] = [...recent, now()];
    }
    return counts ? recent.length < count : recent.length <= count;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    if (self.weather === 'hangs') {
      self.asked.push({ at: now(), code: -2 });
      return;
    }
    if (self.weather === 'resets') {
      self.asked.push({ at: now(), code: -3 });
      request.socket.resetAndDestroy();
      return;
    }
    if (self.weather === 'HTTP 500' || self.weather === 'no JSON') {
      self.asked.push({ at: now(), code: 500 });
      response.writeHead(self.weather === 'HTTP 500' ? 500 : 200).end('<html>oops</html>');
      return;
    }
    const url = new URL(request.url!, 'http://robots');
    const kind: RobotKind = url.pathname.startsWith('/robot/')
      ? 'dingtalk'
      : url.pathname.startsWith('/open-apis/')
        ? 'feishu'
        : 'wecom';
    const bytes = Buffer.concat(chunks);
    const body = JSON.parse(bytes.toString());
    const { code, text } =
      self.weather === 'busy' ? { code: -1, text: 'system busy' } : robots[kind](url, body, bytes.length);
    self.asked.push({ at: now(), code });
    if (code === 0) {
      self.taken.push({ kind, at: now(), body });
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(kind === 'feishu' ? { code, msg: text } : { errcode: code, errmsg: text }));
  }

  const server = createServer((request, response) => void answer(request, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const root = `http://127.0.0.1:${port}`;
  const self: StandIn = {
    url: (kind) =>
      ({
        dingtalk: `${root}/robot/send?access_token=${TOKEN}`,
        feishu: `${root}/open-apis/bot/v2/hook/${TOKEN}`,
        wecom: `${root}/cgi-bin/webhook/send?key=${TOKEN}`,
      })[kind],
    taken: [],
    asked: [],
    weather: 'well',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        sockets.forEach((socket) => socket.destroy());
      }),
  };
  return self;
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64');
}
