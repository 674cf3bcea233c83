import { css } from '@emotion/css';
import {
  type Field,
  formattedValueToString,
  type GrafanaTheme2,
  getDisplayProcessor,
  LoadingState,
  type PanelProps,
} from '@grafana/data';
import { Button, Icon, Input, useStyles2, useTheme2 } from '@grafana/ui';
import React, { useMemo, useState } from 'react';
import { parseSearch, searchFrames } from '../../calltree/search';
import { buildCallTree, type CallTree, ROOT_NODE } from '../../calltree/tree';
import { describeMended, formatShare, plural } from './describe';
import { FlameGraph } from './FlameGraph';
import { readSeries } from './readSeries';
import { useFocus } from './useFocus';

export function FlameGraphPanel({ id, data, width, height }: PanelProps) {
  const styles = useStyles2(getStyles);
  const read = useMemo(() => readSeries(data.series), [data.series]);
  const tree = useMemo(() => (read.kind === 'series' ? buildCallTree(read.series) : null), [read]);

  if (tree && read.kind === 'series' && tree.frames.size > 1) {
    return (
      <div className={styles.panel} style={{ width, height }}>
        <Graph panelId={id} tree={tree} valueField={read.valueField} width={width} />
      </div>
    );
  }
  return (
    <div className={styles.message} style={{ width, height }}>
      {data.state === LoadingState.Loading ? (
        'Loading…'
      ) : read.kind === 'unreadable' ? (
        <p role="alert">{read.reason}</p>
      ) : data.state === LoadingState.Error ? (
        <p role="alert">The query failed: {data.errors?.[0]?.message ?? 'the data source gave no reason'}.</p>
      ) : tree && tree.mended.invalid > 0 ? (
        <p>{describeMended(tree.mended).join(' ')}</p>
      ) : (
        <>
          <p>No goroutine call trees here: the query returned no series.</p>
          <p>
            They come from this project&apos;s collector: scrape the program through goroutine_stack_exporter&apos;s
            /probe, or link the stackdepth library. If that is done, look whether the job and the instance are the right
            ones.
          </p>
        </>
      )}
    </div>
  );
}

interface GraphProps {
  panelId: number;
  tree: CallTree;
  valueField: Field;
  width: number;
}

function Graph({ panelId, tree, valueField, width }: GraphProps) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [focusNode, setFocusNode] = useFocus(panelId);
  const [searchText, setSearchText] = useState('');
  // A zoomed frame that is gone from the data comes back into view when it returns.
  const focus = tree.frames.get(focusNode) ?? tree.root;

  const search = useMemo(() => parseSearch(searchText), [searchText]);
  const found = useMemo(
    () => (searchText !== '' && 'pattern' in search ? searchFrames(tree.root, search.pattern) : null),
    [searchText, search, tree]
  );
  const format = useMemo(() => {
    const display = valueField.display ?? getDisplayProcessor({ field: valueField, theme });
    return (value: number) => formattedValueToString(display(value));
  }, [valueField, theme]);
  const notes = describeMended(tree.mended);

  const reset = () => {
    setFocusNode(ROOT_NODE);
    setSearchText('');
  };

  return (
    <>
      <div className={styles.toolbar}>
        <Input
          className={styles.search}
          prefix={<Icon name="search" />}
          aria-label="Search functions by regular expression"
          placeholder="Search functions (regular expression)"
          value={searchText}
          invalid={'error' in search}
          onChange={(event) => setSearchText(event.currentTarget.value)}
        />
        <Button
          variant="secondary"
          icon="times"
          onClick={reset}
          disabled={focus === tree.root && searchText === ''}
          tooltip="Show all goroutines and clear the search"
        >
          Reset
        </Button>
        <div className={styles.status} role="status">
          {'error' in search
            ? search.error
            : found
              ? `${plural(found.nodes.size, 'frame matches', 'frames match')}: ${format(found.total)} of ${format(tree.root.total)} (${formatShare(found.total, tree.root.total)})`
              : focus === tree.root
                ? `${format(tree.root.total)} goroutines`
                : `${focus.function}: ${format(focus.total)} of ${format(tree.root.total)} (${formatShare(focus.total, tree.root.total)})`}
        </div>
      </div>
      <FlameGraph
        tree={tree}
        focus={focus}
        matches={found?.nodes ?? NO_MATCHES}
        width={width}
        format={format}
        onFocus={setFocusNode}
      />
      {notes.length > 0 && (
        <div className={styles.notes} role="note">
          <Icon name="exclamation-triangle" /> {notes.join(' ')}
        </div>
      )}
    </>
  );
}

const NO_MATCHES: ReadonlySet<string> = new Set();

const getStyles = (theme: GrafanaTheme2) => ({
  // No overflow: hidden, which would clip focus rings at the edge.
  panel: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  toolbar: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), minWidth: 0 }),
  search: css({ flex: '0 1 320px' }),
  status: css({
    flex: '1 1 0',
    minWidth: 0,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
  }),
  notes: css({ color: theme.colors.warning.text, fontSize: theme.typography.bodySmall.fontSize }),
  message: css({
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'center',
    padding: theme.spacing(2),
    textAlign: 'center',
    color: theme.colors.text.secondary,
    overflow: 'auto',
    p: { maxWidth: 720, margin: theme.spacing(0.5, 0) },
  }),
});
