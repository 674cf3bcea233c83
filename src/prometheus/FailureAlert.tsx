import { css } from '@emotion/css';
import { Alert, Button, LinkButton, Stack, useStyles2 } from '@grafana/ui';
import React from 'react';
import { dataSourceSettingsUrl } from '../routes';
import type { FailureKind, PrometheusFailure } from './failure';
import { t } from '../translate';

interface Props {
  failure: PrometheusFailure;
  dataSourceUid: string;
  onRetry: () => void;
}

/** Why a page has no answer of Prometheus, in Prometheus' own words, and what to do. */
export function FailureAlert({ failure, dataSourceUid, onRetry }: Props) {
  const styles = useStyles2(getStyles);
  const { title, nextStep } = explanationOf(failure.kind);
  return (
    <Alert severity="error" title={title}>
      <Stack direction="column" gap={1}>
        <code className={styles.message}>{failure.message}</code>
        <span>{nextStep}</span>
        <Stack direction="row" gap={1}>
          <Button size="sm" variant="secondary" icon="sync" onClick={onRetry}>
            {t('prometheus.failure.retry', 'Try again')}
          </Button>
          {failure.kind !== 'forbidden' && (
            <LinkButton size="sm" variant="secondary" fill="text" href={dataSourceSettingsUrl(dataSourceUid)}>
              {t('prometheus.failure.settings', 'Open the data source’s settings')}
            </LinkButton>
          )}
        </Stack>
      </Stack>
    </Alert>
  );
}

function explanationOf(kind: FailureKind): { title: string; nextStep: string } {
  switch (kind) {
    case 'forbidden':
      return {
        title: t('prometheus.failure.forbidden.title', 'You may not query this data source'),
        nextStep: t(
          'prometheus.failure.forbidden.text',
          'Choose another one above, or ask an administrator for the permission “Query” on it.'
        ),
      };
    case 'missing':
      return {
        title: t('prometheus.failure.missing.title', 'This data source is gone'),
        nextStep: t('prometheus.failure.missing.text', 'It was deleted after the page was opened: choose another one.'),
      };
    case 'unreachable':
      return {
        title: t('prometheus.failure.unreachable.title', 'Grafana gets no answer from Prometheus'),
        nextStep: t(
          'prometheus.failure.unreachable.text',
          'See whether Prometheus is up. “Save & test” in the data source’s settings says whether Grafana reaches it.'
        ),
      };
    case 'slow':
      return {
        title: t('prometheus.failure.slow.title', 'Prometheus did not answer in time'),
        nextStep: t(
          'prometheus.failure.slow.text',
          'Load our recording rules (page Alerts, Export) into Prometheus: then it looks answers up instead of working them out.'
        ),
      };
    case 'too long':
      return {
        title: t('prometheus.failure.too-long.title', 'The query is too long for this data source'),
        nextStep: t(
          'prometheus.failure.too-long.text',
          'Set “HTTP method” in the data source’s settings to POST. Or load our recording rules into Prometheus: then queries are short.'
        ),
      };
    case 'refused':
      return {
        title: t('prometheus.failure.refused.title', 'Prometheus could not answer'),
        nextStep: t(
          'prometheus.failure.refused.text',
          'Prometheus 2.33 or newer, Mimir, Thanos and VictoriaMetrics understand our queries. Older ones lack functions of PromQL.'
        ),
      };
  }
}

const getStyles = () => ({
  // Grafana keeps code on one line, and addresses have no place to break.
  message: css({ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
});
