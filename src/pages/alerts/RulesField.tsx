import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Checkbox, useStyles2 } from '@grafana/ui';
import React from 'react';
import { OUR_ALERTS, type OurAlert } from '../../alerting/ruleFiles';
import { t } from '../../translate';

interface Props {
  chosen: readonly string[];
  onChange: (alerts: string[]) => void;
}

/** Which rules. */
export function RulesField({ chosen, onChange }: Props) {
  const styles = useStyles2(getStyles);
  const toggle = (alert: string) =>
    onChange(OUR_ALERTS.map(({ rule }) => rule.alert).filter((name) => (name === alert) !== chosen.includes(name)));
  return (
    <div className={styles.groups}>
      {sections().map(({ title, alerts }) => (
        <fieldset key={title} className={styles.group}>
          <legend>{title}</legend>
          {alerts.map(({ rule }) => (
            <Checkbox
              key={rule.alert}
              label={rule.alert}
              value={chosen.includes(rule.alert)}
              onChange={() => toggle(rule.alert)}
            />
          ))}
        </fieldset>
      ))}
    </div>
  );
}

function sections(): Array<{ title: string; alerts: OurAlert[] }> {
  const own = OUR_ALERTS.filter(({ isOptional }) => !isOptional);
  const bySeverity = (...severities: string[]) =>
    own.filter(({ rule }) => severities.includes(rule.labels?.severity ?? ''));
  return [
    { title: t('alerts.rules.critical', 'Minutes before the kill'), alerts: bySeverity('critical') },
    {
      title: t('alerts.rules.others', 'Hours before, and what hides the danger'),
      alerts: bySeverity('warning', 'info'),
    },
    {
      title: t('alerts.rules.optional', 'Optional: the article’s own pair'),
      alerts: OUR_ALERTS.filter(({ isOptional }) => isOptional),
    },
  ];
}

const getStyles = (theme: GrafanaTheme2) => ({
  groups: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(260px, 100%), 1fr))',
    gap: theme.spacing(2),
  }),
  group: css({
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    gap: theme.spacing(1),
    legend: {
      fontSize: theme.typography.body.fontSize,
      color: theme.colors.text.secondary,
      marginBottom: theme.spacing(1),
    },
  }),
});
