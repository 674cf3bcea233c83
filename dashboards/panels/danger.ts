import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_PANELS as PANEL } from '../../src/constants';
import { dangerOfChosen, dangerOfWatched, NOT_FORESEEN } from '../../src/promql/dashboard/danger';
import { instant, latest, range } from '../queries';
import { recordings } from '../recordings';
import {
  bar,
  coloredText,
  dataLink,
  rows,
  settingVariable,
  type Step,
  summary,
  thresholds,
  unit,
  width,
} from '../visualizations';

const NO_LIMIT = 'No limit: add cAdvisor, or set GOMEMLIMIT';
/** Where none is. */
const WHO_KNOWS_LIMITS =
  ' Our library exports the cgroup’s limit; cAdvisor and kube-state-metrics the container’s; GOMEMLIMIT is exported by itself.';

const notForeseen: dashboard.ValueMapping = {
  type: dashboard.MappingType.ValueToText,
  options: { [NOT_FORESEEN]: { text: 'not foreseen', color: 'green' } },
};

/** Twelve minutes is what the alerts look for. */
const TIME_TO_OOM: Step[] = [
  [null, 'red'],
  [720, 'orange'],
  [3600, 'yellow'],
  [6 * 3600, 'green'],
];
const PERCENT_OF_LIMIT: Step[] = [
  [null, 'green'],
  [50, 'yellow'],
  [80, 'orange'],
  [90, 'red'],
];
/** Of most services they are some 2 to 5 %; the alerts call over 15 % a stack problem. */
const PERCENT_OF_STACKS: Step[] = [
  [null, 'text'],
  [15, 'orange'],
];

const PLAIN = new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Fixed).fixedColor('purple');

const ofChosen = dangerOfChosen(recordings);
const ofWatched = dangerOfWatched(recordings);

/** "Is anything about to die?" */
export function danger() {
  return [timeToOom(), usedOfLimit(), limit(), goroutines(), stacks(), mostUrgent()];
}

function timeToOom() {
  return summary(PANEL.timeToOom, 'Time to OOM', { h: 4, w: 6, x: 0, y: 0 })
    .description(
      'When the chosen instance runs out of memory if it grows on as it does: the alerts’ own figure (docs/alerts.md). Of ' +
        'several instances, the soonest of the five most urgent. Not foreseen: memory does not grow steadily, no limit is ' +
        'known, or the process is younger than seven minutes.'
    )
    .unit('s')
    .decimals(1)
    .noValue('No Go process: nothing exports go_goroutines')
    .textMode(common.BigValueTextMode.ValueAndName)
    .colorMode(common.BigValueColorMode.Value)
    .thresholds(thresholds(TIME_TO_OOM))
    .mappings([notForeseen])
    .withTarget(latest('A', ofChosen.timeToOom, '{{instance}}'));
}

function usedOfLimit() {
  return summary(PANEL.usedOfLimit, 'Used of limit', { h: 4, w: 4, x: 6, y: 0 })
    .description(
      'What the kernel counts and cannot take back, of the limit; below GOMEMLIMIT, what no garbage collection frees. Nobody ' +
        'is warned below 50 %. Of several instances, the fullest of the five most urgent.' +
        WHO_KNOWS_LIMITS
    )
    .unit('percent')
    .decimals(0)
    .noValue(NO_LIMIT)
    .colorMode(common.BigValueColorMode.Value)
    .thresholds(thresholds(PERCENT_OF_LIMIT))
    .withTarget(latest('A', ofChosen.usedOfLimit, 'of the limit: {{limit}}'));
}

function limit() {
  return summary(PANEL.limit, 'Memory limit', { h: 4, w: 4, x: 10, y: 0 })
    .description(
      'The least limit, and which one it is: of the cgroup or container (the kernel kills at it), as Kubernetes was asked for, ' +
        'GOMEMLIMIT (kills nobody, but the garbage collector takes ever more CPU as memory nears it), or what the host has left.' +
        WHO_KNOWS_LIMITS
    )
    .unit('bytes')
    .noValue(NO_LIMIT)
    .textMode(common.BigValueTextMode.ValueAndName)
    .withTarget(latest('A', ofChosen.limit, '{{limit}}'));
}

