/** What the relay knows of an alert, whoever sent it. */
export interface Alert {
  status: 'firing' | 'resolved';
  /** Says which alert it is, by its labels; made by the sender. */
  fingerprint: string;
  /** RFC 3339. */
  startsAt: string;
  /** RFC 3339; absent while it fires. */
  endsAt?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  links: Links;
}

/** Absolute http or https addresses. */
export interface Links {
  dashboard?: string;
  panel?: string;
  flameGraph?: string;
  silence?: string;
  runbook?: string;
}

/** One webhook: alerts that its sender told together. */
export interface Notification {
  groupKey: string;
  alerts: Alert[];
  /** Alerts that the sender left out of it. */
  truncated: number;
}

/** Most urgent first; what has another name, or none, comes last. */
export const SEVERITIES = ['critical', 'warning', 'info'];

/** 0 is the most urgent. */
export function urgency({ labels }: Alert): number {
  const index = SEVERITIES.indexOf(labels.severity);
  return index < 0 ? SEVERITIES.length : index;
}

/** Firing before resolved, then by severity, then the newest. */
export function byUrgency(a: Alert, b: Alert): number {
  return (
    Number(a.status === 'resolved') - Number(b.status === 'resolved') ||
    urgency(a) - urgency(b) ||
    Date.parse(b.startsAt) - Date.parse(a.startsAt)
  );
}
