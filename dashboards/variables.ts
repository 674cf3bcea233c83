import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { BASELINE_VARIABLE } from '../src/promql/dashboard/callTrees';
import { treeSources } from '../src/promql/dashboard/fleet';
import { choices, WORST } from '../src/promql/dashboard/selection';
import { DATA_SOURCE, variableQuery } from './queries';

/** The function that the flame graph looks for. */
export const FUNCTION_VARIABLE = 'function';

/** Set by the flame graph's own menus and by links, so there is nothing to type. */
const flameGraphVariables = () => [hiddenText(BASELINE_VARIABLE, 'offset 5m'), hiddenText(FUNCTION_VARIABLE, '')];

export function processVariables() {
  return [
    dataSource(),
    text('unrecorded', choices.unrecorded),
    job().multi(true),
    text('unlessRecorded', choices.unlessRecorded),
    query('instance', resultOf(choices.instance))
      .label('Instance')
      .description('The worst first. The worst is chosen where the address names none; All are summed and merged.')
      .regex('/instance="(?<value>[^"]+)",text="(?<text>[^"]+)"/')
      .includeAll(true)
      .allValue('.*')
      // An option is found by its text, where no value of the URL is: else All would be it.
      .current({ text: WORST, value: '' }),
    hidden('shown', resultOf(choices.shown)).regex('/instance="([^"]+)"/'),
    hidden('watched', resultOf(choices.watched)).regex('/instance="([^"]+)"/'),
    hidden('pods', resultOf(choices.pods)).regex('/pod="([^"]+)"/'),
    ...flameGraphVariables(),
    adHocFilters(),
  ];
}

export function fleetVariables() {
  return [
    dataSource(),
    text('unrecorded', choices.unrecorded),
    text('unlessAllRecorded', choices.unlessAllRecorded),
    job().description('Whose call trees are merged below.'),
    sourceOfTree('tree', treeSources.goroutines),
    sourceOfTree('bytes', treeSources.bytes),
    ...flameGraphVariables(),
    adHocFilters(),
  ];
}

function dataSource() {
  return new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');
}

/** A hidden one of one value: the label `text`. */
function text(name: string, expr: string) {
  return query(name, resultOf(expr)).hide(dashboard.VariableHide.HideVariable).regex('/text="([^"]+)"/');
}

/** The job of the worst process is chosen where the URL names none. */
function job() {
  // Those of the whole Prometheus are ranked for it: once, not at each refresh.
  return query('job', resultOf(choices.job))
    .label('Job')
    .regex('/job="([^"]+)"/')
    .refresh(dashboard.VariableRefresh.OnDashboardLoad);
}

/** All of its values, always. */
function hidden(name: string, text: string) {
  return query(name, text)
    .hide(dashboard.VariableHide.HideVariable)
    .multi(true)
    .includeAll(true)
    .current({ text: 'All', value: '$__all' });
}

function sourceOfTree(name: string, selector: string) {
  return query(name, labelValues(selector, '__name__'))
    .hide(dashboard.VariableHide.HideVariable)
    .sort(dashboard.VariableSort.AlphabeticalDesc);
}

function query(name: string, text: string) {
  return new dashboard.QueryVariableBuilder(name)
    .datasource(DATA_SOURCE)
    .query(variableQuery(text))
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.Disabled);
}

function adHocFilters() {
  return new dashboard.AdHocVariableBuilder('filters')
    .label('Filters')
    .description('For all queries below: labels that both the programs and their call trees have, such as a namespace.')
    .datasource(DATA_SOURCE);
}

function hiddenText(name: string, value: string) {
  return new dashboard.TextBoxVariableBuilder(name)
    .hide(dashboard.VariableHide.HideVariable)
    .defaultValue(value)
    .current({ text: value, value });
}

function resultOf(expr: string) {
  return `query_result(${expr})`;
}

function labelValues(selector: string, label: string) {
  return `label_values(${selector}, ${label})`;
}
