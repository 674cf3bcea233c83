import { css } from '@emotion/css';
import { dateTimeFormatTimeAgo, type GrafanaTheme2 } from '@grafana/data';
import { Badge, Icon, useStyles2 } from '@grafana/ui';
import React from 'react';
import type { Alert } from './prometheusApi';

/** Pending and firing alerts, those that fire first. */
export function Alerts({ alerts }: { alerts: Alert[] }) {
  const styles = useStyles2(getStyles);
  if (alerts.length === 0) {
    return (
      <p className={styles.none}>
        <Icon name="check-circle" /> No alert fires.
      </p>
    );
  }
  const firingFirst = [...alerts].sort((a, b) => a.state.localeCompare(b.state));
  return (
    <ul className={styles.list}>
      {firingFirst.map((alert) => (
        <li key={JSON.stringify(alert.labels)} className={styles[alert.state]}>
          <div className={styles.head}>
            <Badge
              text={alert.state}
              color={alert.state === 'firing' ? 'red' : 'orange'}
              icon={alert.state === 'firing' ? 'fire' : 'clock-nine'}
            />
            <span className={styles.name}>{alert.labels.alertname}</span>
            <span className={styles.since}>since {dateTimeFormatTimeAgo(alert.activeAt).replace(' ago', '')}</span>
          </div>
          <p className={styles.summary}>{alert.annotations.summary}</p>
          {alert.annotations.description && <p className={styles.description}>{alert.annotations.description}</p>}
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const item = { padding: theme.spacing(1.5, 2), borderLeft: '3px solid' };
  return {
    none: css({
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      margin: 0,
      padding: theme.spacing(2),
      color: theme.colors.success.text,
    }),
    list: css({
      listStyle: 'none',
      margin: 0,
      padding: 0,
      'li + li': { borderTop: `1px solid ${theme.colors.border.weak}` },
    }),
    firing: css(item, { borderLeftColor: theme.colors.error.main }),
    pending: css(item, { borderLeftColor: theme.colors.warning.main }),
    head: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), flexWrap: 'wrap' }),
    name: css({ fontWeight: theme.typography.fontWeightMedium }),
    since: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
    summary: css({ margin: theme.spacing(1, 0, 0), color: theme.colors.text.primary }),
    description: css({ margin: theme.spacing(0.5, 0, 0), maxWidth: '100ch', color: theme.colors.text.secondary }),
  };
};
