import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { type CellProps, type Column, Icon, InteractiveTable, LinkButton, useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { dashboardUrl } from '../../routes';
import type { GoJob } from './jobs';

interface Props {
  jobs: GoJob[];
  dataSourceUid: string;
}

export function JobsTable({ jobs, dataSourceUid }: Props) {
  const columns = useMemo<Array<Column<GoJob>>>(
    () => [
      {
        id: 'job',
        header: 'Job',
        sortType: 'string',
        cell: ({ row: { original } }: CellProps<GoJob>) => <Job name={original.job} />,
      },
      {
        id: 'processes',
        header: 'Processes with client_golang',
        sortType: 'number',
        cell: ({ row: { original } }: CellProps<GoJob>) => (
          <Found count={original.processes} job={original} missing="None: scrape the program’s own /metrics too" />
        ),
      },
      {
        id: 'callTrees',
        header: 'Call trees',
        sortType: 'number',
        cell: ({ row: { original } }: CellProps<GoJob>) => (
          <Found count={original.callTrees} job={original} missing="None: add the probe or the library" />
        ),
      },
      {
        id: 'limit',
        header: 'Memory limit',
        cell: ({ row: { original } }: CellProps<GoJob>) => <Limit job={original} />,
      },
      {
        id: 'dashboard',
        header: '',
        disableGrow: true,
        cell: ({ row: { original } }: CellProps<GoJob>) => (
          <LinkButton
            size="sm"
            variant="secondary"
            icon="apps"
            href={dashboardUrl({ dataSourceUid, job: original.job })}
            aria-label={`Open dashboard at ${original.job}`}
          >
            Dashboard
          </LinkButton>
        ),
      },
    ],
    [dataSourceUid]
  );
  return <InteractiveTable columns={columns} data={jobs} getRowId={({ job }) => job} pageSize={50} />;
}

function Job({ name }: { name: string }) {
  const styles = useStyles2(getStyles);
  return <span className={styles.job}>{name}</span>;
}

function Limit({ job }: { job: GoJob }) {
  if (job.cgroupLimits > 0) {
    return <Found count={job.cgroupLimits} job={job} kind="cgroup" missing="" />;
  }
  if (job.containerLimits > 0) {
    return <Found count={job.containerLimits} job={job} kind="container" missing="" />;
  }
  return (
    <Found
      count={job.softLimits}
      job={job}
      kind="GOMEMLIMIT, soft"
      missing="Unknown: alerts need the library’s cgroup limit, cAdvisor or GOMEMLIMIT"
    />
  );
}

interface FoundProps {
  count: number;
  job: GoJob;
  /** What was found, where that is not plain from the column. */
  kind?: string;
  missing: string;
}

/** Of how many of the job's processes it was found, or what to do about its absence; by icon and text, not by colour alone. */
function Found({ count, job: { processes }, kind, missing }: FoundProps) {
  const styles = useStyles2(getStyles);
  return count > 0 ? (
    <span className={styles.found}>
      <Icon name="check" /> {count.toLocaleString('en')}
      {count < processes && ` of ${processes.toLocaleString('en')}`}
      {kind && ` (${kind})`}
    </span>
  ) : (
    <span className={styles.missing}>
      <Icon name="exclamation-circle" /> {missing}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  job: css({ fontWeight: theme.typography.fontWeightMedium, whiteSpace: 'nowrap' }),
  found: css({ color: theme.colors.success.text, whiteSpace: 'nowrap' }),
  missing: css({ color: theme.colors.text.secondary }),
});
