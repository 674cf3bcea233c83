import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clock as fastClock } from './clock';
import type { Config, Target } from './config';
import { type Relay, startRelay } from './relay';
import { Secret } from './secret';
import { type StandIn, standIn, TOKEN, type Weather } from './standIn';

const ROBOT_SECRET = 'SECd1ngt4lks3cr3tfortests';
const BEARER = 'bearer-token-of-the-tests';
const PASSWORD = 'password-of-the-tests';

/** Faster than the machine's: pauses of seconds take milliseconds. */
const SPEED = 20;

let folder: string;
let robots: StandIn;
let relay: Relay;
let logged: string;
let clock: ReturnType<typeof fastClock>;
let config: Config;

const target = (change: Partial<Target>): Target => ({
  name: 'oncall',
  kind: 'dingtalk',
  url: new Secret(robots.url(change.kind ?? 'dingtalk')),
  secret: change.kind === 'wecom' ? undefined : new Secret(ROBOT_SECRET),
  mentions: { mobiles: [], userIds: [], all: false },
  language: 'en',
  timeZone: 'UTC',
  perMinute: 18,
  burst: 9,
  ...change,
});

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'relay-'));
  clock = fastClock(SPEED);
  robots = await standIn({ secret: ROBOT_SECRET, now: clock.now });
  logged = '';
  config = {
    host: '127.0.0.1',
    port: 0,
    journal: path.join(folder, 'journal'),
    maxBody: 64 * 1024,
    maxQueue: 1 << 20,
    wait: 10_000,
    robotTimeout: 10_000,
    keep: 3_600_000,
    repeat: 600_000,
    senders: [
      { name: 'grafana', credential: { bearer: new Secret(BEARER) }, late: 503 },
      { name: 'am', credential: { user: 'am', password: new Secret(PASSWORD) }, late: 202, targets: ['oncall'] },
    ],
    targets: [target({}), target({ name: 'feishu', kind: 'feishu' }), target({ name: 'wecom', kind: 'wecom' })],
  };
});
afterEach(async () => {
  await relay?.stop();
  await robots.close();
  rmSync(folder, { recursive: true });
});

