import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_PANELS as PANEL } from '../../src/constants';
import { fastestGrowingFunctions, largestFunctions } from '../../src/promql/dashboard/functions';
import { instant } from '../queries';
import { FUNCTION_VARIABLE } from '../variables';
import { bar, dataLink, rows, settingVariable, unit, width } from '../visualizations';
import { NO_TREES } from './callTrees';

/** "What grows?", beside what is large. */
export function functions() {
  return [growing(), largest()];
}

function growing() {
  return byFunction(PANEL.growing, 'What grows? Goroutines by function', 0, 'Growth per minute')
    .description(
      'Goroutines whose stack passes through the function at that depth: how many more each minute, over five minutes. Empty ' +
        'until the collector has been up for five minutes. Of many instances, those of the five most urgent. Click a function to find it in the flame graph.'
    )
    .noValue(
      'No function has grown in five minutes. No call trees: no functions either (probe, library or agent give them)'
    )
    .withTarget(instant('A', fastestGrowingFunctions));
}

function largest() {
  return byFunction(PANEL.largest, 'What is large? Goroutines by function', 12, 'Goroutines')
    .description(
      'Goroutines whose stack passes through the function at that depth; the runtime’s own functions left out. Of many ' +
        'instances, those of the five most urgent. Click a function to find it in the flame graph.'
    )
    .noValue(NO_TREES)
    .withTarget(instant('A', largestFunctions));
}

function byFunction(id: number, title: string, x: number, valueName: string) {
  const at: dashboard.GridPos = { h: 10, w: 12, x, y: 41 };
  return rows(id, title, at)
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: { function: 0, depth: 1, Value: 2 },
        renameByName: { function: 'Function', depth: 'Depth', Value: valueName },
      },
    })
    .overrideByName('Depth', [width(70), { id: 'custom.align', value: 'right' }])
    .overrideByName('Function', [dataLink('Find it in the flame graph', settingVariable(FUNCTION_VARIABLE))])
    .overrideByName(valueName, [
      ...bar(),
      unit('locale'),
      { id: 'decimals', value: 0 },
      width(240),
      { id: 'color', value: { mode: 'continuous-YlRd' } },
    ])
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(valueName).desc(true)]);
}
