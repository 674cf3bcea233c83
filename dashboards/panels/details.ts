import * as barchart from '@grafana/grafana-foundation-sdk/barchart';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { DASHBOARD_PANELS as PANEL } from '../../src/constants';
import { churn, collector, garbageCollection, stacks, waits } from '../../src/promql/dashboard/details';
import { DATA_SOURCE, instant, MIN_INTERVAL, range } from '../queries';
import { recordings } from '../recordings';
import { bar, colored, dashedLine, foldedRow, overTime, rows, unit, width } from '../visualizations';

const NO_AGENT = 'the host agent reads them';
const NO_CHURN = 'the host agent counts them, with --agent.churn';

const gc = garbageCollection(recordings);

/** Folded rows, from `y` on, for who knows what to look for. */
export function details(y: number) {
  return [
    foldedRow(PANEL.stacksRow, 'Stacks: the largest, and how large they are', y, [
      largestStacks(y + 1),
      stackSizes(y + 1),
      stackBytes(y + 9),
      stackGrowth(y + 9),
    ]),
    foldedRow(PANEL.churnRow, 'Goroutines created and ended', y + 1, [creations(y + 2), exits(y + 2)]),
    foldedRow(PANEL.waitsRow, 'What goroutines wait for', y + 2, [waiting(y + 3)]),
    foldedRow(PANEL.gcRow, 'Garbage collection', y + 3, [gcPressure(y + 4), gcCycles(y + 4), gcHeap(y + 4)]),
    foldedRow(PANEL.collectorRow, 'The collector’s own health', y + 4, [
      snapshotAge(y + 5),
      collectorErrors(y + 5),
      treeCuts(y + 13),
      probes(y + 13),
    ]),
  ];
}

function largestStacks(y: number) {
  return rows(PANEL.largestStacks, 'Largest stacks', { h: 8, w: 12, x: 0, y })
    .description(
      'The ten largest stacks of each chosen instance: the bytes reserved, the goroutine’s id as in a traceback, and the function in ' +
        'which it started. One that is far above the others is deep recursion.'
    )
    .noValue(`No stacks one by one: ${NO_AGENT}`)
    .withTarget(instant('A', stacks.largest))
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, rank: true },
        indexByName: { function: 0, instance: 1, goroutine: 2, Value: 3 },
        renameByName: {
          function: 'Function',
          instance: 'Instance',
          goroutine: 'Goroutine',
          Value: 'Reserved',
        },
      },
    })
    .overrideByName('Instance', [width(130)])
    .overrideByName('Goroutine', [width(90)])
    .overrideByName('Reserved', [
      ...bar(),
      unit('bytes'),
      { id: 'color', value: { mode: 'continuous-YlRd' } },
      width(180),
    ])
    .sortBy([new common.TableSortByFieldStateBuilder().displayName('Reserved').desc(true)]);
}

function stackSizes(y: number) {
  return (
    new barchart.PanelBuilder()
      .id(PANEL.stackSizes)
      .title('Goroutines by size of their stack')
      .description(
        'How many goroutines have a stack of that many bytes, always a power of two. A second hill far right of the first is a ' +
          'kind of goroutine that goes deep.'
      )
      .gridPos({ h: 8, w: 12, x: 12, y })
      .datasource(DATA_SOURCE)
      .interval(MIN_INTERVAL)
      .unit('short')
      .noValue(`No distribution of sizes: ${NO_AGENT}`)
      .legend(new common.VizLegendOptionsBuilder().showLegend(false))
      .xField('size')
      // The SDK's default, 0, leaves nothing of a label.
      .xTickLabelMaxLength(12)
      .withTarget(instant('A', stacks.sizes))
      .withTransformation({
        id: 'convertFieldType',
        options: { conversions: [{ targetField: 'size', destinationType: 'number' }] },
      })
      .withTransformation({ id: 'sortBy', options: { sort: [{ field: 'size' }] } })
      .withTransformation({
        id: 'organize',
        options: { excludeByName: { Time: true }, renameByName: { Value: 'Goroutines' } },
      })
      .overrideByName('size', [unit('bytes')])
      .overrideByName('Goroutines', [colored('purple')])
  );
}

function stackBytes(y: number) {
  return overTime(PANEL.stackBytes, 'Whose stack memory', { h: 8, w: 12, x: 0, y })
    .description(
      'Stack memory of live goroutines, and of none: the runtime’s own (system) and what ended goroutines left for reuse (dead).'
    )
    .unit('bytes')
    .noValue(`No exact bytes of stacks: ${NO_AGENT}`)
    .withTarget(range('live', stacks.ofGoroutines, 'goroutines'))
    .withTarget(range('none', stacks.ofNone, '{{kind}}'));
}

function stackGrowth(y: number) {
  return overTime(PANEL.stackGrowth, 'Stack growth by function', { h: 8, w: 12, x: 12, y })
    .description('Bytes a second that stacks grew by, by the function whose call needed a larger stack; the ten most.')
    .unit('Bps')
    .noValue(`None in five minutes; the host agent counts them`)
    .withTarget(range('A', stacks.growth, '{{function}}'));
}

function creations(y: number) {
  return overTime(PANEL.creations, 'Goroutines created, by function', { h: 8, w: 12, x: 0, y })
    .description('Goroutines a second that a `go` statement in the function starts; the ten most.')
    .unit('cps')
    .noValue(`None in five minutes; ${NO_CHURN}`)
    .withTarget(range('A', churn.creations, '{{function}}'));
}

