import { Alert, EmptyState, Field, Input, LoadingPlaceholder } from '@grafana/ui';
import React, { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { FailureAlert } from '../../prometheus/FailureAlert';
import { PrometheusPage } from '../../prometheus/PrometheusPage';
import type { Sample } from '../../prometheus/askPrometheus';
import { useInstant } from '../../prometheus/useInstant';
import { discovery, type DiscoveryQuery } from '../../promql/discovery';
import { FirstJob } from './FirstJob';
import { JobDrawer } from './JobDrawer';
import { type GoJob, joinJobs } from './jobs';
import { JobsTable } from './JobsTable';
import { OLDEST_PROMETHEUS } from './prometheusVersion';
import type { Recorded } from './readiness';
import { Summary } from './Summary';
import { useRules, useTooOldVersion } from './useRules';
import { t } from '../../translate';

/** In the URL: the job whose drawer is open. */
const JOB_PARAMETER = 'job';

/** The app's root page: what Prometheus knows of each Go job, what is missing, and how to add it. */
export function SetUpPage() {
  const [search, setSearch] = useState('');
  return (
    <PrometheusPage
      subTitle={t('setup.subtitle', 'What Prometheus knows of your Go programs, what is missing, and how to add it.')}
      controls={
        <Field label={t('setup.search', 'Search jobs')} noMargin>
          <Input
            id="setup-search"
            type="search"
            width={30}
            value={search}
            placeholder={t('setup.search-placeholder', 'Part of a name')}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </Field>
      }
    >
      {(uid) => <Found dataSourceUid={uid} search={search} />}
    </PrometheusPage>
  );
}

function Found({ dataSourceUid, search }: { dataSourceUid: string; search: string }) {
  const { data, error, refetch } = useInstant(dataSourceUid, discovery);
  const tooOld = useTooOldVersion(dataSourceUid);
  const jobs = useMemo(() => data && joinJobs(data), [data]);
  return (
    <>
      {tooOld && <TooOld version={tooOld} />}
      {error ? (
        <FailureAlert failure={error} dataSourceUid={dataSourceUid} onRetry={refetch} />
      ) : !jobs ? (
        <LoadingPlaceholder text={t('setup.loading', 'Asking Prometheus for Go jobs…')} />
      ) : jobs.length === 0 ? (
        <FirstJob onRetry={refetch} />
      ) : (
        <Jobs jobs={jobs} recorded={recordedOf(data!)} {...{ dataSourceUid, search }} />
      )}
    </>
  );
}

function recordedOf(answers: Record<DiscoveryQuery, Sample[]>): Recorded {
  return {
    processes: answers.recordedProcesses.length > 0,
    trees: answers.recordedTrees.length > 0,
    article: answers.articleMetric.length > 0,
  };
}

interface JobsProps {
  jobs: GoJob[];
  recorded: Recorded;
  dataSourceUid: string;
  search: string;
}

function Jobs({ jobs, recorded, dataSourceUid, search }: JobsProps) {
  const [parameters, setParameters] = useSearchParams();
  const rules = useRules(dataSourceUid, recorded);
  // The router's function is another one after each navigation. The table would make its cells anew with it, and the focus
  // could not return to the button that opened the drawer.
  const navigate = useRef(setParameters);
  useEffect(() => {
    navigate.current = setParameters;
  });
  const open = useCallback(
    (job?: string) =>
      navigate.current((before) => {
        const after = new URLSearchParams(before);
        after.delete(JOB_PARAMETER);
        if (job !== undefined) {
          after.set(JOB_PARAMETER, job);
        }
        return after;
      }),
    []
  );
  const wanted = search.trim().toLowerCase();
  const shown = useMemo(() => jobs.filter(({ job }) => job.toLowerCase().includes(wanted)), [jobs, wanted]);
  const opened = jobs.find(({ job }) => job === parameters.get(JOB_PARAMETER));
  return (
    <>
      <Summary jobs={jobs} rules={rules} dataSourceUid={dataSourceUid} />
      {shown.length === 0 ? (
        <EmptyState variant="not-found" message={t('setup.search-none', 'No job has this in its name')} />
      ) : (
        <JobsTable jobs={shown} dataSourceUid={dataSourceUid} onOpen={open} />
      )}
      {opened && <JobDrawer job={opened} dataSourceUid={dataSourceUid} onClose={() => open(undefined)} />}
    </>
  );
}

function TooOld({ version }: { version: string }) {
  return (
    <Alert severity="warning" title={t('setup.too-old.title', 'This Prometheus is too old')}>
      {t(
        'setup.too-old.text',
        'It is {{version}}, and our queries and alerts need {{oldest}} or newer: update it, or choose another data source above.',
        { version, oldest: OLDEST_PROMETHEUS }
      )}
    </Alert>
  );
}
