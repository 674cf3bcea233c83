import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Portal, useStyles2, VizTooltipContainer } from '@grafana/ui';
import React from 'react';
import { type CallTree, type Frame, SYNTHETIC_FUNCTIONS } from '../../calltree/tree';
import { formatShare } from './describe';

interface Props {
  frame: Frame;
  tree: CallTree;
  focus: Frame;
  /** Viewport coordinates in px. */
  at: { x: number; y: number };
  format(value: number): string;
}

export function FrameTooltip({ frame, tree, focus, at, format }: Props) {
  const styles = useStyles2(getStyles);
  const meaning = SYNTHETIC_FUNCTIONS.get(frame.function);
  return (
    <Portal>
      <VizTooltipContainer position={at} offset={{ x: 12, y: 12 }}>
        <div className={styles.tooltip} data-testid="flame-graph-tooltip">
          <div className={styles.name}>{frame.function}</div>
          {meaning && <div className={styles.meaning}>{meaning}</div>}
          <dl className={styles.figures}>
            <dt>Total</dt>
            <dd>{format(frame.total)}</dd>
            <dt>Self</dt>
            <dd>{format(frame.self)}</dd>
            <dt>Share of all</dt>
            <dd>{formatShare(frame.total, tree.root.total)}</dd>
            {focus !== tree.root && (
              <>
                <dt>Share of zoomed</dt>
                <dd>{formatShare(Math.min(frame.total, focus.total), focus.total)}</dd>
              </>
            )}
          </dl>
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
