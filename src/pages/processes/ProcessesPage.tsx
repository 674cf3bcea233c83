import { css } from '@emotion/css';
import { type AppRootProps, type GrafanaTheme2 } from '@grafana/data';
import { DataSourcePicker, getDataSourceSrv, PluginPage } from '@grafana/runtime';
import { Alert, Button, Field, LinkButton, LoadingPlaceholder, Stack, TextLink, useStyles2 } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { APP_ID } from '../../constants';
import { dashboardUrl } from '../../dashboardUrl';
import type { AppSettings } from '../../settings';
import { discoverJobs } from './discoverJobs';
import type { GoJob } from './jobs';
import { JobsTable } from './JobsTable';

type Discovery = { state: 'loading' } | { state: 'failed'; message: string } | { state: 'done'; jobs: GoJob[] };

/** The app's root page: what Prometheus knows of each Go job, and the way to the dashboard. */
export function ProcessesPage({ meta }: AppRootProps<AppSettings>) {
  const styles = useStyles2(getStyles);
  const settings = meta.jsonData ?? {};
  const [dataSourceUid, setDataSourceUid] = useState(() => initialDataSource(settings.dataSourceUid));
  const [attempt, setAttempt] = useState(0);
  const discovery = useDiscovery(dataSourceUid, attempt);
  const defaultJob = dataSourceUid === settings.dataSourceUid ? settings.job : undefined;

  return (
    <PluginPage
      subTitle="What Prometheus knows of your Go programs, and the dashboard at each of them."
      actions={
        <LinkButton icon="apps" href={dashboardUrl({ dataSourceUid, job: defaultJob })}>
          {defaultJob ? `Open dashboard at ${defaultJob}` : 'Open dashboard'}
        </LinkButton>
      }
    >
      <Stack direction="column" gap={2}>
        <Stack direction="row" alignItems="flex-end" gap={1} wrap="wrap">
          <Field label="Prometheus data source" noMargin>
            <DataSourcePicker
              inputId="data-source"
              type="prometheus"
              current={dataSourceUid ?? null}
              onChange={(chosen) => setDataSourceUid(chosen.uid)}
              noDefault
              width={40}
            />
          </Field>
          <Button variant="secondary" icon="sync" onClick={() => setAttempt(attempt + 1)} disabled={!dataSourceUid}>
            Look again
          </Button>
        </Stack>
        {!dataSourceUid ? (
          <Alert severity="info" title="No Prometheus data source">
            Add one in <TextLink href="/connections/datasources/new">Connections</TextLink>: a Prometheus that scrapes
            your Go programs, or anything that answers its API (Mimir, Thanos, VictoriaMetrics).
          </Alert>
        ) : discovery.state === 'loading' ? (
          <LoadingPlaceholder text="Asking Prometheus for Go jobs…" />
        ) : discovery.state === 'failed' ? (
          <Alert severity="error" title="Prometheus could not be asked">
            {discovery.message}. Open the data source&apos;s settings and choose “Save &amp; test” to see whether
            Grafana reaches it.
          </Alert>
        ) : discovery.jobs.length === 0 ? (
          <Alert severity="info" title="No Go jobs found">
            This Prometheus has no series go_goroutines. Programs export it with the Go client library
            (client_golang&apos;s promhttp.Handler on /metrics); add them to Prometheus&apos; scrape_configs, then look
            again.
          </Alert>
        ) : (
          <JobsTable jobs={discovery.jobs} dataSourceUid={dataSourceUid} />
        )}
        <p className={styles.hint}>
          The data source and the job that links open with are chosen in the app&apos;s{' '}
          <TextLink inline href={`/plugins/${APP_ID}?page=configuration`}>
            configuration
          </TextLink>
          .
        </p>
      </Stack>
    </PluginPage>
  );
}

/** The configured one while it exists, else Grafana's default if that is a Prometheus, else the first one. */
function initialDataSource(configured?: string): string | undefined {
  const available = getDataSourceSrv().getList({ type: 'prometheus' });
  const chosen =
    available.find(({ uid }) => uid === configured) ?? available.find(({ isDefault }) => isDefault) ?? available[0];
  return chosen?.uid;
}

/** What a data source answered last; an answer to an earlier question is none. */
function useDiscovery(dataSourceUid: string | undefined, attempt: number): Discovery {
  const [answer, setAnswer] = useState<{ question: string; discovery: Discovery }>();
  const question = `${attempt} ${dataSourceUid}`;
  useEffect(() => {
    if (!dataSourceUid) {
      return;
    }
    const abort = new AbortController();
    const settle = (discovery: Discovery) => !abort.signal.aborted && setAnswer({ question, discovery });
    discoverJobs(dataSourceUid, abort.signal).then(
      (jobs) => settle({ state: 'done', jobs }),
      (error: Error) => settle({ state: 'failed', message: error.message })
    );
    return () => abort.abort();
  }, [dataSourceUid, question]);
  return answer?.question === question ? answer.discovery : { state: 'loading' };
}

const getStyles = (theme: GrafanaTheme2) => ({
  hint: css({ color: theme.colors.text.secondary }),
});
