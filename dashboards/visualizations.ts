import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { DATA_SOURCE, MIN_INTERVAL } from './queries';

/** What a number must reach for a colour of the theme; the first has no least. */
export type Step = [value: number | null, color: string];

export function overTime(id: number, title: string, at: dashboard.GridPos) {
  return new timeseries.PanelBuilder()
    .id(id)
    .title(title)
    .gridPos(at)
    .datasource(DATA_SOURCE)
    .interval(MIN_INTERVAL)
    .showPoints(common.VisibilityMode.Never)
    .min(0)
    .fillOpacity(10)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending)
    );
}

export function summary(id: number, title: string, at: dashboard.GridPos) {
  return new stat.PanelBuilder()
    .id(id)
    .title(title)
    .gridPos(at)
    .datasource(DATA_SOURCE)
    .interval(MIN_INTERVAL)
    .colorMode(common.BigValueColorMode.None)
    .graphMode(common.BigValueGraphMode.None)
    .wideLayout(false)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

export function rows(id: number, title: string, at: dashboard.GridPos) {
  return (
    new table.PanelBuilder()
      .id(id)
      .title(title)
      .gridPos(at)
      .datasource(DATA_SOURCE)
      .interval(MIN_INTERVAL)
      .cellHeight(common.TableCellHeight.Sm)
      // What the panel says where it is empty is not for a cell.
      .overrideByRegexp('/.*/', [{ id: 'noValue', value: '–' }])
  );
}

/** A row of panels that is folded until somebody asks. Panels are placed below it. */
export function foldedRow(id: number, title: string, y: number, panels: Array<{ build(): dashboard.Panel }>) {
  const row = new dashboard.RowBuilder(title).id(id).collapsed(true).gridPos({ h: 1, w: 24, x: 0, y });
  return panels.reduce((built, panel) => built.withPanel(panel), row);
}

export function thresholds(steps: Step[]) {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })));
}

export function colored(color: string) {
  return { id: 'color', value: { mode: 'fixed', fixedColor: color } };
}

export function dashedLine(color: string, width = 2) {
  return [
    colored(color),
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 6] } },
    { id: 'custom.lineWidth', value: width },
    { id: 'custom.fillOpacity', value: 0 },
    { id: 'custom.showPoints', value: 'never' },
  ];
}

export function unit(name: string) {
  return { id: 'unit', value: name };
}

/** Of a table's column, in pixels; columns without one share the rest. */
export function width(pixels: number) {
  return { id: 'custom.width', value: pixels };
}

/** A value as text in the colour of its threshold. */
export function coloredText(steps: Step[]) {
  return [
    { id: 'thresholds', value: { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) } },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ];
}

/** A bar as long as the value is of the column's greatest, or of `max`. */
export function bar(max?: number) {
  return [
    { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } },
    { id: 'min', value: 0 },
    ...(max === undefined ? [] : [{ id: 'max', value: max }]),
  ];
}

export function dataLink(title: string, url: string) {
  return { id: 'links', value: [{ title, url }] };
}

/** This dashboard with one variable set to the cell's text: the time range and the other variables are kept. */
export function settingVariable(name: string) {
  return `\${__url.path}\${__url.params:exclude:var-${name}}&var-${name}=\${__value.text:percentencode}`;
}
