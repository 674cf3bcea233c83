import { load } from 'js-yaml';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { type Mentions, ROBOT_KINDS, type RobotAccess, type RobotKind, ROBOTS } from './robots';
import { Secret } from './secret';

export interface Sender {
  name: string;
  credential: { bearer: Secret } | { user: string; password: Secret };
  /** What it is told while an alert is kept but not yet delivered. */
  late: 202 | 503;
  /** Undefined allows all. */
  targets?: string[];
}

export interface Target extends RobotAccess {
  name: string;
  kind: RobotKind;
  language: 'en' | 'zh';
  timeZone: string;
  perMinute: number;
  burst: number;
}

export interface Config {
  host: string;
  port: number;
  journal: string;
  grafanaUrl?: string;
  /** Bytes of a webhook. */
  maxBody: number;
  /** Bytes of alerts that wait. */
  maxQueue: number;
  /** Milliseconds that a sender waits for delivery. */
  wait: number;
  /** Milliseconds after which a robot that does not answer has failed. */
  robotTimeout: number;
  /** Milliseconds after which an alert that no robot took is given up. */
  keep: number;
  /** Milliseconds within which an alert told already, in the same state, is not told again. */
  repeat: number;
  senders: Sender[];
  targets: Target[];
}

const MINUTE = 60_000;

/** A secret is never in the file itself, which is copied, committed and shown. */
const reference = z
  .strictObject({ file: z.string().min(1).optional(), env: z.string().min(1).optional() })
  .refine(({ file, env }) => (file === undefined) !== (env === undefined), 'has one of file and env');

const seconds = z.number().positive();

const fileSchema = z.strictObject({
  listen: z
    .string()
    .regex(/^(.+):(\d+)$/, 'is host:port')
    .default('127.0.0.1:8094'),
  journal: z.string().min(1).default('relay.journal'),
  grafana_url: z.url({ protocol: /^https?$/ }).optional(),
  limits: z
    .strictObject({
      body_bytes: z
        .number()
        .int()
        .min(1024)
        .default(1024 * 1024),
      queue_bytes: z
        .number()
        .int()
        .min(1024)
        .default(64 * 1024 * 1024),
      wait_seconds: z.number().min(0).default(8),
      robot_timeout_seconds: seconds.default(5),
      keep_hours: seconds.default(24),
      repeat_minutes: z.number().min(0).default(10),
    })
    .prefault({}),
  senders: z
    .array(
      z
        .strictObject({
          name: z.string().min(1),
          bearer: reference.optional(),
          basic: z.strictObject({ user: z.string().min(1), password: reference }).optional(),
          late: z.union([z.literal(202), z.literal(503)]).default(503),
          targets: z.array(z.string()).min(1).optional(),
        })
        .refine(({ bearer, basic }) => (bearer === undefined) !== (basic === undefined), 'has one of bearer and basic')
    )
    .min(1),
  targets: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\w-]{1,64}$/, 'is of letters, digits, _ and -: it is part of an address'),
        kind: z.enum(ROBOT_KINDS),
        url: reference,
        secret: reference.optional(),
        mentions: z
          .strictObject({
            mobiles: z.array(z.string().regex(/^\+?[\d-]{5,20}$/, 'is a mobile number, in quotes')).default([]),
            user_ids: z.array(z.string().regex(/^[\w.@-]{1,64}$/, 'is a user id')).default([]),
            all: z.boolean().default(false),
          })
          .prefault({}),
        language: z.enum(['en', 'zh']).default('en'),
        time_zone: z.string().refine(isTimeZone, 'is a time zone such as Asia/Shanghai').default('UTC'),
        per_minute: z.number().int().min(2).optional(),
      })
    )
    .min(1),
});

/**
 * Reads a configuration and the secrets that it refers to; paths in it are relative to it.
 * @throws Error that names the place in the file, and no secret
 */
