import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import { Snippet } from './Snippet';
import type { Way } from './remedies';

interface Props {
  ways: Way[];
  /** Shows the first way's snippets from the start. */
  openFirst?: boolean;
}

/** Ways to close a gap, each to be unfolded. */
export function Ways({ ways, openFirst = false }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <>
      {ways.map(({ title, steps }, index) => (
        <details key={title} className={styles.way} open={openFirst && index === 0}>
          <summary className={styles.title}>{title}</summary>
          <ol className={styles.steps}>
            {steps.map(({ text, of, snippet }) => (
              <li key={text}>
                {text}
                <Snippet of={of} text={snippet} />
              </li>
            ))}
          </ol>
        </details>
      ))}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  way: css({
    borderTop: `1px solid ${theme.colors.border.weak}`,
    padding: theme.spacing(1, 0),
  }),
  title: css({
    display: 'list-item',
    cursor: 'pointer',
    color: theme.colors.text.link,
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
  }),
  steps: css({
    margin: theme.spacing(1, 0, 0),
    paddingLeft: theme.spacing(3),
    listStyle: 'decimal',
    'li > figure': { marginLeft: theme.spacing(-3) },
  }),
});
