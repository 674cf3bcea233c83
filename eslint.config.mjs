import i18n from '@grafana/i18n/eslint-plugin';
import { defineConfig } from 'eslint/config';
import grafanaConfig from './.config/eslint.config.mjs';

export default defineConfig([
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '.cache/',
      '.config/',
      'test-results/',
      'playwright-report/',
      'playwright/.auth/',
    ],
  },
  // Without patterns of its own, ESLint looks at JavaScript alone.
  { files: ['**/*.{ts,tsx,js,mjs}'] },
  ...grafanaConfig,
  { files: ['src/**/*.{ts,tsx}'], rules: { 'no-console': 'error' } },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/panels/**', 'src/**/*.test.{ts,tsx}', 'src/test/**'],
    plugins: { '@grafana/i18n': i18n },
    rules: {
      '@grafana/i18n/no-untranslated-strings': 'error',
      '@grafana/i18n/no-translation-top-level': 'error',
    },
  },
  // Playwright's fixtures call `use`, which is no hook.
  { files: ['{tests,e2e}/**/*.ts'], rules: { 'react-hooks/rules-of-hooks': 'off', 'no-empty-pattern': 'off' } },
]);
