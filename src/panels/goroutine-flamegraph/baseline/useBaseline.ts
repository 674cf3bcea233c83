import { dateTimeFormat, type PanelProps } from '@grafana/data';
import { config, locationService } from '@grafana/runtime';
import { useCallback, useMemo } from 'react';
import type { PanelOptions } from '../options';
import { type Baseline, readBaseline, sentExpression, variableValue } from './baseline';
import { queryNumber } from '../queries/queryNumber';

export interface ChosenBaseline {
  /** `undefined` where now is compared with nothing. */
  baseline: Baseline | undefined;
  /** Of the dashboard's variable; `undefined` where it has none. */
  modifier: string | undefined;
  /** Why another cannot be chosen, or `undefined`. */
  fixed: string | undefined;
  choose(modifier: string): void;
  /** Unix time in ms; absent where no query was set. */
  beforeLastRestart?: () => Promise<number | null>;
}

/** What the panel's query B compares with, and how to change that. */
export function useBaseline(
  { data, timeZone, replaceVariables }: Pick<PanelProps, 'data' | 'timeZone' | 'replaceVariables'>,
  { baselineRefId, baselineVariable, restartQuery }: PanelOptions
): ChosenBaseline {
  const { request } = data;
  const fillIn = useCallback(
    (text: string) => replaceVariables(text, request?.scopedVars),
    [replaceVariables, request?.scopedVars]
  );
  const modifier = variableValue(baselineVariable, fillIn);
  const sent = sentExpression(request, baselineRefId, fillIn);
  const now = data.timeRange.to.valueOf();
  const baseline = useMemo(() => {
    const formatTime = (time: number) => dateTimeFormat(time, { timeZone });
    if (sent !== undefined) {
      return readBaseline(sent, now, formatTime);
    }
    if (modifier !== undefined) {
      return readBaseline(modifier, now, formatTime);
    }
    return data.series.some(({ refId, length }) => refId === baselineRefId && length > 0)
      ? { since: 'the baseline' }
      : undefined;
  }, [sent, modifier, now, timeZone, data.series, baselineRefId]);

  return {
    baseline,
    modifier,
    fixed:
      !request || config.publicDashboardAccessToken
        ? 'There is no query to ask again, as in snapshots and public dashboards'
        : !request.targets.some(({ refId }) => refId === baselineRefId)
          ? `There is no query ${baselineRefId} for the baseline`
          : modifier === undefined
            ? `This dashboard has no variable “${baselineVariable}” to choose it with`
            : undefined,
    choose: (chosen) => locationService.partial({ [`var-${baselineVariable}`]: chosen }, true),
    beforeLastRestart:
      restartQuery.trim() === '' || !request
        ? undefined
        : async () => {
            const seconds = await queryNumber(request, baselineRefId, restartQuery);
            return seconds === null ? null : 1000 * seconds;
          },
  };
}
