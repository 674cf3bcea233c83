import type { LimitKind, TimeToOom } from './processRows';
import { t } from '../../translate';

/** As the alerts on memory (alerts/oom.rules.yml). */
const NOW_SECONDS = 720;

const SOON_SECONDS = 3600;

export function urgencyOf(time: TimeToOom): 'now' | 'soon' | 'calm' {
  if (time.kind !== 'in' || time.seconds >= SOON_SECONDS) {
    return 'calm';
  }
  return time.seconds < NOW_SECONDS ? 'now' : 'soon';
}

export function timeText(time: TimeToOom): string {
  switch (time.kind) {
    case 'in':
      return t('processes.time.in', 'in {{duration}}', { duration: duration(time.seconds) });
    case 'over':
      return t('processes.time.over', 'not within {{duration}}', { duration: duration(time.seconds) });
    case 'not growing':
      return t('processes.time.not-growing', 'does not grow');
    case 'no limit':
      return t('processes.time.no-limit', 'limit not known');
    case 'too young':
      return t('processes.time.too-young', 'just started');
    case 'asking':
      return '…';
  }
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Of two units at most: what a person acts on is minutes. */
function duration(seconds: number): string {
  if (seconds < MINUTE) {
    return t('processes.duration.less-than-a-minute', 'less than a minute');
  }
  if (seconds < 2 * HOUR) {
    return t('processes.duration.minutes', '{{minutes}} min', { minutes: Math.floor(seconds / MINUTE) });
  }
  if (seconds <= 2 * DAY) {
    return t('processes.duration.hours', '{{hours}} h', { hours: Math.floor(seconds / HOUR) });
  }
  return t('processes.duration.days', '{{days}} days', { days: Math.floor(seconds / DAY) });
}

export function limitName(kind: LimitKind): string {
  switch (kind) {
    case 'cgroup':
      return t('processes.limit.cgroup', 'cgroup');
    case 'container':
      return t('processes.limit.container', 'container');
    case 'kubernetes':
      return t('processes.limit.kubernetes', 'container (Kubernetes)');
    case 'gomemlimit':
      return t('processes.limit.gomemlimit', 'GOMEMLIMIT, soft');
    case 'host':
      return t('processes.limit.host', 'what the host has left');
  }
}
