import { css } from '@emotion/css';
import { type GrafanaTheme2, LoadingState, type PanelProps } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { CALLTREE_LABELS } from '../../promql/metrics';
import { useBaseline } from './baseline/useBaseline';
import { CallTreeView } from './CallTreeView';
import { DEFAULT_OPTIONS, type PanelOptions } from './options';
import { hasSeries, type Queries, readQueries } from './queries/queries';

/**
 * Rows of one query. Measured (docs/flame-graph.md): a tree of 100,000 is drawn in about the time that a person notices;
 * at 250,000 Grafana itself needs 150 MB and many seconds to bring the answer, and a refresh would block the page.
 */
export const MOST_ROWS = 250_000;

export function FlameGraphPanel(props: PanelProps<PanelOptions>) {
  const { data, width, height } = props;
  const styles = useStyles2(getStyles);
  const options = useMemo(() => ({ ...DEFAULT_OPTIONS, ...props.options }), [props.options]);
  const queries = useMemo(() => readQueries(data.series, options), [data.series, options]);
  const chosenBaseline = useBaseline(props, options);

  const tooMany = rowsOfLargest(queries) > MOST_ROWS;
  if (!hasSeries(queries.now) || tooMany) {
    return (
      <div className={styles.message} style={{ width, height }}>
        {tooMany ? <TooMany rows={rowsOfLargest(queries)} /> : <NoTree {...props} queries={queries} />}
      </div>
    );
  }
  return (
    <div className={styles.panel} style={{ width, height }}>
      <CallTreeView {...props} options={options} queries={queries} chosenBaseline={chosenBaseline} />
    </div>
  );
}

function rowsOfLargest({ now, baseline, bytes, bytesBaseline }: Queries): number {
  return Math.max(
    ...[now, baseline, bytes, bytesBaseline].map((read) => (hasSeries(read) ? read.columns.node.length : 0))
  );
}

function TooMany({ rows }: { rows: number }) {
  return (
    <>
      <p role="alert">
        {rows.toLocaleString('en')} series are too many to draw; {MOST_ROWS.toLocaleString('en')} are drawn.
      </p>
      <p>
        Merge the trees of all processes by <code>sum by ({CALLTREE_LABELS.join(', ')}) (…)</code>, or choose one job or
        one instance. For whole fleets, alerts/calltree.rules.yml records one tree for each job. (topk would cut callers
        off.)
      </p>
    </>
  );
}

function NoTree({ data, queries: { now } }: PanelProps<PanelOptions> & { queries: Queries }) {
  if (now.kind === 'unreadable') {
    return <p role="alert">{now.reason}</p>;
  }
  if (data.state === LoadingState.Error) {
    const reason = data.errors?.[0]?.message ?? 'the data source gave no reason';
    return <p role="alert">The query failed: {reason.replace(/\.$/, '')}.</p>;
  }
  if (data.state === LoadingState.Loading) {
    return <p role="status">Loading…</p>;
  }
  return (
    <>
      <p>No goroutine call trees here: the query returned no series.</p>
      <p>
        They come from this project&apos;s collector: scrape the program through goroutine_stack_exporter&apos;s /probe,
        or link the stackdepth library. If that is done, look whether the job and the instance are the right ones.
      </p>
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // No overflow: hidden, which would clip focus rings at the edge.
  panel: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(0.75) }),
  message: css({
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'safe center',
    padding: theme.spacing(2),
    textAlign: 'center',
    color: theme.colors.text.secondary,
    overflow: 'auto',
    p: { maxWidth: 720, margin: theme.spacing(0.5, 0) },
  }),
});
