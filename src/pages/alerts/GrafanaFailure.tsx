import { Alert, Button, Stack } from '@grafana/ui';
import React from 'react';
import type { ProvisioningFailure, ProvisioningFailureKind } from '../../alerting/provisioningFailure';
import { t } from '../../translate';

interface Props {
  title: string;
  failure: ProvisioningFailure;
  onRetry?: () => void;
}

/** Why Grafana did not answer or did not do it, in its own words, and what to do. */
export function GrafanaFailure({ title, failure, onRetry }: Props) {
  return (
    <Alert severity="error" title={title}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        <code>{failure.message}</code>
        <span>{nextStepOf(failure.kind)}</span>
        {onRetry && (
          <Button size="sm" variant="secondary" icon="sync" onClick={onRetry}>
            {t('alerts.failure.retry', 'Try again')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

export function nextStepOf(kind: ProvisioningFailureKind): string {
  switch (kind) {
    case 'forbidden':
      return t(
        'alerts.failure.forbidden',
        'You may not do this here. An administrator can, or can give you access to the folder, the data source or alerting.'
      );
    case 'missing':
      return t('alerts.failure.missing', 'It is gone: somebody deleted it meanwhile. Trying again makes it anew.');
    case 'conflict':
      return t(
        'alerts.failure.conflict',
        'Something else uses it, has its name, or was changed at the same time. See what it is in Alerting, then try again.'
      );
    case 'refused':
      return t(
        'alerts.failure.refused',
        'Grafana does not take it. The message above says why; change the choice that it names.'
      );
    case 'unreachable':
      return t('alerts.failure.unreachable', 'Grafana did not answer. See whether it is up, then try again.');
  }
}
