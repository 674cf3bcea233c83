import { css } from '@emotion/css';
import { getValueFormat, type GrafanaTheme2 } from '@grafana/data';
import {
  Badge,
  type CellProps,
  type Column,
  InteractiveTable,
  LinkButton,
  Stack,
  Text,
  Tooltip,
  useStyles2,
} from '@grafana/ui';
import React, { type ReactNode, useMemo } from 'react';
import { shortNames } from '../../calltree/functionName';
import { dashboardUrl } from '../../routes';
import { limitName, timeText, urgencyOf } from './describe';
import type { ProcessRow } from './processRows';
import { t } from '../../translate';

interface Props {
  rows: ProcessRow[];
  dataSourceUid: string;
}

export function ProcessesTable({ rows, dataSourceUid }: Props) {
  const styles = useStyles2(getStyles);
  const columns = useMemo(() => columnsOf(dataSourceUid), [dataSourceUid]);
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('processes.table', 'Processes')}>
      <InteractiveTable columns={columns} data={rows} getRowId={({ id }) => id} />
    </div>
  );
}

function columnsOf(dataSourceUid: string): Array<Column<ProcessRow>> {
  const column = (id: string, header: string, cell: (row: ProcessRow) => ReactNode): Column<ProcessRow> => ({
    id,
    header,
    cell: ({ row: { original } }: CellProps<ProcessRow>) => cell(original),
  });
  return [
    column('process', t('processes.column.process', 'Process'), (row) => (
      <Process row={row} dataSourceUid={dataSourceUid} />
    )),
    column('time', t('processes.column.time', 'Memory ends'), (row) => <Time row={row} />),
    column('memory', t('processes.column.memory', 'Memory'), (row) => <Memory row={row} />),
    column('goroutines', t('processes.column.goroutines', 'Goroutines'), (row) => <Goroutines row={row} />),
    column('stacks', t('processes.column.stacks', 'Stacks'), (row) => <Stacks row={row} />),
    column('growing', t('processes.column.growing', 'Growing fastest'), (row) => <Growing row={row} />),
    column('alerts', t('processes.column.alerts', 'Alerts'), (row) => <Alerts row={row} />),
  ];
}

function Process({ row, dataSourceUid }: { row: ProcessRow; dataSourceUid: string }) {
  const styles = useStyles2(getStyles);
  const { job, instance, otherLabels } = row;
  const others = Object.entries(otherLabels).map(([name, value]) => `${name}=${value}`);
  return (
    <div className={styles.process}>
      <LinkButton
        size="sm"
        fill="text"
        icon="apps"
        className={styles.link}
        href={dashboardUrl({ dataSourceUid, job, instance })}
        aria-label={t('processes.open', 'Open the dashboard at {{instance}} of {{job}}', { instance, job })}
      >
        {instance}
      </LinkButton>
      <div>
        <Text variant="bodySmall" color="secondary">
          {[job, ...others].join(' · ')}
        </Text>
      </div>
    </div>
  );
}

function Time({ row }: { row: ProcessRow }) {
  const styles = useStyles2(getStyles);
  const { timeToOom } = row;
  return <span className={styles[urgencyOf(timeToOom)]}>{timeText(timeToOom)}</span>;
}

function Memory({ row: { usedBytes, limit } }: { row: ProcessRow }) {
  if (usedBytes === undefined) {
    return <Unknown />;
  }
  if (!limit) {
    return <Lines first={bytes(usedBytes)} second={t('processes.no-limit', 'limit not known')} />;
  }
  const share = Math.round((100 * usedBytes) / limit.bytes);
  return (
    <Lines
      first={t('processes.share', '{{share}} % of {{limit}}', { share, limit: bytes(limit.bytes) })}
      second={`${bytes(usedBytes)} · ${limitName(limit.kind)}`}
    />
  );
}

function Goroutines({ row: { goroutines, goroutinesChange } }: { row: ProcessRow }) {
  if (goroutines === undefined) {
    return <Unknown />;
  }
  const change =
    goroutinesChange === undefined
      ? ''
      : t('processes.change', '{{change}} in 5 min', { change: signed(goroutinesChange) });
  return <Lines first={count(goroutines)} second={change} />;
}

function Stacks({ row: { stackBytes, usedBytes } }: { row: ProcessRow }) {
  if (stackBytes === undefined) {
    return <Unknown />;
  }
  const share = usedBytes ? `${Math.round((100 * stackBytes) / usedBytes)} %` : '';
  return <Lines first={bytes(stackBytes)} second={share} />;
}

function Growing({ row: { growing } }: { row: ProcessRow }) {
  const styles = useStyles2(getStyles);
  if (!growing) {
    return <Unknown />;
  }
  const [whole, inItsPackage = whole] = shortNames(growing.functionName);
  return (
    <Tooltip content={growing.functionName}>
      <span tabIndex={0} className={styles.function}>
        <Lines
          first={inItsPackage}
          second={t('processes.change', '{{change}} in 5 min', { change: signed(growing.goroutines) })}
        />
      </span>
    </Tooltip>
  );
}

function Alerts({ row: { alerts } }: { row: ProcessRow }) {
  if (alerts.length === 0) {
    return <Unknown />;
  }
  return (
    <Stack direction="column" gap={0.5} alignItems="flex-start">
      {alerts.map(({ name, state }) => (
        <Badge
          key={name}
          color={state === 'firing' ? 'red' : 'orange'}
          icon={state === 'firing' ? 'exclamation-circle' : 'clock-nine'}
          text={state === 'firing' ? name : t('processes.pending', '{{name}}, pending', { name })}
        />
      ))}
    </Stack>
  );
}

function Unknown() {
  return (
    <Text color="secondary">
      <span aria-label={t('processes.unknown', 'nothing known')}>–</span>
    </Text>
  );
}

/** A figure, and below it what it is to be seen against. */
function Lines({ first, second }: { first: string; second: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.lines}>
      <div>{first}</div>
      <div>
        <Text variant="bodySmall" color="secondary">
          {second}
        </Text>
      </div>
    </div>
  );
}

const formatBytes = getValueFormat('bytes');

function bytes(value: number): string {
  const { text, suffix = '' } = formatBytes(value);
  return text + suffix;
}

function count(value: number): string {
  return Math.round(value).toLocaleString();
}

function signed(value: number): string {
  return `${value > 0 ? '+' : value < 0 ? '−' : '±'}${count(Math.abs(value))}`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  // On a phone, the table scrolls and the page does not.
  scroll: css({ overflowX: 'auto' }),
  process: css({ maxWidth: 320, overflowWrap: 'anywhere' }),
  link: css({ padding: 0, height: 'auto', whiteSpace: 'normal', textAlign: 'left' }),
  lines: css({ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }),
  function: css({ display: 'block', maxWidth: 260, '& div': { overflow: 'hidden', textOverflow: 'ellipsis' } }),
  now: css({ color: theme.colors.error.text, fontWeight: theme.typography.fontWeightBold, whiteSpace: 'nowrap' }),
  soon: css({ color: theme.colors.warning.text, fontWeight: theme.typography.fontWeightMedium, whiteSpace: 'nowrap' }),
  calm: css({ color: theme.colors.text.secondary, whiteSpace: 'nowrap' }),
});
