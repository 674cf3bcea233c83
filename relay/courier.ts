import { ExponentialBackoff } from 'cockatiel';
import type { Logger } from 'pino';
import type { Clock } from './clock';
import type { Config, Target } from './config';
import { compose, type Told } from './message';
import type { Metrics } from './metrics';
import type { Queue, Waiting } from './queue';
import { Rate } from './rate';
import { type Cause, type Failure, failureOf, ROBOTS } from './robots';
import { redact, type Secret } from './secret';
import { WORDS } from './words';

const BACK_OFF = { initialDelay: 1_000, maxDelay: 60_000 };

/** These need a person, or the robot's own pause, which is ten minutes of DingTalk's: a minute more between tries. */
const NEED_TIME: readonly Cause[] = ['throttled', 'security', 'token'];
const MORE_TIME = 60_000;

/** What the person who reads the log can do. */
const ADVICE: Partial<Record<Cause, string>> = {
  throttled: 'others send to this robot too: lower per_minute',
  security:
    'check the secret, the robot’s keywords (a title has the alert’s name) and its list of addresses, and the clock',
  token: 'the robot was removed, or its address is wrong',
  content: 'the next message only counts the alerts',
};

export interface CourierNeeds {
  config: Pick<Config, 'robotTimeout' | 'keep'>;
  queue: Queue;
  metrics: Metrics;
  clock: Clock;
  log: Logger;
  secrets: readonly Secret[];
}

/** Takes what waits for a target to its robot, until aborted; a message under way is ended first. */
export async function courier(target: Target, needs: CourierNeeds, signal: AbortSignal): Promise<void> {
  const { queue, metrics, clock, log } = needs;
  const labels = { target: target.name };
  const rate = new Rate(target.perMinute, target.burst, clock, queue.sentLately(target.name));
  let backOff = new ExponentialBackoff(BACK_OFF).next();
  let brief = false;

  while (!signal.aborted) {
    await giveUpOld(target, needs);
    if (queue.of(target.name).length === 0) {
      await queue.change(signal);
      continue;
    }
    if (rate.wait > 0) {
      await clock.sleep(rate.wait, signal);
      continue;
    }
    const batch = batchOf(queue.of(target.name), rate.available);
    const told = toldOf(batch);
    rate.take();
    // A journal that cannot be written is told by `accept`; what is accepted is delivered all the same.
    await queue.sent(target.name).catch(() => undefined);
    const failure = await send(target, told, brief, needs);
    if (!failure) {
      const ids = batch.map(({ id }) => id);
      metrics.delivered.inc(labels, batch.length);
      metrics.messages.inc({ ...labels, form: told.notifications > 1 ? 'digest' : 'single' });
      await queue.told(ids).catch((error: Error) => log.error({ ...labels, err: error }, 'journal not written'));
      log.info({ ...labels, alerts: batch.length, notifications: told.notifications }, 'delivered');
      backOff = new ExponentialBackoff(BACK_OFF).next();
      brief = false;
      continue;
    }
    const { cause, detail } = failure;
    metrics.failures.inc({ ...labels, cause });
    const pause = backOff.duration + (NEED_TIME.includes(cause) ? MORE_TIME : 0);
    const text = redact(detail, needs.secrets);
    log.error({ ...labels, cause, detail: text, advice: ADVICE[cause], retryMs: Math.round(pause) }, 'not delivered');
    brief = brief || cause === 'content';
    if (cause === 'throttled') {
      rate.empty();
    }
    backOff = backOff.next(undefined);
    await clock.sleep(pause, signal);
  }
}

/** The oldest notification, while the robot takes one message for each that waits; else all in one. */
function batchOf(waiting: Waiting[], available: number): Waiting[] {
  const notifications = new Set(waiting.map(({ notification }) => notification));
  const [{ notification: oldest }] = waiting;
  return notifications.size <= available ? waiting.filter(({ notification }) => notification === oldest) : waiting;
}

/** An alert that changed its state while it waited is told once, as it is now. */
function toldOf(batch: readonly Waiting[]): Told {
  const last = new Map<string, Waiting>();
  const fired = new Set<string>();
  for (const entry of batch) {
    const key = JSON.stringify([entry.groupKey, entry.alert.fingerprint]);
    last.set(key, entry);
    if (entry.alert.status === 'firing') {
      fired.add(key);
    }
  }
  const entries = [...last];
  return {
    alerts: entries.map(([, { alert }]) => alert),
    meanwhile: new Set(
      entries.filter(([key, { alert }]) => alert.status === 'resolved' && fired.has(key)).map(([, { alert }]) => alert)
    ),
    notifications: new Set(batch.map(({ notification }) => notification)).size,
    truncated: batch.reduce((sum, { truncated }) => sum + truncated, 0),
  };
}

async function send(target: Target, told: Told, brief: boolean, { config, clock }: CourierNeeds): Promise<Failure> {
  const robot = ROBOTS[target.kind];
  const { markup, limit } = robot.format(target.mentions);
  const style = { words: WORDS[target.language], markup, limit, timeZone: target.timeZone, brief };
  const mention = told.alerts.some(({ status }) => status === 'firing');
  const { url, body } = robot.request(target, compose(told, style), mention, clock.now());
  const timeout = new AbortController();
  const done = new AbortController();
  void clock.sleep(config.robotTimeout, done.signal).then(() => timeout.abort());
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: timeout.signal,
    });
    return failureOf(robot, response.status, await response.text());
  } catch (error) {
    if (timeout.signal.aborted && !done.signal.aborted) {
      return { cause: 'timeout', detail: `no answer in ${config.robotTimeout / 1000} s` };
    }
    // Its message may have the address; its code does not.
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    return { cause: 'network', detail: cause?.code ?? 'the connection failed' };
  } finally {
    done.abort();
  }
}

async function giveUpOld(target: Target, { config, queue, clock, metrics, log }: CourierNeeds): Promise<void> {
  const since = clock.now() - config.keep;
  const old = queue.of(target.name).filter(({ accepted }) => accepted < since);
  if (old.length === 0) {
    return;
  }
  await queue.giveUp(old.map(({ id }) => id)).catch(() => undefined);
  metrics.givenUp.inc({ target: target.name }, old.length);
  const alerts = old.slice(0, 100).map(({ alert: { labels, status } }) => ({ status, labels }));
  log.error({ target: target.name, count: old.length, alerts }, 'given up: no robot took them in time');
}
