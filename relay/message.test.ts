import fc from 'fast-check';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Alert } from './alert';
import { size } from './markup';
import { compose, type Told } from './message';
import { type Mentions, ROBOT_KINDS, type RobotKind, ROBOTS } from './robots';
import { Secret } from './secret';
import { parseWebhook, type SenderKind } from './webhook';
import { type Language, WORDS } from './words';

const TESTDATA = path.join(__dirname, 'testdata');
const NOW = Date.parse('2026-11-25T02:44:00Z');
const NOBODY: Mentions = { mobiles: [], userIds: [], all: false };
const ON_CALL: Record<RobotKind, Mentions> = {
  dingtalk: { ...NOBODY, mobiles: ['13800138000'] },
  feishu: { ...NOBODY, userIds: ['ou_0123456789abcdef'] },
  wecom: { ...NOBODY, userIds: ['zhangsan'] },
};

function received(webhook: string): Told {
  const body: unknown = JSON.parse(readFileSync(path.join(TESTDATA, `${webhook}.json`), 'utf8'));
  const kind = webhook.split('-')[0] as SenderKind;
  const { alerts, truncated } = parseWebhook(kind, body, 'https://grafana.example.com/');
  return { alerts, truncated, meanwhile: new Set(), notifications: 1 };
}

function request(kind: RobotKind, language: Language, told: Told, mentions = ON_CALL[kind]) {
  const { markup, limit } = ROBOTS[kind].format(mentions);
  const message = compose(told, { words: WORDS[language], markup, limit, timeZone: 'Asia/Shanghai' });
  const access = {
    url: new Secret('https://robots.example.com/send?access_token=t'),
    secret: kind === 'wecom' ? undefined : new Secret('SECexample'),
    mentions,
  };
  const mention = told.alerts.some(({ status }) => status === 'firing');
  return ROBOTS[kind].request(access, message, mention, NOW);
}

/** RELAY_GOLDEN=write makes the files anew; then look at what changed. */
function expectGolden(name: string, value: unknown) {
  const file = path.join(TESTDATA, 'messages', `${name}.json`);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env.RELAY_GOLDEN === 'write') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file) ? readFileSync(file, 'utf8') : `no ${file}`).toBe(text);
}

const WEBHOOKS = [
  'grafana-firing',
  'grafana-resolved',
  'grafana-group',
  'grafana-hostile',
  'alertmanager-firing',
  'alertmanager-resolved',
  'alertmanager-group',
];

const cases = ROBOT_KINDS.flatMap((kind) =>
  (['en', 'zh'] as const).flatMap((language) => WEBHOOKS.map((webhook) => ({ kind, language, webhook })))
);

it.each(cases)('$kind gets of $webhook, in $language, what its file says', ({ kind, language, webhook }) => {
  expectGolden(`${webhook}.${kind}.${language}`, request(kind, language, received(webhook)));
});

it('WeCom gets plain text where mobiles are to be mentioned, as its markdown cannot', () => {
  const mentions = { ...NOBODY, mobiles: ['13800138000'], all: true };
  expectGolden('grafana-firing.wecom-mobiles.en', request('wecom', 'en', received('grafana-firing'), mentions));
});

it('a digest tells the most urgent alerts, and counts all of them', () => {
  const alerts = Array.from({ length: 990 }, (_, index): Alert => {
    const severity = index === 700 ? 'critical' : 'warning';
    return {
      status: index < 30 ? 'resolved' : 'firing',
      fingerprint: String(index),
      startsAt: new Date(NOW - index * 1000).toISOString(),
      labels: { alertname: index % 3 ? 'GoGoroutineLeak' : 'GoStackGrowth', instance: `i${index}`, severity },
      annotations: { summary: `i${index} leaks` },
      links: {},
    };
  });
  const told = { alerts, meanwhile: new Set([alerts[0]]), notifications: 99, truncated: 0 };
  expectGolden('digest.dingtalk.en', request('dingtalk', 'en', told));
  expectGolden('digest.wecom.zh', request('wecom', 'zh', told));
});

it('a message without any of the alerts’ texts still counts them', () => {
  const { markup, limit } = ROBOTS.dingtalk.format(NOBODY);
  const told = received('grafana-group');
  const { text } = compose(told, { words: WORDS.en, markup, limit, timeZone: 'UTC', brief: true });
  expect(text).toContain('And 4 more: GoStackOOMAhead × 2');
  expect(text).not.toContain('10.0.0.7');
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 20_000 }),
  fc.constantFrom('栈'.repeat(9_000), '👨‍👩‍👧'.repeat(3_000), '*'.repeat(30_000), '&<>'.repeat(9_000))
);
const alert: fc.Arbitrary<Alert> = fc.record({
  status: fc.constantFrom('firing' as const, 'resolved' as const),
  fingerprint: fc.uuid(),
  startsAt: fc.constant('2026-11-25T02:42:03Z'),
  labels: fc.record({ alertname: text, job: text, instance: text, severity: fc.oneof(text, fc.constant('critical')) }),
  annotations: fc.record({ summary: text, description: text, function: text, growth: text }),
  links: fc.constant({ dashboard: `https://grafana.example.com/d/${'x'.repeat(3_000)}`, runbook: 'https://r.example' }),
});

const BODY_LIMIT: Record<RobotKind, (body: any) => boolean> = {
  dingtalk: (body) => Buffer.byteLength(JSON.stringify(body)) <= 20_000,
  feishu: (body) => Buffer.byteLength(JSON.stringify(body)) <= 20_000,
  wecom: ({ markdown }) => Buffer.byteLength(markdown.content) <= 4_096,
};

it.each(ROBOT_KINDS)('whatever alerts say, %s’s limit is kept, and no character is split', (kind) => {
  fc.assert(
    fc.property(fc.array(alert, { minLength: 1, maxLength: 15 }), fc.constantFrom('en', 'zh'), (alerts, language) => {
      const told = { alerts, meanwhile: new Set<Alert>(), notifications: 2, truncated: 3 };
      const { body } = request(kind, language as Language, told);
      expect(BODY_LIMIT[kind](body)).toBe(true);
      expect(JSON.stringify(body)).not.toMatch(/\\u[dD][89a-fA-F]/);
    }),
    { numRuns: 40 }
  );
});

it('a rule’s text in the target’s language is preferred', () => {
  const told = received('grafana-firing');
  told.alerts[0].annotations.summary_zh = '内存将耗尽';
  expect(JSON.stringify(request('dingtalk', 'zh', told))).toContain('内存将耗尽');
  expect(JSON.stringify(request('dingtalk', 'en', told))).not.toContain('内存将耗尽');
});

it('sizes are those inside of JSON', () => {
  expect(size('a"\n栈')).toBe(1 + 2 + 2 + 3);
});
