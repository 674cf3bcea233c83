import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';

let robots: ChildProcess;
let url: string;

beforeAll(async () => {
  robots = spawn(process.execPath, [path.join(__dirname, 'robots.mjs')], {
    env: { ...process.env, ROBOTS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(robots.stdout!, 'data');
  url = /http:\S+/.exec(String(line))![0];
});

afterAll(() => robots.kill());

const post = (robot: string, body: string) => fetch(`${url}${robot}`, { method: 'POST', body });
const page = async () => (await fetch(url)).text();

test('each robot gets the answer that its service gives', async () => {
  expect(await (await post('slack', '{}')).text()).toBe('ok');
  expect(await (await post('dingtalk', '{}')).json()).toEqual({ errcode: 0, errmsg: 'ok' });
});

test('what a person would read is shown, of both', async () => {
  await post('slack', JSON.stringify({ attachments: [{ title: 'a title', text: 'a slack text' }] }));
  await post('dingtalk', JSON.stringify({ msgtype: 'actionCard', actionCard: { title: 'a title', text: 'a card' } }));
  expect(await page()).toContain('<h3>a title</h3><p>a slack text</p>');
  expect(await page()).toContain('<h3>a title</h3><p>a card</p>');
});

test('names of functions do not become HTML', async () => {
  await post('slack', JSON.stringify({ attachments: [{ title: '<script>', text: '<img src=x onerror="alert()">' }] }));
  expect(await page()).not.toMatch(/<script|<img/);
});

test.each(['not JSON <b>', 'null', '[]', '{"attachments":[null]}', '{"attachments":5}', '{"attachments":{}}'])(
  'a body that is none of its service’s is shown as it is: %s',
  async (body) => {
    await post('slack', body);
    const [{ robot, body: kept }] = await (await fetch(`${url}messages`)).json();
    expect({ robot, kept }).toEqual({ robot: 'slack', kept: body });
    expect((await fetch(url)).status).toBe(200);
  }
);

test('the last hundred are kept', async () => {
  for (let i = 0; i < 101; i++) {
    await post('slack', String(i));
  }
  const kept: Array<{ body: string }> = await (await fetch(`${url}messages`)).json();
  expect(kept).toHaveLength(100);
  expect(kept[0].body).toBe('100');
});

test('a sender that goes away in the middle of its message is no harm', async () => {
  const { port } = new URL(url);
  const sender = connect(Number(port), '127.0.0.1');
  sender.write('POST /slack HTTP/1.1\r\nHost: robots\r\nContent-Length: 100\r\n\r\nbegins');
  await new Promise((resolve) => setTimeout(resolve, 100));
  sender.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await (await post('slack', '{}')).text()).toBe('ok');
});

test('a body without end is refused', async () => {
  expect((await post('slack', 'x'.repeat(2 << 20))).status).toBe(413);
});
