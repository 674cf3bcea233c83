import type { AlertingRule } from '../promql/prometheusRules';
import { withThresholds } from './condition';

/** What of the alerts' conditions a person may set; docs/alerts.md says why the defaults are what they are. */
export type ThresholdName =
  | 'minutesLeft'
  | 'memoryUsed'
  | 'stackShare'
  | 'goroutineGrowth'
  | 'goroutines'
  | 'stackGrowth'
  | 'growingStackShare'
  | 'heapKept'
  | 'softLimitUsed'
  | 'restarts'
  | 'usedBeforeRestart'
  | 'pressure'
  | 'headroomUsed';

export type ThresholdUnit = 'minutes' | 'percent' | 'times' | 'count';

export type Thresholds = Readonly<Partial<Record<ThresholdName, number>>>;

export interface ThresholdSetting {
  name: ThresholdName;
  unit: ThresholdUnit;
  default: number;
  min: number;
  max: number;
  /** How much of the condition's number one unit is: 60, where the setting is in minutes and the condition in seconds. */
  factor: number;
  /** The comparisons that have this number, by their place in the condition: alert → index. */
  sets: Readonly<Record<string, number>>;
}

export const THRESHOLD_SETTINGS: readonly ThresholdSetting[] = [
  // More than an hour ahead a line predicts nothing; less than the five minutes that are promised helps nobody.
  setting('minutesLeft', 'minutes', 12, { GoOOMAhead: 0, GoStackOOMAhead: 0 }, { factor: 60, min: 5, max: 60 }),
  setting('memoryUsed', 'percent', 50, { GoOOMAhead: 1, GoStackOOMAhead: 1 }),
  setting('stackShare', 'percent', 15, { GoOOMAhead: 2, GoStackOOMAhead: 2 }),
  setting('goroutineGrowth', 'percent', 5, { GoGoroutineLeak: 0 }, { max: 1000 }),
  setting('goroutines', 'count', 300, { GoGoroutineLeak: 1 }, { max: 1e9 }),
  setting('stackGrowth', 'times', 1.5, { GoStackGrowth: 0 }, { min: 1, max: 100 }),
  setting('growingStackShare', 'percent', 15, { GoStackGrowth: 2 }),
  setting('heapKept', 'percent', 90, { GoGCThrash: 0 }),
  setting('softLimitUsed', 'percent', 90, { GoGCThrash: 1 }),
  setting('restarts', 'count', 2, { GoCrashLoop: 0 }, { min: 1, max: 100 }),
  setting('usedBeforeRestart', 'percent', 80, { GoCrashLoop: 1 }),
  setting('pressure', 'percent', 85, { GoroutineStackPressure: 0, JVMThreadPressure: 0 }),
  setting('headroomUsed', 'percent', 35, { GoroutineStackPressure: 1, JVMThreadPressure: 1 }, { factor: 0.01 }),
];

function setting(
  name: ThresholdName,
  unit: ThresholdUnit,
  value: number,
  sets: Record<string, number>,
  { factor = 1, min = 0, max = 100 }: Partial<Pick<ThresholdSetting, 'factor' | 'min' | 'max'>> = {}
): ThresholdSetting {
  return { name, unit, default: value, min, max, factor, sets };
}

/** The settings that the alert's condition has, in its order. */
export function thresholdsOf(alert: string): ThresholdSetting[] {
  return THRESHOLD_SETTINGS.filter(({ sets }) => alert in sets).sort((a, b) => a.sets[alert] - b.sets[alert]);
}

export function valueOf({ name, default: value }: ThresholdSetting, thresholds: Thresholds): number {
  return thresholds[name] ?? value;
}

export function isValid({ min, max }: ThresholdSetting, value: number): boolean {
  return Number.isFinite(value) && value >= min && value <= max;
}

/** The alert with the numbers of the settings that differ from the defaults. */
export function withChosenThresholds(rule: AlertingRule, thresholds: Thresholds): AlertingRule {
  const changed = thresholdsOf(rule.alert).filter((setting) => valueOf(setting, thresholds) !== setting.default);
  const numbers = changed.map(
    (setting) => [setting.sets[rule.alert], scaled(valueOf(setting, thresholds), setting.factor)] as const
  );
  return { ...rule, expr: withThresholds(rule.expr, new Map(numbers)) };
}

/** Without what binary fractions add: 29 × 0.01 is 0.29. */
function scaled(value: number, factor: number): number {
  return Number((value * factor).toPrecision(12));
}
