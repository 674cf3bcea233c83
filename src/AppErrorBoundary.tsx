import { PluginPage } from '@grafana/runtime';
import { Alert, Button, ErrorBoundary, Stack } from '@grafana/ui';
import React, { type ReactNode } from 'react';
import { t } from './translate';

/** Says what broke instead of an empty page; above all, a page's file that is gone since the plugin was updated. */
export function AppErrorBoundary({ children }: { children: ReactNode }) {
  return (
    <ErrorBoundary>
      {({ error }) =>
        error ? (
          <PluginPage>
            <Alert severity="error" title={t('app.broken.title', 'This page broke')}>
              <Stack direction="column" gap={1} alignItems="flex-start">
                <code>{error.message}</code>
                <span>
                  {t(
                    'app.broken.text',
                    'Where the plugin was updated while the page was open, loading the page again mends it. Else please report it, with this text.'
                  )}
                </span>
                <Button size="sm" icon="sync" onClick={() => window.location.reload()}>
                  {t('app.broken.reload', 'Load the page again')}
                </Button>
              </Stack>
            </Alert>
          </PluginPage>
        ) : (
          children
        )
      }
    </ErrorBoundary>
  );
}
