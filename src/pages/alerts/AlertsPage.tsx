import { t } from '@grafana/i18n';
import React from 'react';
import { PrometheusPage } from '../../prometheus/PrometheusPage';

/** Installs, upgrades and removes the alert rules. */
export function AlertsPage() {
  return (
    <PrometheusPage subTitle={t('alerts.subtitle', 'Alert rules in this Grafana, five minutes before the kill.')}>
      {() => null}
    </PrometheusPage>
  );
}
