import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { launchOptions } from './browser';
import type { PanelOptions } from './panel';

export default defineConfig<object, PanelOptions>({
  testDir: __dirname,
  testMatch: '*.spec.ts',
  outputDir: '../test-results/panel',
  // One program, one Prometheus and two cores: tests take turns.
  workers: 1,
  timeout: 90_000,
  reporter: [['list'], ['json']],
  use: { launchOptions, viewport: { width: 1280, height: 900 }, trace: 'retain-on-failure' },
  // Chromium's versions smooth letters and edges differently; a frame, a colour or a word more is far above this.
  expect: { toHaveScreenshot: { maxDiffPixelRatio: 0.02, threshold: 0.25 } },
  snapshotPathTemplate: '{testDir}/states/pictures/{arg}{ext}',
  projects: [
    { name: 'Grafana 12.2 packages, React 18', use: { hostPackages: path.resolve(__dirname, '..') } },
    {
      name: 'newest Grafana packages, React 19',
      // Newer Grafanas have other buttons.
      testIgnore: 'visual.spec.ts',
      use: { hostPackages: path.join(__dirname, 'react-19') },
    },
  ],
});
