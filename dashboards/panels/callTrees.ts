import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PANEL_ID } from '../../src/constants';
import * as promql from '../../src/promql/dashboard/callTrees';
import { DATA_SOURCE, instant, MIN_INTERVAL, tree } from '../queries';
import { FUNCTION_VARIABLE } from '../variables';
import { unit } from '../visualizations';

export const NO_TREES =
  'No call trees: probe this job with goroutine_stack_exporter, or link the stackdepth library, to see whose goroutines they are';

/** What the panel takes: docs/design.md, "What the panel takes". */
export interface TreeQueries {
  callTree: string;
  callTreeBefore: string;
  stackBytes: string;
  stackBytesBefore: string;
  uncoveredProcesses: string;
  restartedProcesses: string;
  timeBeforeLastRestart: string;
}

export const OF_CHOSEN: TreeQueries = promql;

/** "Whose goroutines?" */
export function flameGraph(id: number, title: string, at: dashboard.GridPos, queries: TreeQueries) {
  return new dashboard.PanelBuilder()
    .type(PANEL_ID)
    .id(id)
    .title(title)
    .description(
      'Each frame is a function, as wide as the goroutines whose stack passes through it; callers above, callees below. ' +
        'Orange has grown since the baseline, by default five minutes ago, and blue has shrunk. Click a frame to zoom; ' +
        'right-click for more.'
    )
    .gridPos(at)
    .datasource(DATA_SOURCE)
    .interval(MIN_INTERVAL)
    .unit('locale')
    .noValue(NO_TREES)
    .options({
      baselineVariable: promql.BASELINE_VARIABLE,
      functionVariable: FUNCTION_VARIABLE,
      restartQuery: queries.timeBeforeLastRestart,
    })
    .withTarget(tree('A', queries.callTree))
    .withTarget(tree('B', queries.callTreeBefore))
    .withTarget(tree('C', queries.stackBytes))
    .withTarget(tree('D', queries.stackBytesBefore))
    .withTarget(instant('E', queries.uncoveredProcesses))
    .withTarget(instant('F', queries.restartedProcesses))
    .overrideByQuery('C', [unit('bytes')])
    .overrideByQuery('D', [unit('bytes')]);
}
