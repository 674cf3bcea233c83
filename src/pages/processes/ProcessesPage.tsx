import { Trans } from '@grafana/i18n';
import { Alert, Button, Combobox, Field, Input, LinkButton, LoadingBar, Stack, Text, TextLink } from '@grafana/ui';
import React, { useDeferredValue, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { FailureAlert } from '../../prometheus/FailureAlert';
import { PrometheusPage } from '../../prometheus/PrometheusPage';
import { useInstant } from '../../prometheus/useInstant';
import { processesByJob } from '../../promql/processes';
import { fleetUrl, pageUrl } from '../../routes';
import { ProcessesTable } from './ProcessesTable';
import { type Processes, useProcesses } from './useProcesses';
import { t } from '../../translate';

/** Processes at first, and more at each wish for more. */
const PAGE_SIZE = 25;

/** More than a person reads, and as many as one request can name. */
const MAX_PROCESSES = 200;

/** Every Go process, the most urgent first. */
export function ProcessesPage() {
  return (
    <PrometheusPage subTitle={t('processes.subtitle', 'Every Go process, the one whose memory ends first on top.')}>
      {(uid) => <ChosenProcesses key={uid} dataSourceUid={uid} />}
    </PrometheusPage>
  );
}

function ChosenProcesses({ dataSourceUid }: { dataSourceUid: string }) {
  const [parameters, setParameters] = useSearchParams();
  const [count, setCount] = useState(PAGE_SIZE);
  const job = parameters.get('job') ?? undefined;
  const instance = parameters.get('instance') ?? undefined;
  // Typing asks when it pauses, and cancels what it had asked.
  const filter = useDeferredValue({ job, instance });
  const { processes, step, failure, refresh } = useProcesses(dataSourceUid, filter, count);
  const choose = (name: string, value: string | undefined) =>
    setParameters(
      (before) => {
        if (value) {
          before.set(name, value);
        } else {
          before.delete(name);
        }
        return before;
      },
      { replace: true }
    );

  return (
    <Stack direction="column" gap={2}>
      <Stack direction="row" gap={1} alignItems="flex-end" wrap="wrap">
        <JobField dataSourceUid={dataSourceUid} job={job} onChange={(value) => choose('job', value)} />
        <Field label={t('processes.instance', 'Instance contains')} noMargin>
          <Input
            id="instance"
            width={28}
            value={instance ?? ''}
            onChange={({ currentTarget }) => choose('instance', currentTarget.value.trim())}
          />
        </Field>
        <Button variant="secondary" icon="sync" onClick={refresh}>
          {t('processes.refresh', 'Refresh')}
        </Button>
        <LinkButton variant="secondary" fill="text" href={fleetUrl({ dataSourceUid })}>
          {t('processes.fleet', 'By job')}
        </LinkButton>
      </Stack>
      <div aria-live="polite" style={{ minHeight: 24 }}>
        {step ? (
          <>
            <LoadingBar width={240} />
            <Text variant="bodySmall" color="secondary">
              {textOf(step)}
            </Text>
          </>
        ) : (
          processes && <Summary processes={processes} dataSourceUid={dataSourceUid} />
        )}
      </div>
      {failure && <FailureAlert failure={failure} dataSourceUid={dataSourceUid} onRetry={refresh} />}
      {processes?.total === 0 && <NoProcesses isFiltered={Boolean(job || instance)} dataSourceUid={dataSourceUid} />}
      {processes && processes.rows.length > 0 && (
        <>
          <ProcessesTable rows={processes.rows} dataSourceUid={dataSourceUid} />
          {processes.rows.length < Math.min(processes.total, MAX_PROCESSES) && (
            <Stack direction="row">
              <Button variant="secondary" onClick={() => setCount(count + PAGE_SIZE)}>
                {t('processes.more', 'Show {{count}} more', { count: PAGE_SIZE })}
              </Button>
            </Stack>
          )}
        </>
      )}
    </Stack>
  );
}

interface JobFieldProps {
  dataSourceUid: string;
  job: string | undefined;
  onChange: (job: string | undefined) => void;
}

function JobField({ dataSourceUid, job, onChange }: JobFieldProps) {
  const { data } = useInstant(dataSourceUid, { jobs: processesByJob });
  const options = (data?.jobs ?? [])
    .map(({ labels: { job: name = '' }, value }) => ({ value: name, description: String(value) }))
    .sort((a, b) => (a.value < b.value ? -1 : 1));
  return (
    <Field label={t('processes.job', 'Job')} noMargin>
      <Combobox
        id="job"
        width={28}
        isClearable
        createCustomValue
        options={options}
        value={job ?? null}
        placeholder={t('processes.all-jobs', 'All jobs')}
        onChange={(chosen) => onChange(chosen?.value)}
      />
    </Field>
  );
}

function textOf(step: 'ranking' | 'details' | 'times'): string {
  switch (step) {
    case 'ranking':
      return t('processes.step.ranking', 'Looking for the processes whose memory ends first…');
    case 'details':
      return t('processes.step.details', 'Asking what is known of them…');
    case 'times':
      return t('processes.step.times', 'Working out when their memory ends…');
  }
}

function Summary({
  processes: { total, rows, recorded },
  dataSourceUid,
}: {
  processes: Processes;
  dataSourceUid: string;
}) {
  if (total === 0) {
    return null;
  }
  const shown = { shown: rows.length, total: Math.round(total) };
  return (
    <Text variant="bodySmall" color="secondary">
      {rows.length < total
        ? t('processes.some', 'The {{shown}} most urgent of {{total}} processes.', shown)
        : t('processes.all', '{{total}} processes.', shown)}{' '}
      {!recorded && (
        <Trans i18nKey="processes.not-recorded">
          Prometheus does not record our rules, so each time is worked out when you look; with{' '}
          <TextLink inline variant="bodySmall" href={pageUrl('alerts', { dataSourceUid })}>
            our recording rules
          </TextLink>{' '}
          it is looked up.
        </Trans>
      )}
    </Text>
  );
}

function NoProcesses({ isFiltered, dataSourceUid }: { isFiltered: boolean; dataSourceUid: string }) {
  if (isFiltered) {
    return (
      <Alert severity="info" title={t('processes.none-match.title', 'No process matches')}>
        {t('processes.none-match.text', 'Choose another job or clear the filter.')}
      </Alert>
    );
  }
  return (
    <Alert severity="info" title={t('processes.none.title', 'No Go processes')}>
      <Trans i18nKey="processes.none.text">
        This Prometheus has no series go_goroutines. The page{' '}
        <TextLink inline href={pageUrl('setup', { dataSourceUid })}>
          Set up
        </TextLink>{' '}
        says how it gets them.
      </Trans>
    </Alert>
  );
}
