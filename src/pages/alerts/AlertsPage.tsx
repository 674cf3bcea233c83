import { config } from '@grafana/runtime';
import { Alert, LoadingPlaceholder } from '@grafana/ui';
import React from 'react';
import { PrometheusPage } from '../../prometheus/PrometheusPage';
import { useInstant } from '../../prometheus/useInstant';
import { GrafanaFailure } from './GrafanaFailure';
import { RulesOfGrafana } from './RulesOfGrafana';
import { useFound } from './useGrafanaAlerting';
import { t } from '../../translate';

/** Whether Prometheus records what the alerts read. */
const ASKED = { recorded: 'count(go_process:memory_used_bytes)' };

/** Installs, upgrades and removes the alert rules. */
export function AlertsPage() {
  return (
    <PrometheusPage subTitle={t('alerts.subtitle', 'Alert rules in this Grafana, five minutes before the kill.')}>
      {(dataSourceUid) =>
        config.unifiedAlertingEnabled ? (
          <Looked key={dataSourceUid} dataSourceUid={dataSourceUid} />
        ) : (
          <Alert severity="warning" title={t('alerts.disabled.title', 'Alerting is off in this Grafana')}>
            {t(
              'alerts.disabled.text',
              'Grafana evaluates no rules with [unified_alerting] enabled = false in grafana.ini. Turn it on, or load our rule files into Prometheus: see docs/alerts.md.'
            )}
          </Alert>
        )
      }
    </PrometheusPage>
  );
}

function Looked({ dataSourceUid }: { dataSourceUid: string }) {
  const found = useFound(true);
  const recorded = useInstant(dataSourceUid, ASKED);
  if (found.error) {
    return (
      <GrafanaFailure
        title={
          found.error.kind === 'forbidden'
            ? t('alerts.failure.rules-forbidden', 'You may not see alert rules')
            : t('alerts.failure.rules', 'What is installed is not known')
        }
        failure={found.error}
        onRetry={found.refetch}
      />
    );
  }
  // A Prometheus that does not answer is one without recordings, so far as rules go.
  if (!found.data || recorded.isPending) {
    return <LoadingPlaceholder text={t('alerts.loading', 'Asking Grafana what is installed…')} />;
  }
  return (
    <RulesOfGrafana
      found={found.data}
      dataSourceUid={dataSourceUid}
      hasRecordings={recorded.data === undefined ? undefined : recorded.data.recorded.length > 0}
    />
  );
}
