import { defineConfig } from '@playwright/test';
import { launchOptions } from './browser';

export default defineConfig({
  testDir: __dirname,
  testMatch: '*.spec.ts',
  outputDir: '../test-results/panel',
  // One program, one Prometheus and two cores: tests take turns.
  workers: 1,
  timeout: 90_000,
  reporter: [['list'], ['json']],
  use: { launchOptions, viewport: { width: 1280, height: 900 }, trace: 'retain-on-failure' },
});