function exits(y: number) {
  return overTime(PANEL.exits, 'Goroutines ended, by function', { h: 8, w: 12, x: 12, y })
    .description('Goroutines a second that end. A function that is at the left and not here starts what never ends.')
    .unit('cps')
    .noValue(`None in five minutes; ${NO_CHURN}`)
    .withTarget(range('A', churn.exits, '{{function}}'));
}

function waiting(y: number) {
  return overTime(PANEL.waits, 'Goroutines by what they wait for', { h: 8, w: 24, x: 0, y })
    .description(
      'The runtime’s reasons: chan receive and select wait for other goroutines, IO wait for the network, semacquire for a lock.'
    )
    .unit('short')
    .noValue(`No wait reasons: ${NO_AGENT}`)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('reasons'))
    .withTarget(range('A', waits, '{{reason}}'));
}

function gcPressure(y: number) {
  return overTime(PANEL.gcPressure, 'Heap that survives a collection', { h: 8, w: 8, x: 0, y })
    .description(
      'Percent of a cycle’s heap: about a half at GOGC=100. Near 100 the collector frees little and starts again at once, as it ' +
        'does at GOMEMLIMIT. Only while it runs more often than every 20 s.'
    )
    .unit('percent')
    .max(100)
    .noValue('Collections are rarer than every 20 s: there is no pressure')
    .withTarget(range('A', gc.pressure, '{{instance}}'));
}

function gcCycles(y: number) {
  return overTime(PANEL.gcCycles, 'Collections', { h: 8, w: 8, x: 8, y })
    .description('Collections a second, and the longest pause at the right.')
    .unit('cps')
    .noValue('No figures of the collector: register client_golang’s Go collector')
    .withTarget(range('cycles', gc.cycles, '{{instance}}'))
    .withTarget(range('pause', gc.longestPause, 'longest pause {{instance}}'))
    .overrideByQuery('pause', [
      unit('s'),
      { id: 'custom.axisPlacement', value: 'right' },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'custom.lineStyle', value: { fill: 'dot', dash: [2, 4] } },
    ]);
}

function gcHeap(y: number) {
  return overTime(PANEL.gcHeap, 'Live heap and goal', { h: 8, w: 8, x: 16, y })
    .description(
      'What a collection leaves (estimated where go_gc_heap_live_bytes is not exported), what is allocated, and the goal at which ' +
        'the next collection starts. Several instances are summed.'
    )
    .unit('bytes')
    .noValue('No figures of the heap: register client_golang’s Go collector')
    .withTarget(range('live', gc.live, 'live'))
    .withTarget(range('allocated', gc.allocated, 'allocated'))
    .withTarget(range('goal', gc.goal, 'goal'))
    .overrideByQuery('live', [colored('green')])
    .overrideByQuery('allocated', [colored('blue'), { id: 'custom.fillOpacity', value: 0 }])
    .overrideByQuery('goal', dashedLine('orange', 1));
}

function snapshotAge(y: number) {
  return overTime(PANEL.snapshotAge, 'Age of the call trees', { h: 8, w: 12, x: 0, y })
    .description(
      'Seconds since the stacks were read, and how long that took. Above five minutes, alerts cannot name a function.'
    )
    .unit('s')
    .noValue('No call trees: no probe, library or agent reads this job')
    .withTarget(range('age', collector.snapshotAge, 'age {{instance}}'))
    .withTarget(range('duration', collector.snapshotDuration, 'reading {{instance}}'));
}

function collectorErrors(y: number) {
  return overTime(PANEL.collectorErrors, 'Failures', { h: 8, w: 12, x: 12, y })
    .description(
      'Failures a second by cause, of the library in the chosen processes and of all exporters; and 1 while the probe of a ' +
        'chosen process fails.'
    )
    .unit('short')
    .noValue('No failures, or no collector')
    .withTarget(range('library', collector.libraryErrors, 'library: {{cause}}'))
    .withTarget(range('exporters', collector.probeErrors, 'exporters: {{cause}}'))
    .withTarget(range('failing', collector.failing, 'probe of {{instance}} fails: {{cause}}'));
}

function treeCuts(y: number) {
  return overTime(PANEL.treeCuts, 'What is left out of the call trees', { h: 8, w: 12, x: 0, y })
    .description(
      'Nodes that were cut to keep a tree small, in (dropped) frames, and goroutines whose stack the profile cut off, under ' +
        '(truncated).'
    )
    .unit('short')
    .noValue('No call trees: no probe, library or agent reads this job')
    .withTarget(range('nodes', collector.droppedNodes, 'nodes dropped {{instance}}'))
    .withTarget(range('goroutines', collector.truncatedGoroutines, 'goroutines truncated {{instance}}'));
}

function probes(y: number) {
  return overTime(PANEL.probes, 'Targets of the exporters', { h: 8, w: 12, x: 12, y })
    .description(
      'Targets that exporters were asked for in 15 minutes, those whose last profile could be read, and profiles being read now.'
    )
    .unit('short')
    .noValue('No exporter is scraped: its own /metrics would say how many targets answer')
    .withTarget(range('targets', collector.targets, 'asked for'))
    .withTarget(range('up', collector.targetsUp, 'read'))
    .withTarget(range('now', collector.profilesInFlight, 'being read'))
    .overrideByQuery('targets', [colored('text')])
    .overrideByQuery('up', [colored('green')])
    .overrideByQuery('now', [colored('blue')]);
}