function goroutines() {
  return summary(PANEL.count, 'Goroutines', { h: 4, w: 5, x: 14, y: 0 })
    .description('Live goroutines of the chosen instances, and how many more there are than five minutes ago.')
    .unit('short')
    .noValue('–')
    .colorScheme(PLAIN)
    .graphMode(common.BigValueGraphMode.Area)
    .textMode(common.BigValueTextMode.ValueAndName)
    .withTarget(range('A', ofChosen.goroutines, 'now'))
    .withTarget(range('B', ofChosen.goroutinesChange, 'in 5 minutes'));
}

function stacks() {
  return summary(PANEL.stacks, 'Stack memory', { h: 4, w: 5, x: 19, y: 0 })
    .description(
      'Memory that the Go runtime holds for goroutine stacks, and its share of the memory used: some 2 to 5 % in most ' +
        'services. Above 15 %, goroutines are the problem, not the heap.'
    )
    .unit('bytes')
    .noValue('–')
    .colorScheme(PLAIN)
    .graphMode(common.BigValueGraphMode.Area)
    .textMode(common.BigValueTextMode.ValueAndName)
    .withTarget(range('A', ofChosen.stacks, 'reserved'))
    .withTarget(latest('B', ofChosen.stacksShare, 'of memory used'))
    .overrideByQuery('B', [unit('percent'), { id: 'decimals', value: 0 }]);
}

function mostUrgent() {
  return rows(PANEL.mostUrgent, 'Is anything about to die?', {
    h: 7,
    w: 24,
    x: 0,
    y: 4,
  })
    .description(
      'The five most urgent instances of the job: first those with a time to OOM (the alerts’ own), then by growth of memory in five minutes against what is left to the ' +
        'limit; where no limit is known, by growth of goroutines. The chosen instance is here, too. Click an instance to see it below.'
    )
    .noValue('No Go process: nothing exports go_goroutines')
    .withTarget(instant('timeToOom', ofWatched.timeToOom))
    .withTarget(instant('urgency', ofWatched.urgency))
    .withTarget(instant('usedOfLimit', ofWatched.usedOfLimit))
    .withTarget(instant('used', ofWatched.used))
    .withTarget(instant('limit', ofWatched.limit))
    .withTarget(instant('goroutines', ofWatched.goroutines))
    .withTarget(instant('change', ofWatched.goroutinesChange))
    .withTarget(instant('stacks', ofWatched.stacksShare))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, 'Value #urgency': true },
        indexByName: Object.fromEntries(COLUMNS.map(([name], index) => [name, index])),
        renameByName: Object.fromEntries(COLUMNS),
      },
    })
    .overrideByName('Instance', [
      { id: 'custom.minWidth', value: 220 },
      dataLink('Show this instance', settingVariable('instance')),
    ])
    .overrideByName('Time to OOM', [
      unit('s'),
      width(115),
      { id: 'decimals', value: 1 },
      { id: 'mappings', value: [notForeseen] },
      ...coloredText(TIME_TO_OOM),
    ])
    .overrideByName('Used of limit', [
      unit('percent'),
      { id: 'decimals', value: 0 },
      width(140),
      ...bar(100),
      { id: 'color', value: { mode: 'thresholds' } },
      { id: 'thresholds', value: thresholds(PERCENT_OF_LIMIT).build() },
    ])
    .overrideByRegexp('/^(Used|Limit)$/', [unit('bytes'), width(90)])
    .overrideByRegexp('/^(Goroutines|In 5 min)$/', [unit('locale'), width(100)])
    .overrideByName('Job', [width(140)])
    .overrideByName('Stacks of used', [
      width(115),
      unit('percent'),
      { id: 'decimals', value: 0 },
      ...coloredText(PERCENT_OF_STACKS),
    ])
    .overrideByName('Which limit', [{ id: 'noValue', value: 'none known' }, width(110)]);
}

/** As Grafana names what the queries give, and as we do, from left to right. */
const COLUMNS = [
  ['instance', 'Instance'],
  ['job', 'Job'],
  ['Value #timeToOom', 'Time to OOM'],
  ['Value #usedOfLimit', 'Used of limit'],
  ['Value #used', 'Used'],
  ['Value #limit', 'Limit'],
  ['limit', 'Which limit'],
  ['Value #goroutines', 'Goroutines'],
  ['Value #change', 'In 5 min'],
  ['Value #stacks', 'Stacks of used'],
];
