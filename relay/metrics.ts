import { Counter, Gauge, Registry } from 'prom-client';
import { CAUSES } from './robots';
import type { Queue } from './queue';

/** Why a webhook was not taken. */
export const REFUSALS = [
  'unknown_sender',
  'wrong_secret',
  'forbidden_target',
  'unknown_target',
  'too_large',
  'not_json',
  'not_a_webhook',
  'queue_full',
  'journal',
] as const;
export type Refusal = (typeof REFUSALS)[number];

export type Metrics = ReturnType<typeof metrics>;

/** All labels' values come from the configuration or are listed here: no sender can add to them. */
export function metrics(targets: readonly string[]) {
  const registry = new Registry();
  const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const gauge = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const all = {
    registry,
    webhooks: counter('relay_webhooks_total', 'Webhooks taken, by sender.', ['sender', 'target']),
    refused: counter('relay_webhooks_refused_total', 'Webhooks refused, by reason.', ['reason']),
    accepted: counter('relay_alerts_accepted_total', 'Alerts written to the journal.', ['target']),
    repeated: counter('relay_alerts_repeated_total', 'Alerts that were accepted or told before, in the same state.', [
      'target',
    ]),
    delivered: counter('relay_alerts_delivered_total', 'Alerts of which the robot took a message.', ['target']),
    givenUp: counter('relay_alerts_given_up_total', 'Alerts that no robot took in the time that they are kept.', [
      'target',
    ]),
    messages: counter('relay_messages_total', 'Messages that the robot took; digests tell several notifications.', [
      'target',
      'form',
    ]),
    failures: counter('relay_message_failures_total', 'Messages that the robot did not take; each is tried again.', [
      'target',
      'cause',
    ]),
    waiting: gauge('relay_queue_alerts', 'Alerts that wait for delivery.', ['target']),
    oldest: gauge('relay_queue_oldest_seconds', 'How long the oldest of them has waited; 0 when none does.', [
      'target',
    ]),
    bytes: gauge('relay_queue_bytes', 'Size of what waits.'),
    limit: gauge('relay_queue_limit_bytes', 'Size of what may wait; beyond it webhooks are refused.'),
    damaged: gauge('relay_journal_damaged_lines', 'Lines of the journal that could not be read at the start.'),
  };
  // A counter that is not there yet has no rate when it first counts.
  REFUSALS.forEach((reason) => all.refused.inc({ reason }, 0));
  for (const target of targets) {
    [all.accepted, all.repeated, all.delivered, all.givenUp].forEach((each) => each.inc({ target }, 0));
    ['single', 'digest'].forEach((form) => all.messages.inc({ target, form }, 0));
    CAUSES.forEach((cause) => all.failures.inc({ target, cause }, 0));
  }
  return all;
}

/** Brings the gauges to what the queue is now. */
export function observe({ waiting, oldest, bytes }: Metrics, queue: Queue, targets: readonly string[], now: number) {
  for (const target of targets) {
    const entries = queue.of(target);
    waiting.set({ target }, entries.length);
    oldest.set({ target }, entries.length > 0 ? Math.max(0, now - entries[0].accepted) / 1000 : 0);
  }
  bytes.set(queue.bytes);
}
