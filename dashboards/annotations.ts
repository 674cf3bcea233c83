import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { firingAlerts, starts } from '../src/promql/dashboard/course';
import { DATA_SOURCE, MIN_INTERVAL, range } from './queries';

export function events() {
  return [grafanaAlerts(), prometheusAlerts(), processStarts()];
}

/** Grafana's own alerts that name this dashboard, and notes that people write. */
function grafanaAlerts() {
  return new dashboard.AnnotationQueryBuilder()
    .name('Notes and Grafana’s alerts')
    .datasource({ type: 'grafana', uid: '-- Grafana --' })
    .type('dashboard')
    .builtIn(1)
    .enable(true)
    .hide(true)
    .iconColor('purple');
}

function prometheusAlerts() {
  return new dashboard.AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor('red')
    .target(range('alerts', firingAlerts).interval(MIN_INTERVAL))
    .titleFormat('{{alertname}}')
    .textFormat('fires for {{instance}}')
    .tagKeys('severity');
}

function processStarts() {
  return new dashboard.AnnotationQueryBuilder()
    .name('Starts')
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor('blue')
    .target(range('starts', starts).interval(MIN_INTERVAL))
    .useValueForTime(true)
    .titleFormat('Start')
    .textFormat('{{instance}} was started');
}
