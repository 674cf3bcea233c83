import type { AppRootProps } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import { QueryClientProvider } from '@tanstack/react-query';
import React, { lazy, Suspense, useState } from 'react';
import { Navigate, Route, Routes } from 'react-router-dom';
import { AppErrorBoundary } from './AppErrorBoundary';
import { newQueryClient } from './queryClient';
import { APP_PATH, PAGES } from './routes';
import { type AppSettings, Settings } from './settings';

const SetUpPage = lazy(async () => ({ default: (await import('./pages/setup/SetUpPage')).SetUpPage }));
const ProcessesPage = lazy(async () => ({ default: (await import('./pages/processes/ProcessesPage')).ProcessesPage }));
const AlertsPage = lazy(async () => ({ default: (await import('./pages/alerts/AlertsPage')).AlertsPage }));

/** The app: its pages by their path, each fetched when it is opened. */
export function App({ meta }: AppRootProps<AppSettings>) {
  const [queryClient] = useState(newQueryClient);
  return (
    <Settings.Provider value={meta.jsonData ?? {}}>
      <QueryClientProvider client={queryClient}>
        <AppErrorBoundary>
          <Suspense fallback={<LoadingPlaceholder text="" />}>
            <Routes>
              <Route path={PAGES.setup} element={<SetUpPage />} />
              <Route path={PAGES.processes} element={<ProcessesPage />} />
              <Route path={PAGES.alerts} element={<AlertsPage />} />
              <Route path="*" element={<Navigate to={APP_PATH} replace />} />
            </Routes>
          </Suspense>
        </AppErrorBoundary>
      </QueryClientProvider>
    </Settings.Provider>
  );
}