const start = async (change: Partial<Config> = {}) => {
  config = { ...config, ...change };
  relay = await startRelay(config, { clock, output: { write: (line) => void (logged += line) } });
};
const webhook = (name: string) => readFileSync(path.join(__dirname, 'testdata', `${name}.json`), 'utf8');
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const post = (place: string, body: string, authorization = `Bearer ${BEARER}`) =>
  fetch(`${relay.url}/${place}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
  });
const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${relay.url}/metrics`)).text();
  const line = text.split('\n').find((line) => line.startsWith(`${name} `));
  return Number(line?.slice(name.length));
};
async function until(condition: () => boolean | Promise<boolean>) {
  for (const end = Date.now() + 4_000; Date.now() < end;) {
    if (await condition()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it did not happen; the log:\n${logged}`);
}
const codes = () => robots.asked.map(({ code }) => code);

it.each(['oncall', 'feishu', 'wecom'])(
  'an alert is delivered, signed, before its sender is answered: %s',
  async (to) => {
    await start();
    const response = await post(`grafana/${to}`, webhook('grafana-firing'));
    expect([response.status, await response.json()]).toEqual([200, { status: 'delivered' }]);
    expect(JSON.stringify(robots.taken)).toContain('GoStackOOMAhead · shop · 10.0.0.7:6060');
    expect(await metric(`relay_alerts_delivered_total{target="${to}"}`)).toBe(1);
  }
);

it('Alertmanager’s webhooks are taken at their own path alone', async () => {
  await start();
  const authorization = basic('am', PASSWORD);
  expect((await post('alertmanager/oncall', webhook('alertmanager-group'), authorization)).status).toBe(200);
  const wrong = await post('alertmanager/oncall', webhook('grafana-firing'), authorization);
  expect([wrong.status, (await wrong.json()).error]).toEqual([400, expect.stringContaining('the other kind')]);
});

describe('refused and counted', () => {
  const BODY = webhook('grafana-firing');
  const DEEP = '['.repeat(20_000) + ']'.repeat(20_000);
  it.each([
    ['nobody', 'grafana/oncall', BODY, '', 401, 'unknown_sender'],
    ['an unknown user', 'grafana/oncall', BODY, basic('eve', PASSWORD), 401, 'unknown_sender'],
    ['a wrong password', 'grafana/oncall', BODY, basic('am', 'guess'), 401, 'wrong_secret'],
    ['a wrong token', 'grafana/oncall', BODY, 'Bearer guess', 401, 'wrong_secret'],
    ['another scheme', 'grafana/oncall', BODY, 'Digest x', 401, 'unknown_sender'],
    ['a target of others', 'grafana/wecom', BODY, basic('am', PASSWORD), 403, 'forbidden_target'],
    ['a target that is none', 'grafana/nowhere', BODY, undefined, 404, 'unknown_target'],
    ['an oversized body', 'grafana/oncall', 'x'.repeat(65 * 1024), undefined, 413, 'too_large'],
    ['what is not JSON', 'grafana/oncall', '{"alerts":', undefined, 400, 'not_json'],
    ['an empty body', 'grafana/oncall', '', undefined, 400, 'not_json'],
    ['JSON without end', 'grafana/oncall', DEEP, undefined, 400, 'not_a_webhook'],
    ['another webhook', 'grafana/oncall', '{"action":"opened"}', undefined, 400, 'not_a_webhook'],
    [
      'no alerts',
      'grafana/oncall',
      BODY.replace(/"alerts": \[[^]*?\n {2}\]/, '"alerts": []'),
      undefined,
      400,
      'not_a_webhook',
    ],
    [
      'labels that are no texts',
      'grafana/oncall',
      BODY.replace('"shop"', '{"toString":1}'),
      undefined,
      400,
      'not_a_webhook',
    ],
    [
      'a time that is none',
      'grafana/oncall',
      BODY.replace(/"startsAt": "/, '$&never '),
      undefined,
      400,
      'not_a_webhook',
    ],
  ])('%s', async (_, place, body, authorization, status, reason) => {
    await start();
    const response = await post(place, body, authorization);
    expect(response.status).toBe(status);
    expect(await metric(`relay_webhooks_refused_total{reason="${reason}"}`)).toBe(1);
    expect(robots.asked).toEqual([]);
  });

  it('a body whose length is not said', async () => {
    await start();
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(16 * 1024))),
    });
    const init = { method: 'POST', body, duplex: 'half', headers: { authorization: `Bearer ${BEARER}` } };
    // The connection may be closed before all was sent, which fetch cannot tell from a failure.
    const status = await fetch(`${relay.url}/grafana/oncall`, init as RequestInit).then(
      (response) => response.status,
      () => 413
    );
    expect(status).toBe(413);
    expect(await metric('relay_webhooks_refused_total{reason="too_large"}')).toBe(1);
  });

  it('more than may wait', async () => {
    robots.weather = 'HTTP 500';
    await start({ maxQueue: 3_000, wait: 0 });
    expect((await post('grafana/oncall', webhook('grafana-firing'))).status).toBe(503);
    const response = await post('grafana/oncall', webhook('grafana-group'));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '15']);
    expect(await metric('relay_webhooks_refused_total{reason="queue_full"}')).toBe(1);
    expect(await metric('relay_queue_alerts{target="oncall"}')).toBe(1);
  });

  it('a sender that goes away in the middle of its body is no harm', async () => {
    await start();
    const sender = connect(Number(new URL(relay.url).port), '127.0.0.1');
    sender.write(
      `POST /grafana/oncall HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${BEARER}\r\nContent-Length: 100\r\n\r\n{`
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    sender.resetAndDestroy();
    expect((await post('grafana/oncall', webhook('grafana-firing'))).status).toBe(200);
  });
});

it.each<[Weather, string]>([
  ['HTTP 500', 'http'],
  ['no JSON', 'http'],
  ['busy', 'robot'],
  ['resets', 'network'],
  ['hangs', 'timeout'],
])(
  'a robot in trouble (%s) is tried again until it is well; the sender is told 503 meanwhile',
  async (weather, cause) => {
    robots.weather = weather;
    await start({ wait: 0, robotTimeout: 2_000 });
    const response = await post('grafana/oncall', webhook('grafana-firing'));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '15']);
    await until(async () => (await metric(`relay_message_failures_total{target="oncall",cause="${cause}"}`)) > 0);
    robots.weather = 'well';
    await until(() => robots.taken.length > 0);
    // The sender did as it was told; it is not told twice.
    expect((await post('grafana/oncall', webhook('grafana-firing'))).status).toBe(200);
    expect(robots.taken).toHaveLength(1);
    expect(await metric('relay_alerts_repeated_total{target="oncall"}')).toBe(1);
  }
);

it('a sender may be told 202 instead', async () => {
  robots.weather = 'HTTP 500';
  await start({ wait: 0 });
  const response = await post('alertmanager/oncall', webhook('alertmanager-firing'), basic('am', PASSWORD));
  expect([response.status, (await response.json()).status]).toEqual([202, 'kept']);
});

it.each([
  ['a wrong signature', 'SECanother', TOKEN, 310000, 'security'],
  ['a token that is gone', ROBOT_SECRET, 'gone', 300005, 'token'],
])('%s is not taken for delivered, though the robot answers 200', async (_, secret, token, code, cause) => {
  const url = new Secret(robots.url('dingtalk').replace(TOKEN, token));
  await start({ targets: [target({ secret: new Secret(secret), url })], wait: 1_000 });
  expect((await post('grafana/oncall', webhook('grafana-firing'))).status).toBe(503);
  expect(codes()).toEqual([code]);
  expect(await metric(`relay_message_failures_total{target="oncall",cause="${cause}"}`)).toBe(1);
  expect(logged).toContain('"advice"');
});

it('a robot that refuses the alerts’ texts is told how many there are', async () => {
  robots.weather = 'refuses texts';
  await start({ wait: 60_000 });
  expect((await post('grafana/oncall', webhook('grafana-firing'))).status).toBe(200);
  expect(codes()).toEqual([430102, 0]);
  expect(robots.taken[0].body.markdown.text).toContain('And 1 more: GoStackOOMAhead × 1');
});

it('alerts over the robot’s rate are folded, and its rate is kept', async () => {
  await start();
  const one = JSON.parse(webhook('grafana-firing'));
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => {
      one.alerts[0].fingerprint = String(i);
      one.alerts[0].labels.alertname = `Alert${i}`;
      return post('grafana/oncall', JSON.stringify(one));
    })
  );
  await until(async () => (await metric('relay_queue_alerts{target="oncall"}')) === 0);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(robots.taken.length).toBeLessThanOrEqual(18);
  expect(codes()).not.toContain(130101);
  expect(await metric('relay_alerts_delivered_total{target="oncall"}')).toBe(60);
  expect(await metric('relay_messages_total{target="oncall",form="digest"}')).toBeGreaterThan(0);
});

it('an alert that fired and ended while the robot was away is told as ended, and that it fired', async () => {
  robots.weather = 'HTTP 500';
  await start({ wait: 0, targets: [target({ burst: 1 })] });
  await post('grafana/oncall', webhook('grafana-firing'));
  await post('grafana/oncall', webhook('grafana-resolved'));
  robots.weather = 'well';
  await until(() => robots.taken.length > 0);
  const { text } = robots.taken[0].body.markdown;
  expect(text).toContain('RESOLVED');
  expect(text).toContain('fired and ended before this could be told');
  expect(await metric('relay_alerts_delivered_total{target="oncall"}')).toBe(2);
});

it('no secret is in a log line, a metric or an answer, whatever robots say', async () => {
  await robots.close();
  robots = await standIn({ secret: ROBOT_SECRET, keyword: 'a keyword that no message has', now: clock.now });
  await start({ targets: [target({})], wait: 1_000 });
  const answer = await (await post('grafana/oncall', webhook('grafana-firing'))).text();
  const refused = await (await post('grafana/oncall', BEARER)).text();
  await post('grafana/oncall', '{}', basic('am', PASSWORD));
  const metrics = await (await fetch(`${relay.url}/metrics`)).text();
  expect(logged).toContain('keywords not in content, access_token=[secret]');
  for (const text of [logged, answer, refused, metrics, JSON.stringify(config)]) {
    for (const secret of [ROBOT_SECRET, BEARER, PASSWORD, TOKEN]) {
      expect(text).not.toContain(secret);
    }
  }
});

it('says whether it is healthy and ready', async () => {
  await start();
  expect((await fetch(`${relay.url}/-/healthy`)).status).toBe(200);
  expect((await fetch(`${relay.url}/-/ready`)).status).toBe(200);
});

it('ended and started again, it goes on where it was', async () => {
  robots.weather = 'HTTP 500';
  await start({ wait: 60_000 });
  const answer = post('grafana/oncall', webhook('grafana-firing'));
  await until(() => robots.asked.length > 0);
  await relay.stop();
  expect((await answer).status).toBe(503);
  robots.weather = 'well';
  await start();
  await until(() => robots.taken.length > 0);
  expect(await metric('relay_alerts_delivered_total{target="oncall"}')).toBe(1);
});

it('what no robot took in the time that it is kept is given up, counted and named', async () => {
  robots.weather = 'HTTP 500';
  await start({ wait: 0, keep: 2_000 });
  await post('grafana/oncall', webhook('grafana-firing'));
  await until(async () => (await metric('relay_alerts_given_up_total{target="oncall"}')) === 1);
  expect(logged).toContain('given up');
  expect(await metric('relay_queue_alerts{target="oncall"}')).toBe(0);
});
