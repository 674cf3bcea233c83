import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clock } from './clock';
import { standIn } from './standIn';

const SPEED = 60;
const MINUTES = 5;
const WEBHOOKS_A_MINUTE = 100;
const ALERTS_A_WEBHOOK = 10;
const SECRET = 'SECofTheOutageTest';
const BEARER = 'token-of-the-outage-test';

const since = Date.now();
const time = clock(SPEED, since);

/** Names that differ by minute, so that what a digest counts by name can be compared. */
const nameOf = (webhook: number) => `Minute${Math.floor(webhook / WEBHOOKS_A_MINUTE)}`;

function webhookOf(number: number): string {
  const alerts = Array.from({ length: ALERTS_A_WEBHOOK }, (_, i) => ({
    status: 'firing',
    fingerprint: `${number}-${i}`,
    startsAt: new Date(time.now()).toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    labels: { alertname: nameOf(number), instance: `i${number}-${i}`, severity: 'warning' },
    annotations: { summary: 'it leaks' },
  }));
  const [version, externalURL] = ['4', 'http://alertmanager.example.com:9093'];
  return JSON.stringify({ version, externalURL, groupKey: String(number), truncatedAlerts: 0, alerts });
}

/** How many alerts of each name a message tells: one by one, or in its count of the rest. */
function toldBy(text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, name] of text.matchAll(/\*\*\[WARNING\] (Minute\d+) · /g)) {
    counts[name] = (counts[name] ?? 0) + 1;
  }
  for (const [, name, count] of text.matchAll(/(Minute\d+) × (\d+)/g)) {
    counts[name] = (counts[name] ?? 0) + Number(count);
  }
  return counts;
}

it('a robot that is down for five minutes, 1,000 alerts a minute and a relay that is killed: none is lost', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'relay-outage-'));
  const robots = await standIn({ secret: SECRET, now: time.now });
  robots.weather = 'HTTP 500';
  const config = path.join(folder, 'relay.yml');
  let relay: { process: ChildProcess; url: string };
  let port = 0;

  async function start() {
    writeFileSync(
      config,
      `listen: 127.0.0.1:${port}
limits: { wait_seconds: 1, robot_timeout_seconds: 60 }
senders: [{ name: am, bearer: { env: BEARER } }]
targets: [{ name: oncall, kind: dingtalk, url: { env: ROBOT }, secret: { env: SECRET } }]
`
    );
    const script = path.join(__dirname, 'fastRelay.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, config, String(SPEED), String(since)], {
      cwd: path.resolve(__dirname, '..'),
      env: { ...process.env, BEARER, ROBOT: robots.url('dingtalk'), SECRET },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of child.stdout!) {
      const url = /"url":"(http:[^"]+)".*relay ready/.exec(String(line))?.[1];
      if (url) {
        port = Number(new URL(url).port);
        relay = { process: child, url };
        child.stdout!.on('data', () => undefined).resume();
        return;
      }
    }
    throw new Error('the relay ended before it was ready');
  }

  /** As Alertmanager does: again until it is answered, here that the alerts are kept. */
  async function post(number: number): Promise<unknown> {
    const init = { method: 'POST', body: webhookOf(number), headers: { authorization: `Bearer ${BEARER}` } };
    for (;;) {
      try {
        const response = await fetch(`${relay.url}/alertmanager/oncall`, init);
        return [response.status, (await response.json()).status];
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  try {
    await start();
    const begin = time.now();
    const answers: Array<Promise<unknown>> = [];
    const total = MINUTES * WEBHOOKS_A_MINUTE;
    for (let number = 0; number < total; number++) {
      await time.sleep(begin + (number * 60_000) / WEBHOOKS_A_MINUTE - time.now());
      answers.push(post(number));
      if (number === Math.floor(total / 2)) {
        relay!.process.kill('SIGKILL');
        await once(relay!.process, 'exit');
        await start();
      }
    }
    const answered = await Promise.all(answers);
    await time.sleep(begin + MINUTES * 60_000 - time.now());
    expect(answered).toEqual(answered.map(() => [503, 'kept']));
    expect(robots.taken).toEqual([]);

    robots.weather = 'well';
    await waitFor(async () => /relay_queue_alerts\{target="oncall"\} 0\n/.test(await metrics()));
    const told: Record<string, number> = {};
    for (const { body } of robots.taken) {
      for (const [name, count] of Object.entries(toldBy(body.markdown.text))) {
        told[name] = (told[name] ?? 0) + count;
      }
    }
    const each = WEBHOOKS_A_MINUTE * ALERTS_A_WEBHOOK;
    expect(told).toEqual(Object.fromEntries(Array.from({ length: MINUTES }, (_, minute) => [`Minute${minute}`, each])));
    const tries = robots.asked.map(({ at }) => at);
    const most = Math.max(...tries.map((end) => tries.filter((at) => at > end - 60_000 && at <= end).length));
    expect(most).toBeLessThanOrEqual(20);
    expect(robots.asked.map(({ code }) => code)).not.toContain(130101);

    const ended = once(relay!.process, 'exit');
    relay!.process.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(readFileSync(path.join(folder, 'relay.journal'), 'utf8')).toMatch(/\n$/);
  } finally {
    relay!?.process.kill('SIGKILL');
    await robots.close();
    rmSync(folder, { recursive: true });
  }

  async function metrics() {
    return (await fetch(`${relay.url}/metrics`)).text();
  }
}, 50_000);

async function waitFor(condition: () => Promise<boolean>) {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    if (await condition()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not happen in fifteen seconds');
}
