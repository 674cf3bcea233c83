import { defineConfig } from 'eslint/config';
import grafanaConfig from './.config/eslint.config.mjs';

export default defineConfig([
  {
    ignores: ['**/node_modules/', 'dist/', '.cache/', '.config/', 'test-results/', 'playwright-report/', 'e2e/.auth/'],
  },
  ...grafanaConfig,
  { files: ['src/**/*.{ts,tsx}'], rules: { 'no-console': 'error' } },
]);
