import { css } from '@emotion/css';
import {
  dateTimeFormat,
  type Field,
  FieldType,
  getMinMaxAndDelta,
  type GrafanaTheme2,
  type PanelProps,
} from '@grafana/data';
import { Sparkline, useStyles2, useTheme2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import type { Sample } from '../../../calltree/growth';
import type { Format } from '../words/describe';
import { describeGrowth } from './describeGrowth';
import { type TrendState, useTrend } from './useTrend';

type Props = Parameters<typeof useTrend>[0] & { format: Format; timeZone: PanelProps['timeZone'] };

/** In px. */
const WIDTH = 260;
const HEIGHT = 36;

/** A frame's values over the dashboard's time range as a sparkline, and how they grow. */
export function TrendOfFrame({ format, timeZone, ...asked }: Props) {
  const styles = useStyles2(getStyles);
  const trend = useTrend(asked);
  return (
    <div className={styles.trend} data-testid="trend">
      <div className={styles.line}>
        {trend.state === 'ready' && trend.samples.length > 1 && <Line samples={trend.samples} />}
      </div>
      <div>{describeTrend(trend, format, (time) => dateTimeFormat(time, { format: 'HH:mm', timeZone }))}</div>
    </div>
  );
}

function describeTrend(trend: TrendState, format: Format, formatTime: (time: number) => string): string {
  if (trend.state === 'loading') {
    return 'Trend …';
  }
  if (trend.state === 'absent') {
    return `No trend: ${trend.reason}`;
  }
  const { samples, missing, growth, fellAt } = trend;
  if (samples.length < 2) {
    return 'No trend: there are too few samples in the dashboard’s time range';
  }
  const minutes = (samples[samples.length - 1].time - (fellAt ?? samples[0].time)) / 60_000;
  return [
    growth ? describeGrowth(growth, minutes, format) : 'too few samples to tell the growth',
    ...(fellAt === undefined ? [] : [`since it fell at ${formatTime(fellAt)}`]),
    ...(missing > 0 ? [`no samples in ${missing} of ${samples.length + missing} steps`] : []),
  ].join('; ');
}

function Line({ samples }: { samples: Sample[] }) {
  const theme = useTheme2();
  const sparkline = useMemo(() => {
    const x = fieldOf(
      'Time',
      FieldType.time,
      samples.map(({ time }) => time)
    );
    const y = fieldOf(
      'Value',
      FieldType.number,
      samples.map(({ value }) => value)
    );
    return { x, y: { ...y, state: { range: getMinMaxAndDelta(y) } } };
  }, [samples]);
  return <Sparkline theme={theme} width={WIDTH} height={HEIGHT} sparkline={sparkline} config={CONFIG} />;
}

function fieldOf(name: string, type: FieldType, values: number[]): Field {
  return { name, type, values, config: {} };
}

const CONFIG = { custom: { lineWidth: 1.5, fillOpacity: 15 } };

const getStyles = (theme: GrafanaTheme2) => ({
  trend: css({ marginTop: theme.spacing(0.5), width: WIDTH, color: theme.colors.text.secondary }),
  // The tooltip must not grow when the answer comes.
  line: css({ height: HEIGHT }),
});
