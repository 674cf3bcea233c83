import { t } from '@grafana/i18n';
import { Alert, LoadingPlaceholder } from '@grafana/ui';
import React from 'react';
import { FailureAlert } from '../../prometheus/FailureAlert';
import { PrometheusPage } from '../../prometheus/PrometheusPage';
import { useInstant } from '../../prometheus/useInstant';
import { discovery } from '../../promql/discovery';
import { countsOf, joinJobs } from './jobs';
import { JobsTable } from './JobsTable';

/** The app's root page: what Prometheus knows of each Go job, and what is missing. */
export function SetUpPage() {
  return (
    <PrometheusPage subTitle={t('setup.subtitle', 'What Prometheus knows of your Go programs, and what is missing.')}>
      {(uid) => <Jobs dataSourceUid={uid} />}
    </PrometheusPage>
  );
}

function Jobs({ dataSourceUid }: { dataSourceUid: string }) {
  const { data, error, refetch } = useInstant(dataSourceUid, discovery);
  if (error) {
    return <FailureAlert failure={error} dataSourceUid={dataSourceUid} onRetry={refetch} />;
  }
  if (!data) {
    return <LoadingPlaceholder text={t('setup.loading', 'Asking Prometheus for Go jobs…')} />;
  }
  const jobs = joinJobs(countsOf(data));
  if (jobs.length === 0) {
    return (
      <Alert severity="info" title={t('setup.none.title', 'No Go jobs found')}>
        {t('setup.none.text', 'This Prometheus has no series go_goroutines.')}
      </Alert>
    );
  }
  return <JobsTable jobs={jobs} dataSourceUid={dataSourceUid} />;
}
