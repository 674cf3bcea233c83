import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, type CellProps, type Column, InteractiveTable, LinkButton, useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { dashboardUrl } from '../../routes';
import { CallTrees, Count, MemoryLimit, number, ScrapeInterval } from './describeJob';
import { neededGaps } from './gaps';
import { type GoJob, withCallTree, withLimit } from './jobs';
import { Presence } from './Presence';
import { useIsNarrow } from './useIsNarrow';
import { t } from '../../translate';

interface Props {
  jobs: GoJob[];
  dataSourceUid: string;
  onOpen: (job: string) => void;
}

const PAGE_SIZE = 50;

/** A job with the numbers that columns sort by. */
interface Row {
  job: string;
  processes: number;
  callTrees: number;
  limit: number;
  scrapeSeconds: number;
  missing: number;
  of: GoJob;
}

type Cell = CellProps<Row>;

export function JobsTable({ jobs, dataSourceUid, onOpen }: Props) {
  const isNarrow = useIsNarrow();
  const columns = useMemo<Array<Column<Row>>>(() => {
    // What a narrow page leaves out is in the drawer.
    const visible = () => !isNarrow;
    return [
      {
        id: 'job',
        header: t('setup.column.job', 'Job'),
        sortType: 'string',
        cell: ({ row: { original } }: Cell) => <JobName name={original.job} />,
      },
      {
        id: 'processes',
        header: t('setup.column.processes', 'Processes'),
        sortType: 'number',
        visible,
        cell: ({ row: { original } }: Cell) => <Count present={original.processes} of={original.processes} />,
      },
      {
        id: 'callTrees',
        header: t('setup.column.trees', 'Call trees'),
        sortType: 'number',
        visible,
        cell: ({ row: { original } }: Cell) => <CallTrees job={original.of} />,
      },
      {
        id: 'limit',
        header: t('setup.column.limit', 'Memory limit'),
        sortType: 'number',
        visible,
        cell: ({ row: { original } }: Cell) => <MemoryLimit job={original.of} />,
      },
      {
        id: 'scrapeSeconds',
        header: t('setup.column.interval', 'Scraped every'),
        sortType: 'number',
        visible,
        cell: ({ row: { original } }: Cell) => <ScrapeInterval job={original.of} />,
      },
      {
        id: 'missing',
        header: t('setup.column.missing', 'Missing'),
        sortType: 'number',
        cell: ({ row: { original } }: Cell) => <Missing row={original} onOpen={onOpen} />,
      },
      {
        id: 'dashboard',
        header: '',
        disableGrow: true,
        visible,
        cell: ({ row: { original } }: Cell) => (
          <LinkButton
            size="sm"
            variant="secondary"
            icon="apps"
            href={dashboardUrl({ dataSourceUid, job: original.job })}
            aria-label={t('setup.dashboard-of', 'Open the dashboard at {{job}}', { job: original.job })}
          >
            {t('setup.dashboard', 'Dashboard')}
          </LinkButton>
        ),
      },
    ];
  }, [dataSourceUid, isNarrow, onOpen]);
  const rows = useMemo(() => jobs.map(rowOf), [jobs]);
  return (
    // The table reads once, at its start, which columns it shows.
    <InteractiveTable
      key={String(isNarrow)}
      columns={columns}
      data={rows}
      getRowId={({ job }) => job}
      pageSize={PAGE_SIZE}
    />
  );
}

function rowOf(job: GoJob): Row {
  return {
    job: job.job,
    processes: job.processes,
    callTrees: withCallTree(job),
    limit: withLimit(job),
    scrapeSeconds: job.scrapeSeconds ?? -1,
    missing: neededGaps(job).length,
    of: job,
  };
}

function JobName({ name }: { name: string }) {
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.job} title={name}>
      {name}
    </span>
  );
}

function Missing({ row: { job, missing }, onOpen }: { row: Row; onOpen: (job: string) => void }) {
  return (
    <Button size="sm" variant="secondary" fill="text" onClick={() => onOpen(job)} aria-haspopup="dialog">
      <Presence state={missing === 0 ? 'present' : 'missing'}>
        {missing === 0
          ? t('setup.missing.nothing', 'Nothing')
          : t('setup.missing.things', '{{things}}: show how to add', { things: number(missing) })}
        <VisuallyHidden>{t('setup.missing.of', ', job {{job}}', { job })}</VisuallyHidden>
      </Presence>
    </Button>
  );
}

function VisuallyHidden({ children }: { children: string }) {
  const styles = useStyles2(getStyles);
  return <span className={styles.hidden}>{children}</span>;
}

const getStyles = (theme: GrafanaTheme2) => ({
  job: css({
    fontWeight: theme.typography.fontWeightMedium,
    display: '-webkit-box',
    WebkitBoxOrient: 'vertical',
    WebkitLineClamp: 3,
    overflow: 'hidden',
    overflowWrap: 'anywhere',
    minWidth: 120,
  }),
  hidden: css({
    position: 'absolute',
    width: 1,
    height: 1,
    overflow: 'hidden',
    clipPath: 'inset(50%)',
    whiteSpace: 'nowrap',
  }),
});
