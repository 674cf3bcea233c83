import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { APP_ID, DASHBOARD_PANELS as PANEL, DASHBOARD_UID, PANEL_ID } from '../src/constants';
import * as promql from '../src/promql/dashboard';
import { GOROUTINES } from '../src/promql/metrics';

/**
 * Raise it with each change of the dashboard: Grafana imports the new JSON only where this number differs from that of
 * the copy that it has.
 */
const REVISION = 2;

const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };

const NO_TREES = 'No call trees for this job: probe it with goroutine_stack_exporter, or link the stackdepth library.';

export function goroutineStackPressure(): dashboard.Dashboard {
  return new dashboard.DashboardBuilder('Goroutine Stack Pressure')
    .uid(DASHBOARD_UID)
    .description('Whose goroutines fill the memory, and since when')
    .revision(REVISION)
    .tags(['go', 'goroutines', 'memory'])
    .time({ from: 'now-15m', to: 'now' })
    .refresh('15s')
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(
      new dashboard.DashboardLinkBuilder('Go processes')
        .type(dashboard.DashboardLinkType.Link)
        .url(`/a/${APP_ID}`)
        .icon('apps')
        .tooltip('What Prometheus knows of your Go programs')
    )
    .variables([
      new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
      new dashboard.QueryVariableBuilder('job')
        .label('Job')
        .datasource(DATA_SOURCE)
        .query(labelValues(GOROUTINES, 'job'))
        .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
        .sort(dashboard.VariableSort.AlphabeticalAsc),
      new dashboard.QueryVariableBuilder('instance')
        .label('Instance')
        .datasource(DATA_SOURCE)
        .query(labelValues(`${GOROUTINES}{job=~"$job"}`, 'instance'))
        .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
        .sort(dashboard.VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .current({ text: 'All', value: '$__all' }),
      // Set by the flame graph's own menus and by links, so there is nothing to type.
      hiddenText(promql.BASELINE_VARIABLE, 'offset 5m'),
      hiddenText(FUNCTION_VARIABLE, ''),
    ])
    .withPanel(goroutineCount())
    .withPanel(stackMemory())
    .withPanel(memoryLimit())
    .withPanel(memoryAgainstLimit())
    .withPanel(goroutinesOverTime())
    .withPanel(flameGraph())
    .withPanel(growingFunctions())
    .withPanel(largestFunctions())
    .build();
}

function goroutineCount() {
  return summary(PANEL.count, 'Goroutines', { h: 4, w: 4, x: 0, y: 0 })
    .description('Live goroutines of the chosen instances, and their course over the dashboard’s range.')
    .unit('short')
    .graphMode(common.BigValueGraphMode.Area)
    .withTarget(range('A', `sum(${promql.goroutines})`));
}

function stackMemory() {
  return summary(PANEL.stacks, 'Stack memory', { h: 4, w: 4, x: 0, y: 4 })
    .description('Memory that the Go runtime holds for goroutine stacks.')
    .unit('bytes')
    .graphMode(common.BigValueGraphMode.Area)
    .withTarget(range('A', `sum(${promql.stackMemory})`));
}

function memoryLimit() {
  return summary(PANEL.limit, 'Memory limit', { h: 4, w: 4, x: 0, y: 8 })
    .description(
      'The smallest limit of the chosen instances: of the cgroup, by our library or agent (the kernel kills at it), else ' +
        'GOMEMLIMIT (a soft one: the garbage collector takes ever more CPU as memory nears it).'
    )
    .unit('bytes')
    .noValue('none known')
    .withTarget(instant('A', `min(${promql.anyLimit})`));
}

function memoryAgainstLimit() {
  return overTime(PANEL.memory, 'Memory against its limit', { h: 12, w: 11, x: 4, y: 0 })
    .description(
      'Resident memory of each process, what of it is goroutine stacks and heap, and the limit as a line. No line: no limit ' +
        'is known; the library exports the cgroup’s, and GOMEMLIMIT is exported where it is set.'
    )
    .unit('bytes')
    .min(0)
    .withTarget(range('used', promql.memoryUsed, 'used {{instance}}'))
    .withTarget(range('heap', promql.heapMemory, 'heap {{instance}}'))
    .withTarget(range('stacks', promql.stackMemory, 'stacks {{instance}}'))
    .withTarget(range('limit', promql.cgroupLimit, 'limit {{instance}}'))
    .withTarget(range('soft', promql.softLimit, 'GOMEMLIMIT {{instance}}'))
    .overrideByQuery('limit', limitLine('dark-red'))
    .overrideByQuery('soft', limitLine('dark-orange'))
    .overrideByQuery('used', colored('blue', 8))
    .overrideByQuery('heap', colored('green', 0))
    .overrideByQuery('stacks', colored('purple', 20));
}

function goroutinesOverTime() {
  return overTime(PANEL.goroutines, 'Goroutines', { h: 12, w: 9, x: 15, y: 0 })
    .description('Live goroutines of each process. A leak is a slope that does not come down again.')
    .unit('short')
    .min(0)
    .fillOpacity(10)
    .withTarget(range('A', promql.goroutines, '{{instance}}'));
}

function flameGraph() {
  return new dashboard.PanelBuilder()
    .type(PANEL_ID)
    .id(PANEL.flameGraph)
    .title('Whose goroutines? Call trees of live goroutines')
    .description(
      'Each frame is a function, as wide as the goroutines whose stack passes through it; callers above, callees below. ' +
        'Orange has grown since the baseline, by default five minutes ago, and blue has shrunk. Click a frame to zoom; ' +
        'right-click for more.'
    )
    .gridPos({ h: 14, w: 24, x: 0, y: 12 })
    .datasource(DATA_SOURCE)
    .interval(MIN_INTERVAL)
    .unit('locale')
    .options({
      baselineVariable: promql.BASELINE_VARIABLE,
      functionVariable: FUNCTION_VARIABLE,
      restartQuery: promql.timeBeforeLastRestart,
    })
    .withTarget(tree('A', promql.callTree))
    .withTarget(tree('B', promql.callTreeBefore))
    .withTarget(tree('C', promql.stackBytes))
    .withTarget(tree('D', promql.stackBytesBefore))
    .withTarget(instant('E', promql.uncoveredProcesses))
    .withTarget(instant('F', promql.restartedProcesses))
    .overrideByQuery('C', [{ id: 'unit', value: 'bytes' }])
    .overrideByQuery('D', [{ id: 'unit', value: 'bytes' }]);
}

function growingFunctions() {
  return functions(PANEL.growing, 'What grows? Goroutines by function, change in five minutes', {
    h: 10,
    w: 12,
    x: 0,
    y: 26,
  })
    .description(
      'Goroutines whose stack passes through the function at that depth, now less five minutes ago. Empty until the ' +
        'collector has been up for five minutes.'
    )
    .noValue('No function has grown in five minutes, or the call trees are not that old yet.')
    .withTarget(instant('A', promql.fastestGrowingFunctions))
    .overrideByName('Value', [...VALUE_BAR, { id: 'displayName', value: 'Change in 5 min' }]);
}

function largestFunctions() {
  return functions(PANEL.largest, 'What is large? Goroutines by function', { h: 10, w: 12, x: 12, y: 26 })
    .description(
      'Goroutines whose stack passes through the function at that depth; the runtime’s own functions left out.'
    )
    .noValue(NO_TREES)
    .withTarget(instant('A', promql.topFunctions))
    .overrideByName('Value', [...VALUE_BAR, { id: 'displayName', value: 'Goroutines' }]);
}

/** The function that the flame graph looks for. */
const FUNCTION_VARIABLE = 'function';

/** Nothing is gained by asking more often than a collector can answer. */
const MIN_INTERVAL = '15s';

function overTime(id: number, title: string, at: dashboard.GridPos) {
  return new timeseries.PanelBuilder()
    .id(id)
    .title(title)
    .gridPos(at)
    .datasource(DATA_SOURCE)
    .interval(MIN_INTERVAL)
    .showPoints(common.VisibilityMode.Auto)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi));
}

