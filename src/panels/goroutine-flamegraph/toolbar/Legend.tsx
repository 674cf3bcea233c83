import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import React from 'react';
import type { Format } from '../words/describe';
import { GROWTH_STEPS, type GrowthClass, growthColor, newColor, vanishedColor } from '../graph/color';

interface Props {
  /** The largest change of any frame, which the steps are shares of. */
  largest: number;
  format: Format;
}

const CLASSES: GrowthClass[] = [-3, -2, -1, 0, 1, 2, 3];

/** What the colours of growth mean. */
export function Legend({ largest, format }: Props) {
  const styles = useStyles2(getStyles);
  const { isDark } = useTheme2();
  const from = (step: GrowthClass) => format(roundDown(GROWTH_STEPS[Math.abs(step) - 1] * largest));
  const meaning = (step: GrowthClass) =>
    step === 0 ? 'hardly changed' : `${step > 0 ? 'grew' : 'shrank'} by ${from(step)} or more`;
  return (
    <div className={styles.legend} aria-label="Colours: blue shrank, grey hardly changed, orange grew">
      <span>−{from(-3)}</span>
      {CLASSES.map((step) => (
        <span
          key={step}
          className={styles.swatch}
          style={{ background: growthColor(step, isDark) }}
          title={meaning(step)}
        />
      ))}
      <span>+{from(3)}</span>
      <span
        className={styles.swatch}
        style={{ background: `linear-gradient(90deg, ${newColor(isDark)} 30%, ${growthColor(1, isDark)} 30%)` }}
      />
      <span>new</span>
      <span
        className={styles.swatch}
        style={{
          background: `repeating-linear-gradient(135deg, ${vanishedColor(isDark)} 0 1px, transparent 1px 4px)`,
          outline: `1px solid ${vanishedColor(isDark)}`,
          outlineOffset: -1,
        }}
      />
      <span>gone</span>
    </div>
  );
}

/** To one digit, as a step is no exact figure. */
function roundDown(value: number): number {
  return value < 1
    ? Number(value.toPrecision(1))
    : Math.floor(value / 10 ** Math.floor(Math.log10(value))) * 10 ** Math.floor(Math.log10(value));
}

const getStyles = (theme: GrafanaTheme2) => ({
  legend: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    flexShrink: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
  }),
  swatch: css({ width: 14, height: 12, borderRadius: 2 }),
});
