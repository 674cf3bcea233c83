import { Alert, Button, Stack } from '@grafana/ui';
import React from 'react';
import { EXAMPLE } from './snippets/program';
import { Ways } from './Ways';
import { firstJobWays } from './remedies';
import { t } from '../../translate';

/** There is no Go program in this Prometheus: how to add the first. */
export function FirstJob({ onRetry }: { onRetry: () => void }) {
  return (
    <>
      <Alert severity="info" title={t('setup.none.title', 'No Go jobs found')}>
        <Stack direction="column" gap={1} alignItems="flex-start">
          {t(
            'setup.none.text',
            'This Prometheus has no series go_goroutines, which each Go program with client_golang exports. Choose another data source above, or add a first job:'
          )}
          <Button size="sm" variant="secondary" icon="sync" onClick={onRetry}>
            {t('setup.none.retry', 'Look again')}
          </Button>
        </Stack>
      </Alert>
      <div>
        <Ways ways={firstJobWays(EXAMPLE)} openFirst />
      </div>
    </>
  );
}
