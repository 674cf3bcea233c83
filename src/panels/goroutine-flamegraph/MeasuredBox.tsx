import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import React, { useRef } from 'react';
import { type Size, useElementSize } from './useElementSize';

/** Takes what room a flex container has, and tells its content how much that is. */
export function MeasuredBox({ children }: { children(size: Size): React.ReactNode }) {
  const styles = useStyles2(getStyles);
  const element = useRef<HTMLDivElement>(null);
  const size = useElementSize(element, FALLBACK);
  return (
    <div ref={element} className={styles.box}>
      {size.width > 0 && children(size)}
    </div>
  );
}

/** Where nothing is laid out, in px. */
const FALLBACK: Size = { width: 600, height: 300 };

const getStyles = () => ({
  box: css({ flex: '1 1 0', minWidth: 0, minHeight: 0, overflow: 'hidden' }),
});
