import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, type BadgeColor, type CellProps, type Column, InteractiveTable, useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import type { InstallChoices } from '../../alerting/choices';
import { OUR_ALERTS } from '../../alerting/ruleFiles';
import { conditionOf, durationInWords, thresholdsInShort } from './describeAlert';
import { t } from '../../translate';

interface Row {
  alert: string;
  severity: string;
  condition: string;
  thresholds: string;
  pending: string;
}

const COLORS: Record<string, BadgeColor> = { critical: 'red', warning: 'orange', info: 'blue' };

/** The chosen rules, in words. */
export function ReviewTable({ choices: { alerts, thresholds } }: { choices: InstallChoices }) {
  const styles = useStyles2(getStyles);
  const columns = useMemo<Array<Column<Row>>>(
    () => [
      { id: 'alert', header: t('alerts.review.rule', 'Rule'), disableGrow: true },
      {
        id: 'severity',
        header: t('alerts.review.severity', 'Severity'),
        disableGrow: true,
        cell: ({ row: { original } }: CellProps<Row>) => (
          <Badge text={original.severity} color={COLORS[original.severity] ?? 'blue'} />
        ),
      },
      {
        id: 'condition',
        header: t('alerts.review.condition', 'It fires when'),
        cell: ({ row: { original } }: CellProps<Row>) => <span className={styles.condition}>{original.condition}</span>,
      },
      {
        id: 'thresholds',
        header: t('alerts.review.thresholds', 'Thresholds'),
        disableGrow: true,
        cell: ({ row: { original } }: CellProps<Row>) => <span className={styles.short}>{original.thresholds}</span>,
      },
      {
        id: 'pending',
        header: t('alerts.review.for', 'For'),
        disableGrow: true,
        cell: ({ row: { original } }: CellProps<Row>) => <span className={styles.short}>{original.pending}</span>,
      },
    ],
    [styles]
  );
  const rows = useMemo(
    () =>
      OUR_ALERTS.filter(({ rule }) => alerts.includes(rule.alert)).map(({ rule }) => ({
        alert: rule.alert,
        severity: rule.labels?.severity ?? '',
        condition: conditionOf(rule.alert, thresholds),
        thresholds: thresholdsInShort(rule.alert, thresholds),
        pending: durationInWords(rule.for),
      })),
    [alerts, thresholds]
  );
  return (
    <div className={styles.scroll}>
      <InteractiveTable columns={columns} data={rows} getRowId={({ alert }) => alert} />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ overflowX: 'auto', 'td, th': { verticalAlign: 'top', padding: theme.spacing(1) } }),
  short: css({ whiteSpace: 'nowrap' }),
  condition: css({ display: 'block', minWidth: 260, whiteSpace: 'normal' }),
});
