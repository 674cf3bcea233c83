import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import React from 'react';
import { t } from '../../translate';

interface Props {
  /** What it is of: a language or a file. */
  of: string;
  text: string;
}

/** Something to copy, as it is. */
export function Snippet({ of, text }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <figure className={styles.figure} aria-label={of}>
      <figcaption className={styles.caption}>
        <span className={styles.of}>{of}</span>
        <ClipboardButton
          size="sm"
          variant="secondary"
          fill="text"
          icon="copy"
          getText={() => text}
          aria-label={t('setup.copy-of', 'Copy {{of}}', { of })}
        >
          {t('setup.copy', 'Copy')}
        </ClipboardButton>
      </figcaption>
      {/* By keyboard, only what has the focus is scrolled. */}
      <pre className={styles.pre} tabIndex={0}>
        {text}
      </pre>
    </figure>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  figure: css({
    margin: theme.spacing(1, 0, 2),
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    overflow: 'hidden',
  }),
  caption: css({
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(0, 0.5, 0, 1),
    background: theme.colors.background.secondary,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  of: css({ overflow: 'hidden', textOverflow: 'ellipsis' }),
  pre: css({
    margin: 0,
    padding: theme.spacing(1),
    maxHeight: 400,
    overflow: 'auto',
    border: 'none',
    borderRadius: 0,
    whiteSpace: 'pre',
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