export function readConfig(file: string, env: NodeJS.ProcessEnv): Config {
  const folder = path.dirname(path.resolve(file));
  const result = fileSchema.safeParse(load(readFileSync(file, 'utf8')) ?? {});
  if (!result.success) {
    const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
    throw new Error(`${file}: ${issues.join('; ')}`);
  }
  const { listen, journal, grafana_url, limits, senders, targets } = result.data;
  const secret = (from: z.infer<typeof reference>, place: string) => readSecret(from, `${file}: ${place}`, folder, env);
  const [, host, port] = /^(.+):(\d+)$/.exec(listen)!;
  checkUnique(file, 'senders', senders);
  checkUnique(file, 'targets', targets);
  const known = targets.map(({ name }) => name);
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port),
    journal: path.resolve(folder, journal),
    grafanaUrl: grafana_url,
    maxBody: limits.body_bytes,
    maxQueue: limits.queue_bytes,
    wait: limits.wait_seconds * 1000,
    robotTimeout: limits.robot_timeout_seconds * 1000,
    keep: limits.keep_hours * 60 * MINUTE,
    repeat: limits.repeat_minutes * MINUTE,
    senders: senders.map(({ name, bearer, basic, late, targets: allowed }) => {
      const missing = allowed?.find((target) => !known.includes(target));
      if (missing !== undefined) {
        throw new Error(`${file}: the sender ${name} names a target ${missing}, which is not among the targets`);
      }
      const credential = bearer
        ? { bearer: secret(bearer, `the bearer token of ${name}`) }
        : { user: basic!.user, password: secret(basic!.password, `the password of ${name}`) };
      return { name, credential, late, targets: allowed };
    }),
    targets: targets.map((target) => {
      const { name, kind, mentions, language, time_zone, per_minute } = target;
      const { perMinute, burst } = ROBOTS[kind];
      const url = secret(target.url, `the url of ${name}`);
      checkUrl(url, `${file}: the url of ${name}`);
      const mentioned: Mentions = { mobiles: mentions.mobiles, userIds: mentions.user_ids, all: mentions.all };
      if (kind === 'feishu' && mentioned.mobiles.length > 0) {
        throw new Error(`${file}: ${name} cannot mention mobiles, as Feishu's robots cannot; give user_ids`);
      }
      if (kind === 'wecom' && target.secret) {
        throw new Error(`${file}: ${name} has a secret, but WeCom's robots do not sign; leave it out`);
      }
      const rate = per_minute ?? perMinute;
      return {
        name,
        kind,
        url,
        secret: target.secret && secret(target.secret, `the secret of ${name}`),
        mentions: mentioned,
        language,
        timeZone: time_zone,
        perMinute: rate,
        burst: Math.min(burst, Math.floor(rate / 2)),
      };
    }),
  };
}

/** All secrets of a configuration, which no text may have. The token alone is one too: errors may have it without its address. */
export function secretsOf({ senders, targets }: Pick<Config, 'senders' | 'targets'>): Secret[] {
  const credentials = senders.map(({ credential }) =>
    'bearer' in credential ? credential.bearer : credential.password
  );
  const robots = targets.flatMap(({ url, secret }) => [url, ...tokensOf(url), ...(secret ? [secret] : [])]);
  return [...credentials, ...robots];
}

/** What is secret in a robot's address: `access_token`, `key`, or the end of its path. */
function tokensOf(url: Secret): Secret[] {
  const { searchParams, pathname } = new URL(url.reveal());
  const parts = [...searchParams.values(), pathname.split('/').pop() ?? ''];
  // Shorter ones are words, such as "send".
  return parts.filter((part) => part.length >= 12).map((part) => new Secret(part));
}

function readSecret(
  { file, env: variable }: z.infer<typeof reference>,
  place: string,
  folder: string,
  env: NodeJS.ProcessEnv
): Secret {
  const from = file === undefined ? `the environment variable ${variable}` : `the file ${file}`;
  let text: string | undefined;
  try {
    text = file === undefined ? env[variable!] : readFileSync(path.resolve(folder, file), 'utf8');
  } catch (error) {
    throw new Error(`${place}: ${from} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  // Editors and `echo` end files with a new line.
  const secret = text?.trim();
  if (!secret) {
    throw new Error(`${place}: ${from} is not there or empty`);
  }
  return new Secret(secret);
}

function checkUrl(url: Secret, place: string): void {
  const text = url.reveal();
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Error(`${place} is not an http or https address; give the webhook address that the robot's page shows`);
  }
}

function checkUnique(file: string, what: string, named: ReadonlyArray<{ name: string }>): void {
  const names = named.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(`${file}: two of the ${what} are called ${twice}`);
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
