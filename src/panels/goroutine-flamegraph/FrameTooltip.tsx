import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Portal, useStyles2, VizTooltipContainer } from '@grafana/ui';
import React from 'react';
import { SYNTHETIC_FUNCTIONS } from '../../calltree/synthetic';
import { type Facts, type Format, formatChange, formatShare, MEASURED } from './words/describe';
import type { Point } from './graph/FlameGraph';
import type { Measure } from './options';
import { roundRate } from './words/roundRate';

interface Props {
  facts: Facts;
  /** Share of what is zoomed to, 0..1; absent where nothing is. */
  shareOfZoomed?: number;
  /** A sentence for smaller siblings. */
  hint?: string;
  at: Point;
  measure: Measure;
  since?: string;
  /** Between the baseline and now. */
  minutes?: number;
  format: Format;
  /** How the frame came to be: its trend. */
  children?: React.ReactNode;
}

/** Names can be of any length; more than this is no help. */
const LONGEST_NAME = 512;

export function FrameTooltip(props: Props) {
  const { facts, shareOfZoomed, hint, at, measure, since, minutes, format, children } = props;
  const styles = useStyles2(getStyles);
  const meaning = hint ?? SYNTHETIC_FUNCTIONS.get(facts.name);
  const { name, change } = facts;
  return (
    <Portal>
      <VizTooltipContainer position={at} offset={{ x: 12, y: 12 }}>
        <div className={styles.tooltip} data-testid="flame-graph-tooltip">
          <div className={styles.name} dir="ltr">
            {name.slice(0, LONGEST_NAME)}
            {name.length > LONGEST_NAME && ` … (${name.length.toLocaleString('en')} characters)`}
          </div>
          {meaning && <div className={styles.meaning}>{meaning}</div>}
          <dl className={styles.figures}>
            <dt>Total</dt>
            <dd>
              {format(facts.total)} {measure !== 'goroutines' && MEASURED[measure]}
            </dd>
            <dt>Self</dt>
            <dd>{format(facts.self)}</dd>
            {facts.share !== undefined && (
              <>
                <dt>Share of all</dt>
                <dd>{formatShare(facts.share, 1)}</dd>
              </>
            )}
            {shareOfZoomed !== undefined && (
              <>
                <dt>Share of zoomed</dt>
                <dd>{formatShare(shareOfZoomed, 1)}</dd>
              </>
            )}
            {change !== undefined && since && (
              <>
                <dt>
                  {facts.appearance === 'new' ? 'New since' : facts.appearance === 'vanished' ? 'Gone since' : 'Since'}{' '}
                  {since}
                </dt>
                <dd>
                  {formatChange(change, format)}
                  {minutes !== undefined && ` (${formatChange(roundRate(change / minutes), format)} a minute)`}
                </dd>
              </>
            )}
          </dl>
          {children}
        </div>
      </VizTooltipContainer>
    </Portal>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  tooltip: css({ maxWidth: 480, fontSize: theme.typography.bodySmall.fontSize }),
  name: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontWeight: theme.typography.fontWeightMedium,
    overflowWrap: 'anywhere',
    unicodeBidi: 'isolate',
  }),
  meaning: css({ color: theme.colors.text.secondary }),
  figures: css({
    display: 'grid',
    gridTemplateColumns: 'auto auto',
    justifyContent: 'start',
    columnGap: theme.spacing(2),
    margin: theme.spacing(0.5, 0, 0),
    dt: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
    dd: { margin: 0, textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
  }),
});
