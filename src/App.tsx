import type { AppRootProps } from '@grafana/data';
import { QueryClientProvider } from '@tanstack/react-query';
import React, { useState } from 'react';
import { Navigate, Route, Routes } from 'react-router-dom';
import { AppErrorBoundary } from './AppErrorBoundary';
import { AlertsPage } from './pages/alerts/AlertsPage';
import { ProcessesPage } from './pages/processes/ProcessesPage';
import { SetUpPage } from './pages/setup/SetUpPage';
import { newQueryClient } from './queryClient';
import { APP_PATH, PAGES } from './routes';
import { type AppSettings, Settings } from './settings';

/** The app: its pages by their path. */
export function App({ meta }: AppRootProps<AppSettings>) {
  const [queryClient] = useState(newQueryClient);
  return (
    <Settings.Provider value={meta.jsonData ?? {}}>
      <QueryClientProvider client={queryClient}>
        <AppErrorBoundary>
          <Routes>
            <Route path={PAGES.setup} element={<SetUpPage />} />
            <Route path={PAGES.processes} element={<ProcessesPage />} />
            <Route path={PAGES.alerts} element={<AlertsPage />} />
            <Route path="*" element={<Navigate to={APP_PATH} replace />} />
          </Routes>
        </AppErrorBoundary>
      </QueryClientProvider>
    </Settings.Provider>
  );
}
