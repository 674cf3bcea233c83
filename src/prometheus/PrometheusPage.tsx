import { Trans } from '@grafana/i18n';
import { DataSourcePicker, PluginPage } from '@grafana/runtime';
import { Alert, Field, Stack, TextLink } from '@grafana/ui';
import React, { type ReactNode } from 'react';
import { useDataSource } from './useDataSource';
import { t } from '../translate';

interface Props {
  subTitle: string;
  /** Buttons beside the page's title. */
  actions?: ReactNode;
  /** Beside the choice of the data source. */
  controls?: ReactNode;
  /** What the page is about, once there is a data source. */
  children: (dataSourceUid: string) => ReactNode;
}

/** A page of the app that asks one Prometheus data source, which the person chooses at its top. */
export function PrometheusPage({ subTitle, actions, controls, children }: Props) {
  const dataSource = useDataSource();
  return (
    <PluginPage subTitle={subTitle} actions={actions}>
      <Stack direction="column" gap={2}>
        {dataSource.uid !== undefined && (
          <Stack direction="row" alignItems="flex-end" gap={1} wrap="wrap">
            <Field label={t('prometheus.data-source', 'Prometheus data source')} noMargin>
              <DataSourcePicker
                inputId="data-source"
                type="prometheus"
                current={dataSource.uid}
                onChange={({ uid }) => dataSource.choose(uid)}
                noDefault
                width={36}
              />
            </Field>
            {controls}
          </Stack>
        )}
        {dataSource.uid === undefined ? <NoDataSource /> : children(dataSource.uid)}
      </Stack>
    </PluginPage>
  );
}

function NoDataSource() {
  return (
    <Alert severity="info" title={t('prometheus.none.title', 'No Prometheus data source')}>
      <Trans i18nKey="prometheus.none.text">
        There is none, or you may query none. An administrator adds one in{' '}
        <TextLink inline href="/connections/datasources/new">
          Connections
        </TextLink>
        : a Prometheus that scrapes your Go programs, or anything that answers its API (Mimir, Thanos, VictoriaMetrics).
      </Trans>
    </Alert>
  );
}
