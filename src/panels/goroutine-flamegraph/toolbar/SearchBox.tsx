import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, IconButton, Input, useStyles2 } from '@grafana/ui';
import React, { forwardRef, type KeyboardEvent } from 'react';
import type { SearchMode } from '../../../calltree/search';

interface Props {
  text: string;
  mode: SearchMode;
  invalid: boolean;
  /** Matching frames; none while nothing is searched. */
  matches: number;
  onText(text: string): void;
  onMode(mode: SearchMode): void;
  onStep(step: 1 | -1): void;
  /** Back to the graph. */
  onLeave(): void;
}

export const SearchBox = forwardRef<HTMLInputElement, Props>(function SearchBox(
  { text, mode, invalid, matches, onText, onMode, onStep, onLeave },
  input
) {
  const styles = useStyles2(getStyles);
  const isRegex = mode === 'regex';
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      onStep(event.shiftKey ? -1 : 1);
    } else if (event.key === 'ArrowDown') {
      onLeave();
    } else if (event.key === 'Escape' && text !== '') {
      onText('');
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Input
      ref={input}
      className={styles.search}
      prefix={<Icon name="search" />}
      aria-label={`Search functions by ${isRegex ? 'regular expression' : 'words'}`}
      placeholder={isRegex ? 'Search (regular expression)' : 'Search (words)'}
      value={text}
      invalid={invalid}
      onChange={(event) => onText(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      suffix={
        <>
          {text !== '' && (
            <>
              <IconButton
                name="angle-up"
                tooltip="Previous match (Shift+Enter)"
                disabled={matches === 0}
                onClick={() => onStep(-1)}
              />
              <IconButton
                name="angle-down"
                tooltip="Next match (Enter)"
                disabled={matches === 0}
                onClick={() => onStep(1)}
              />
              <IconButton name="times" tooltip="Clear the search" onClick={() => onText('')} />
            </>
          )}
          <button
            type="button"
            className={isRegex ? styles.modeOn : styles.mode}
            aria-pressed={isRegex}
            aria-label="Regular expression"
            title={isRegex ? 'Regular expression; press for words' : 'Words; press for a regular expression'}
            onClick={() => onMode(isRegex ? 'words' : 'regex')}
          >
            .*
          </button>
        </>
      }
    />
  );
});

const getStyles = (theme: GrafanaTheme2) => {
  const mode = {
    border: 'none',
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(0, 0.75),
    fontFamily: theme.typography.fontFamilyMonospace,
    lineHeight: '22px',
    background: 'transparent',
    color: theme.colors.text.secondary,
    '&:hover': { color: theme.colors.text.primary, background: theme.colors.action.hover },
  };
  return {
    search: css({ flex: '1 1 200px', minWidth: 120, maxWidth: 360 }),
    mode: css(mode),
    modeOn: css({ ...mode, background: theme.colors.action.selected, color: theme.colors.text.primary }),
  };
};
