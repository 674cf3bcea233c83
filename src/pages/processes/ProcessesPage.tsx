import { t } from '@grafana/i18n';
import React from 'react';
import { PrometheusPage } from '../../prometheus/PrometheusPage';

/** Every Go process, the most urgent first. */
export function ProcessesPage() {
  return (
    <PrometheusPage subTitle={t('processes.subtitle', 'Every Go process, the most urgent first.')}>
      {() => null}
    </PrometheusPage>
  );
}
