import plugin from './src/plugin.json' with { type: 'json' };

/** Keeps src/locales in step with the texts in the code (`npm run i18n-extract`); what is not translated yet is ''. */
export default {
  locales: ['en-US', 'zh-Hans'],
  output: 'src/locales/$LOCALE/$NAMESPACE.json',
  input: ['src/**/*.{ts,tsx}', '!src/**/*.test.{ts,tsx}', '!src/panels/**'],
  defaultNamespace: plugin.id,
  defaultValue: (locale, _namespace, _key, value) => (locale === 'en-US' ? value : ''),
  // A text that changed is to be translated anew.
  resetDefaultValueLocale: 'en-US',
  sort: true,
  createOldCatalogs: false,
};
