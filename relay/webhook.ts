import { z } from 'zod';
import type { Alert, Links, Notification } from './alert';

/** Of the largest webhook that is taken: alerts told together. Alertmanager's `max_alerts` bounds them at its side. */
const MAX_ALERTS = 5_000;

const text = z.string().max(64 * 1024);
const texts = z.record(z.string().max(1024), text);
const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'is no time');

/** Grafana and Alertmanager leave out, or set to "" or null, what they do not have. */
const optional = text.nullish();

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: texts.nullish(),
  startsAt: time,
  endsAt: time.nullish(),
  fingerprint: z.string().min(1).max(128),
  // Grafana's own.
  dashboardURL: optional,
  panelURL: optional,
  silenceURL: optional,
});

/**
 * Version 4 of Alertmanager's webhook (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config), and
 * Grafana's, version 1, which has all of its fields and more.
 */
const webhookSchema = z.object({
  version: z.enum(['1', '4']),
  groupKey: text,
  externalURL: text,
  truncatedAlerts: z.number().int().min(0).nullish(),
  alerts: z.array(alertSchema).min(1).max(MAX_ALERTS),
});

export type SenderKind = 'grafana' | 'alertmanager';

const VERSION: Record<SenderKind, string> = { grafana: '1', alertmanager: '4' };

/**
 * @param grafana where Grafana is, for the links of rules that are relative to it; a Grafana says so itself
 * @throws Error that names what is wrong, without repeating any of it
 */
export function parseWebhook(kind: SenderKind, body: unknown, grafana?: string): Notification {
  const result = webhookSchema.safeParse(body);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    // Keys of labels come from outside: places are told as far as they are the schema's own.
    const place = path.slice(0, 3).join('.') || 'the body';
    throw new Error(`${place}: ${message}`);
  }
  const { version, groupKey, externalURL, truncatedAlerts, alerts } = result.data;
  if (version !== VERSION[kind]) {
    throw new Error(`version ${version} is not ${kind}'s; send it to the path of the other kind`);
  }
  const base = kind === 'grafana' ? externalURL : grafana;
  return {
    groupKey,
    truncated: truncatedAlerts ?? 0,
    alerts: alerts.map((alert) => toAlert(alert, kind, base, externalURL)),
  };
}

function toAlert(
  alert: z.infer<typeof alertSchema>,
  kind: SenderKind,
  base: string | undefined,
  externalURL: string
): Alert {
  const { status, fingerprint, startsAt, endsAt, labels } = alert;
  const annotations = alert.annotations ?? {};
  const links: Links = {
    // The rule's own choose the process.
    dashboard: link(then(annotations.dashboard_url, startsAt), base) ?? link(alert.dashboardURL),
    panel: link(then(annotations.panel_url, startsAt), base) ?? link(alert.panelURL),
    flameGraph: link(then(annotations.flamegraph_url, startsAt), base),
    silence: link(alert.silenceURL) ?? (kind === 'alertmanager' ? newSilence(labels, externalURL) : undefined),
    runbook: link(annotations.runbook_url, base),
  };
  return {
    status,
    fingerprint,
    startsAt,
    ...(status === 'resolved' && endsAt ? { endsAt } : {}),
    labels,
    annotations,
    links: Object.fromEntries(Object.entries(links).filter(([, address]) => address !== undefined)),
  };
}

const HOUR = 3_600_000;

/** A dashboard's path, as of the time when the alert began: later its process may be gone. */
function then(path: string | undefined, startsAt: string): string | undefined {
  if (!path?.startsWith('/d/') || /[?&]from=/.test(path)) {
    return path;
  }
  const to = Date.parse(startsAt);
  return `${path}${path.includes('?') ? '&' : '?'}from=${to - HOUR}&to=${to}`;
}

/** An http or https address, normalised so that it has no space, quote or bracket; undefined for any other text. */
function link(address: string | null | undefined, base?: string): string | undefined {
  if (!address) {
    return undefined;
  }
  // A path of Grafana's is below its root, which may be a sub-path.
  const absolute = address.startsWith('/') && base ? base.replace(/\/$/, '') + address : address;
  if (!URL.canParse(absolute)) {
    return undefined;
  }
  const url = new URL(absolute);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return undefined;
  }
  return url.href.replace(
    /[()[\]<>"'`\\|{}*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  );
}

/** Alertmanager's page of a new silence, filled with the labels of the alert. */
function newSilence(labels: Record<string, string>, externalURL: string): string | undefined {
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return link(
    `${externalURL.replace(/\/$/, '')}/#/silences/new?filter=${encodeURIComponent(`{${matchers.join(',')}}`)}`
  );
}