function summary(id: number, title: string, at: dashboard.GridPos) {
  return new stat.PanelBuilder()
    .id(id)
    .title(title)
    .gridPos(at)
    .datasource(DATA_SOURCE)
    .interval(MIN_INTERVAL)
    .colorMode(common.BigValueColorMode.None)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

function functions(id: number, title: string, at: dashboard.GridPos) {
  return new table.PanelBuilder()
    .id(id)
    .title(title)
    .gridPos(at)
    .datasource(DATA_SOURCE)
    .interval(MIN_INTERVAL)
    .cellHeight(common.TableCellHeight.Sm)
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: { function: 0, depth: 1, Value: 2 },
        renameByName: { function: 'Function', depth: 'Depth' },
      },
    })
    .overrideByName('Depth', [{ id: 'custom.width', value: 80 }])
    .overrideByName('Function', [
      {
        id: 'links',
        value: [
          {
            title: 'Find it in the flame graph',
            url: `\${__url.path}\${__url.params:exclude:var-${FUNCTION_VARIABLE}}&var-${FUNCTION_VARIABLE}=\${__value.text:percentencode}`,
          },
        ],
      },
    ])
    .sortBy([new common.TableSortByFieldStateBuilder().displayName('Value').desc(true)]);
}

const VALUE_BAR = [
  { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } },
  { id: 'custom.width', value: 260 },
  { id: 'unit', value: 'locale' },
  { id: 'min', value: 0 },
  { id: 'color', value: { mode: 'continuous-YlRd' } },
];

function limitLine(color: string) {
  return [
    { id: 'color', value: { mode: 'fixed', fixedColor: color } },
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 6] } },
    { id: 'custom.lineWidth', value: 2 },
  ];
}

function colored(color: string, fillOpacity: number) {
  return [
    // Shades tell instances apart.
    { id: 'color', value: { mode: 'shades', fixedColor: color } },
    { id: 'custom.fillOpacity', value: fillOpacity },
  ];
}

function range(refId: string, expr: string, legend = '') {
  return new prometheus.DataqueryBuilder().refId(refId).expr(expr).range().legendFormat(legend).datasource(DATA_SOURCE);
}

function instant(refId: string, expr: string) {
  return new prometheus.DataqueryBuilder()
    .refId(refId)
    .expr(expr)
    .instant()
    .format(prometheus.PromQueryFormat.Table)
    .datasource(DATA_SOURCE);
}

/** Without a format of legends, Grafana sends each series' whole name besides its labels: a third more for a large tree. */
function tree(refId: string, expr: string) {
  return instant(refId, expr).legendFormat('__auto');
}

function hiddenText(name: string, value: string) {
  return new dashboard.TextBoxVariableBuilder(name)
    .hide(dashboard.VariableHide.HideVariable)
    .defaultValue(value)
    .current({ text: value, value });
}

/** A variable query in the form that Grafana's variable editor writes. */
function labelValues(selector: string, label: string) {
  return { query: `label_values(${selector}, ${label})`, refId: 'PrometheusVariableQueryEditor-VariableQuery' };
}
