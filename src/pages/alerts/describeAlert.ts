import {
  type ThresholdName,
  type Thresholds,
  type ThresholdUnit,
  thresholdsOf,
  valueOf,
} from '../../alerting/thresholds';
import { durationSeconds } from '../../promql/prometheusRules';
import { t } from '../../translate';

/** When the alert fires, in words, with the chosen thresholds. */
export function conditionOf(alert: string, thresholds: Thresholds): string {
  const values: Record<string, string> = Object.fromEntries(
    thresholdsOf(alert).map((setting) => [setting.name, valueOf(setting, thresholds).toLocaleString()])
  );
  switch (alert) {
    case 'GoOOMAhead':
      return t(
        'alerts.condition.oom',
        'Memory ends within {{minutesLeft}} minutes at its growth, over {{memoryUsed}} % of the limit is used, and stacks are at most {{stackShare}} % of that.',
        values
      );
    case 'GoStackOOMAhead':
      return t(
        'alerts.condition.stack-oom',
        'Memory ends within {{minutesLeft}} minutes at its growth, over {{memoryUsed}} % of the limit is used, and stacks are over {{stackShare}} % of that.',
        values
      );
    case 'GoGoroutineLeak':
      return t(
        'alerts.condition.goroutine-leak',
        'Goroutines grew by over {{goroutineGrowth}} % in each third of the last hour, and there are over {{goroutines}}.',
        values
      );
    case 'GoStackGrowth':
      return t(
        'alerts.condition.stack-growth',
        'Stacks are over {{stackGrowth}} times as large as 15 minutes ago and over {{growingStackShare}} % of memory; goroutines did not grow.',
        values
      );
    case 'GoGCThrash':
      return t(
        'alerts.condition.gc-thrash',
        'Over {{heapKept}} % of the heap survives each collection, and over {{softLimitUsed}} % of GOMEMLIMIT is used.',
        values
      );
    case 'GoCrashLoop':
      return t(
        'alerts.condition.crash-loop',
        'At least {{restarts}} restarts in half an hour, and over {{usedBeforeRestart}} % of the limit was used between them.',
        values
      );
    case 'GoOOMUnpredictable':
      return t(
        'alerts.condition.unpredictable',
        'No memory limit is known of a process: nobody could tell how long it has.'
      );
    case 'GoCollectorBlind':
      return t('alerts.condition.blind', 'A call tree is over five minutes old, or its probe fails.');
    case 'GoroutineStackPressure':
      return t(
        'alerts.condition.pressure',
        'Goroutines are at over {{pressure}} % of their peak in an hour and grow, and over {{headroomUsed}} % of the memory left went in five minutes.',
        values
      );
    case 'JVMThreadPressure':
      return t(
        'alerts.condition.jvm-pressure',
        'Threads are at over {{pressure}} % of their peak in an hour, and over {{headroomUsed}} % of the heap left went in five minutes.',
        values
      );
    default:
      return alert;
  }
}

export function thresholdLabel(name: ThresholdName): string {
  switch (name) {
    case 'minutesLeft':
      return t('alerts.threshold.minutes-left', 'Time before the kill');
    case 'memoryUsed':
      return t('alerts.threshold.memory-used', 'Memory used, at least');
    case 'stackShare':
      return t('alerts.threshold.stack-share', 'Share of stacks that makes it GoStackOOMAhead');
    case 'goroutineGrowth':
      return t('alerts.threshold.goroutine-growth', 'Growth of goroutines in 20 minutes');
    case 'goroutines':
      return t('alerts.threshold.goroutines', 'Goroutines, at least');
    case 'stackGrowth':
      return t('alerts.threshold.stack-growth', 'Growth of stacks in 15 minutes');
    case 'growingStackShare':
      return t('alerts.threshold.growing-stack-share', 'Share of stacks, at least');
    case 'heapKept':
      return t('alerts.threshold.heap-kept', 'Heap that survives a collection');
    case 'softLimitUsed':
      return t('alerts.threshold.soft-limit-used', 'GOMEMLIMIT used, at least');
    case 'restarts':
      return t('alerts.threshold.restarts', 'Restarts in half an hour');
    case 'usedBeforeRestart':
      return t('alerts.threshold.used-before-restart', 'Memory used between restarts');
    case 'pressure':
      return t('alerts.threshold.pressure', 'Goroutines or threads, of their peak');
    case 'headroomUsed':
      return t('alerts.threshold.headroom-used', 'Of the memory left, gone in 5 minutes');
  }
}

export function unitOf(unit: ThresholdUnit): string {
  switch (unit) {
    case 'minutes':
      return t('alerts.unit.minutes', 'min');
    case 'percent':
      return '%';
    case 'times':
      return t('alerts.unit.times', 'times');
    case 'count':
      return '';
  }
}

/** The settings of an alert in one line, as in "12 min, 50 %, 15 %". */
export function thresholdsInShort(alert: string, thresholds: Thresholds): string {
  return thresholdsOf(alert)
    .map((setting) => `${valueOf(setting, thresholds).toLocaleString()} ${unitOf(setting.unit)}`.trim())
    .join(' · ');
}

/** A duration of Prometheus, in words as short. */
export function durationInWords(duration = '0s'): string {
  const seconds = durationSeconds(duration);
  if (seconds === 0) {
    return t('alerts.duration.at-once', 'at once');
  }
  return seconds % 60 === 0
    ? t('alerts.duration.minutes', '{{minutes}} min', { minutes: seconds / 60 })
    : t('alerts.duration.seconds', '{{seconds}} s', { seconds });
}
