import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { type CellProps, type Column, InteractiveTable, Text, TextLink, useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import type { Episode } from '../../alerting/preview/episodes';
import type { ProcessSummary, RuleSummary } from '../../alerting/preview/summary';
import { dashboardUrl } from '../../routes';
import { t } from '../../translate';

/** Processes that are named; of the others it is said how many there are. */
const NAMED = 3;

/** What the dashboard shows before an alarm and after it, in ms. */
const BEFORE = 3_600_000;
const AFTER = 600_000;

interface Props {
  summaries: RuleSummary[];
  dataSourceUid: string;
  isWholeWeek: boolean;
}

/** For each rule the alarms that it would have given. */
export function FiringTable({ summaries, dataSourceUid, isWholeWeek }: Props) {
  const styles = useStyles2(getStyles);
  const columns = useMemo<Array<Column<RuleSummary>>>(
    () => [
      { id: 'alert', header: t('alerts.preview.rule', 'Rule'), disableGrow: true },
      {
        id: 'alarms',
        header: t('alerts.preview.alarms', 'Alarms'),
        disableGrow: true,
        cell: ({ row: { original } }: CellProps<RuleSummary>) => (
          <Alarms summary={original} isWholeWeek={isWholeWeek} />
        ),
      },
      {
        id: 'firingMs',
        header: t('alerts.preview.firing', 'Firing in all'),
        disableGrow: true,
        cell: ({ row: { original } }: CellProps<RuleSummary>) =>
          original.alarms > 0 ? <span className={styles.oneLine}>{duration(original.firingMs)}</span> : null,
      },
      {
        id: 'last',
        header: t('alerts.preview.last', 'Last alarm'),
        disableGrow: true,
        cell: ({ row: { original } }: CellProps<RuleSummary>) =>
          original.last ? <span className={styles.oneLine}>{dateTimeFormat(original.last.from)}</span> : null,
      },
      {
        id: 'processes',
        header: t('alerts.preview.processes', 'Processes'),
        cell: ({ row: { original } }: CellProps<RuleSummary>) => (
          <Processes processes={original.processes} dataSourceUid={dataSourceUid} />
        ),
      },
    ],
    [styles, dataSourceUid, isWholeWeek]
  );
  return (
    <div className={styles.scroll}>
      <InteractiveTable columns={columns} data={summaries} getRowId={({ alert }) => alert} />
    </div>
  );
}

function Alarms({ summary: { alarms, unasked }, isWholeWeek }: { summary: RuleSummary; isWholeWeek: boolean }) {
  if (unasked !== undefined) {
    return (
      <Text color="warning">{t('alerts.preview.unasked', 'Cannot be told: {{reason}}', { reason: unasked })}</Text>
    );
  }
  if (alarms > 0) {
    return <>{alarms}</>;
  }
  return isWholeWeek ? (
    <Text color="success">{t('alerts.preview.none', 'None')}</Text>
  ) : (
    <Text color="secondary">{t('alerts.preview.none-yet', 'None so far')}</Text>
  );
}

function Processes({ processes, dataSourceUid }: { processes: ProcessSummary[]; dataSourceUid: string }) {
  const styles = useStyles2(getStyles);
  if (processes.length === 0) {
    return null;
  }
  const more = processes.length - NAMED;
  return (
    <ul className={styles.processes}>
      {processes.slice(0, NAMED).map(({ labels, alarms, last }) => (
        <li key={JSON.stringify(labels)}>
          <TextLink inline href={urlAt(last, dataSourceUid)}>
            {nameOf(labels)}
          </TextLink>
          {alarms > 1 && ` × ${alarms}`}
        </li>
      ))}
      {more > 0 && <li>{t('alerts.preview.more', 'and {{others}} more', { others: more })}</li>}
    </ul>
  );
}

function nameOf({ job, instance, pod }: Record<string, string>): string {
  return [job, pod ?? instance].filter(Boolean).join(' · ') || t('alerts.preview.unnamed', 'without labels');
}

function urlAt({ labels: { job, instance }, from, to }: Episode, dataSourceUid: string): string {
  return dashboardUrl({ dataSourceUid, job, instance, from: String(from - BEFORE), to: String(to + AFTER) });
}

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 60
    ? t('alerts.preview.minutes', '{{minutes}} min', { minutes })
    : t('alerts.preview.hours', '{{hours}} h {{minutes}} min', {
        hours: Math.floor(minutes / 60),
        minutes: minutes % 60,
      });
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ overflowX: 'auto', 'td, th': { verticalAlign: 'top', padding: theme.spacing(1) } }),
  oneLine: css({ whiteSpace: 'nowrap' }),
  processes: css({ listStyle: 'none', minWidth: 200 }),
});
