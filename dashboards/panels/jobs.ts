import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { FLEET_PANELS as PANEL } from '../../src/constants';
import { NOT_FORESEEN } from '../../src/promql/dashboard/danger';
import * as fleet from '../../src/promql/dashboard/fleet';
import { instant, range } from '../queries';
import { bar, coloredText, overTime, rows, settingVariable, thresholds, unit, width } from '../visualizations';

/** A row for each job, its course below. */
export function jobs(dashboardUid: string) {
  return [allJobs(dashboardUid), usedOfLimit(), goroutines(), stacks(), restarts()];
}

function allJobs(dashboardUid: string) {
  const toDashboard = `/d/${dashboardUid}?\${__url_time_range}&\${datasource:queryparam}&var-job=\${__data.fields.Job:percentencode}`;
  return rows(PANEL.jobs, 'Go programs, the most urgent first', { h: 9, w: 24, x: 0, y: 0 })
    .description(
      'Each job that exports go_goroutines. The order is that of its most urgent process: growth of memory in five minutes against ' +
        'what is left to the limit; where no limit is known, growth of goroutines. The time to the limit is the alerts’ own ' +
        'where Prometheus records it, else a straight line through five minutes: the exact time is then on the program’s own ' +
        'dashboard, to which the job leads.'
    )
    .noValue('No Go process: nothing exports go_goroutines')
    .withTarget(instant('urgency', fleet.jobs.urgency))
    .withTarget(instant('processes', fleet.jobs.processes))
    .withTarget(instant('timeToLimit', fleet.jobs.timeToLimit))
    .withTarget(instant('usedOfLimit', fleet.usedOfLimit))
    .withTarget(instant('goroutines', fleet.jobs.goroutines))
    .withTarget(instant('change', fleet.jobs.goroutinesChange))
    .withTarget(instant('restarts', fleet.jobs.restarts))
    .withTarget(instant('trees', fleet.jobs.callTrees))
    .withTransformation({ id: 'joinByField', options: { byField: 'job', mode: 'outer' } })
    .withTransformation({
      id: 'organize',
      options: {
        includeByName: Object.fromEntries(COLUMNS.map(([name]) => [name, true])),
        indexByName: Object.fromEntries(COLUMNS.map(([name], index) => [name, index])),
        renameByName: Object.fromEntries(COLUMNS),
      },
    })
    .overrideByName('Job', [
      { id: 'custom.minWidth', value: 200 },
      {
        id: 'links',
        value: [
          { title: 'Open its dashboard', url: toDashboard },
          { title: 'Show its call trees below', url: settingVariable('job') },
        ],
      },
    ])
    .overrideByName('Soonest at its limit', [
      width(150),
      unit('s'),
      { id: 'decimals', value: 1 },
      { id: 'mappings', value: [noneGrows] },
      ...coloredText([
        [null, 'red'],
        [720, 'orange'],
        [3600, 'text'],
      ]),
    ])
    .overrideByName('Fullest of its limit', [
      unit('percent'),
      { id: 'decimals', value: 0 },
      { id: 'noValue', value: 'no limit' },
      width(150),
      ...bar(100),
      {
        id: 'thresholds',
        value: thresholds([
          [null, 'green'],
          [50, 'yellow'],
          [80, 'orange'],
          [90, 'red'],
        ]).build(),
      },
    ])
    .overrideByRegexp('/^(Processes|Goroutines|In 5 min)$/', [unit('locale'), width(105)])
    .overrideByName('Restarts in 1 h', [
      width(130),
      ...coloredText([
        [null, 'text'],
        [1, 'orange'],
      ]),
    ])
    .overrideByName('With call trees', [width(130), { id: 'noValue', value: 'none' }]);
}

const noneGrows: dashboard.ValueMapping = {
  type: dashboard.MappingType.ValueToText,
  options: { [NOT_FORESEEN]: { text: 'none grows', color: 'text' } },
};

const COLUMNS = [
  ['job', 'Job'],
  ['Value #processes', 'Processes'],
  ['Value #timeToLimit', 'Soonest at its limit'],
  ['Value #usedOfLimit', 'Fullest of its limit'],
  ['Value #goroutines', 'Goroutines'],
  ['Value #change', 'In 5 min'],
  ['Value #restarts', 'Restarts in 1 h'],
  ['Value #trees', 'With call trees'],
];

function usedOfLimit() {
  return byJob(PANEL.usedOfLimit, 'Memory used of its limit: the fullest process', { h: 8, w: 12, x: 0, y: 9 })
    .description(
      'Of each job the process that has used most of its limit; what the kernel counts, or what the process holds.'
    )
    .unit('percent')
    .noValue(
      'No limit is known: our library exports the cgroup’s; cAdvisor and kube-state-metrics the container’s; or set GOMEMLIMIT'
    )
    .thresholds(
      thresholds([
        [null, 'transparent'],
        [90, 'red'],
      ])
    )
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))
    .withTarget(range('A', fleet.usedOfLimit, '{{job}}'));
}

function goroutines() {
  return byJob(PANEL.goroutines, 'Goroutines', { h: 8, w: 12, x: 12, y: 9 })
    .description('Live goroutines of each job. A leak is a slope that does not come down again.')
    .unit('short')
    .noValue('No Go process: nothing exports go_goroutines')
    .withTarget(range('A', fleet.goroutinesByJob, '{{job}}'));
}

function stacks() {
  return byJob(PANEL.stacks, 'Stack memory', { h: 7, w: 12, x: 0, y: 17 })
    .description('Memory that the Go runtime holds for goroutine stacks, by job.')
    .unit('bytes')
    .noValue('No memory metrics of Go: register client_golang’s Go collector')
    .withTarget(range('A', fleet.stacksByJob, '{{job}}'));
}

function restarts() {
  return byJob(PANEL.restarts, 'Restarts in five minutes', { h: 7, w: 12, x: 12, y: 17 })
    .description(
      'Processes that began anew under the same name, by job. A pod that is replaced by one of another name is not seen here.'
    )
    .unit('short')
    .decimals(0)
    .noValue('No restart in this time')
    .drawStyle(common.GraphDrawStyle.Bars)
    .fillOpacity(60)
    .withTarget(range('A', fleet.restartsByJob, '{{job}}'));
}

/** Every process is read for it, so once a minute is enough. */
function byJob(id: number, title: string, at: dashboard.GridPos) {
  return overTime(id, title, at).interval('1m').fillOpacity(0);
}
