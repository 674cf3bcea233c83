import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { readConfig, secretsOf } from './config';
import { Secret } from './secret';

const URL = 'https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef';
const ENV = { URL, SECRET: 'SEC1', TOKEN: 'sender-token' };
const SENDERS = 'senders: [{ name: grafana, bearer: { env: TOKEN } }]';
const TARGETS = 'targets: [{ name: oncall, kind: dingtalk, url: { env: URL }, secret: { file: secret } }]';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'relay-config-'));
  writeFileSync(path.join(folder, 'secret'), 'SEC1\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(text: string, env: NodeJS.ProcessEnv = ENV) {
  const file = path.join(folder, 'relay.yml');
  writeFileSync(file, text);
  return readConfig(file, env);
}

it('has defaults, reads secrets from files and the environment, and listens on loopback', () => {
  const config = read(`${SENDERS}\n${TARGETS}`);
  expect(config).toMatchObject({ host: '127.0.0.1', port: 8094, wait: 8_000, keep: 86_400_000, maxBody: 1 << 20 });
  expect(config.targets[0]).toMatchObject({ kind: 'dingtalk', perMinute: 18, burst: 9, language: 'en' });
  expect(config.targets[0].url.reveal()).toBe(URL);
  expect(config.targets[0].secret?.reveal()).toBe('SEC1');
  expect(config.journal).toBe(path.join(folder, 'relay.journal'));
});

it('shows no secret, however it is printed', () => {
  const config = read(`${SENDERS}\n${TARGETS}`);
  for (const text of [
    JSON.stringify(config),
    inspect(config, { depth: null, showHidden: true }),
    `${config.targets[0].url}`,
  ]) {
    expect(text).not.toMatch(/SEC1|0123456789abcdef|sender-token/);
  }
});

it('a robot’s token is a secret without its address, too', () => {
  expect(secretsOf(read(`${SENDERS}\n${TARGETS}`)).map((secret) => secret.reveal())).toContain('0123456789abcdef');
});

it('the example is one', () => {
  const env = { RELAY_GRAFANA_TOKEN: 'a', RELAY_ALERTMANAGER_PASSWORD: 'b', DINGTALK_URL: URL, DINGTALK_SECRET: 'c' };
  expect(readConfig(path.join(__dirname, 'relay.example.yml'), env).targets).toHaveLength(1);
});

it.each([
  ['', /senders: .*; targets: /],
  [`${SENDERS}\ntargets: [{ name: a, kind: slack, url: { env: URL } }]`, /targets\.0\.kind/],
  [`${SENDERS}\ntargets: [{ name: a, kind: dingtalk, url: ${URL} }]`, /targets\.0\.url/],
  [
    `${SENDERS}\ntargets: [{ name: a, kind: dingtalk, url: { env: NONE } }]`,
    /the url of a: the environment variable NONE/,
  ],
  [
    `${SENDERS}\ntargets: [{ name: a, kind: dingtalk, url: { file: none } }]`,
    /the file none cannot be read \(ENOENT\)/,
  ],
  [`${SENDERS}\ntargets: [{ name: a, kind: dingtalk, url: { env: TOKEN } }]`, /not an http or https address/],
  [`${SENDERS}\ntargets: [{ name: a/b, kind: dingtalk, url: { env: URL } }]`, /part of an address/],
  [
    `${SENDERS}\ntargets: [{ name: a, kind: feishu, url: { env: URL }, mentions: { mobiles: ['13800138000'] } }]`,
    /user_ids/,
  ],
  [`${SENDERS}\ntargets: [{ name: a, kind: wecom, url: { env: URL }, secret: { env: SECRET } }]`, /do not sign/],
  [`senders: [{ name: g }]\n${TARGETS}`, /has one of bearer and basic/],
  [`senders: [{ name: g, bearer: { env: TOKEN }, targets: [other] }]\n${TARGETS}`, /names a target other/],
  [`${SENDERS}\n${TARGETS}\nlisten: nowhere`, /listen: is host:port/],
])('says what is wrong, and no secret: %#', (text, message) => {
  let error: Error | undefined;
  try {
    read(text);
  } catch (thrown) {
    error = thrown as Error;
  }
  expect(error?.message).toMatch(message);
  expect(error?.message).not.toMatch(/sender-token|SEC1/);
});

it('secrets are compared as a whole', () => {
  const secret = new Secret('right');
  expect([secret.equals('right'), secret.equals('righ'), secret.equals(''), secret.equals('right ')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
