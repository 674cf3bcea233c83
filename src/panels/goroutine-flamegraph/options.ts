/** How wide a frame is. */
export type Measure = 'goroutines' | 'bytes' | 'bytesPerGoroutine';

export type ColorBy = 'auto' | 'package' | 'growth' | 'thresholds';

export type View = 'graph' | 'table' | 'both';

export interface PanelOptions {
  /** What the panel begins with; a person looking at it can choose otherwise for the time being. */
  measure: Measure;
  colorBy: ColorBy;
  view: View;
  collapseRuntime: boolean;
  showVanished: boolean;

  /** Queries by refId: A is goroutines now. */
  baselineRefId: string;
  bytesRefId: string;
  bytesBaselineRefId: string;
  /** A number: processes with a tree now and none at the baseline. */
  uncoveredRefId: string;
  /** A number: processes that were restarted since the baseline. */
  restartedRefId: string;

  /** The dashboard's variable with the modifier of the baseline's selectors. */
  baselineVariable: string;
  /** PromQL that gives the unix time just before the last restart. */
  restartQuery: string;
  /** The dashboard's variable for the function that is looked at. */
  functionVariable: string;
  /** Paths of modules that are one's own, separated by commas. */
  ownModules: string;
  /** With `{function}`, `{package}` and `{name}`. */
  sourceUrl: string;
}

export const DEFAULT_OPTIONS: PanelOptions = {
  measure: 'goroutines',
  colorBy: 'auto',
  view: 'graph',
  collapseRuntime: false,
  showVanished: true,
  baselineRefId: 'B',
  bytesRefId: 'C',
  bytesBaselineRefId: 'D',
  uncoveredRefId: 'E',
  restartedRefId: 'F',
  baselineVariable: 'baseline',
  restartQuery: '',
  functionVariable: 'function',
  ownModules: '',
  sourceUrl: '',
};

export function splitModules(ownModules: string): string[] {
  return ownModules
    .split(',')
    .map((module) => module.trim().replace(/\/+$/, ''))
    .filter(Boolean);
}
