import { dirname } from 'node:path';
import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';
import { launchOptions } from '../tests/browser';

const baseURL = process.env.GRAFANA_URL;
if (!baseURL) {
  throw new Error(
    'These tests run against a real Grafana, and none is given. Start one with the demo (npm start, with GRAFANA_HOME ' +
      'or Docker), then: GRAFANA_URL=http://127.0.0.1:3000 npm run e2e'
  );
}

export default defineConfig<PluginOptions>({
  testDir: __dirname,
  outputDir: '../test-results/e2e',
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  timeout: 120_000,
  // Grafana loads some megabytes of JavaScript, on whatever machine it is.
  expect: { timeout: 20_000 },
  use: { baseURL, launchOptions, trace: 'retain-on-failure' },
  projects: [
    // Signs in as admin (admin/admin unless GRAFANA_ADMIN_USER and GRAFANA_ADMIN_PASSWORD say otherwise) and keeps the cookie.
    { name: 'auth', testDir: `${dirname(require.resolve('@grafana/plugin-e2e'))}/auth`, testMatch: [/.*\.js/] },
    {
      name: 'chromium',
      use: { ...devices['Desktop Chrome'], storageState: 'playwright/.auth/admin.json' },
      dependencies: ['auth'],
    },
  ],
});
