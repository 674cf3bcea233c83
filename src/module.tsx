import { AppPlugin, type AppPluginMeta, type AppRootProps, type PluginConfigPageProps } from '@grafana/data';
import { ErrorBoundaryAlert, LoadingPlaceholder } from '@grafana/ui';
import React, { lazy, type ComponentType, Suspense } from 'react';
import { APP_ID } from './constants';
import type { AppSettings } from './settings';

/** A part of the app that is fetched when it is opened, after Grafana's translations of its texts. */
function whenOpened<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const Part = lazy(async () => {
    const { initPluginTranslations } = await import('@grafana/i18n');
    await initPluginTranslations(APP_ID);
    return { default: await load() };
  }) as unknown as ComponentType<Props>;
  return function WhenOpened(props: Props) {
    return (
      // In English: translations may be what could not be loaded.
      // eslint-disable-next-line @grafana/i18n/no-untranslated-strings
      <ErrorBoundaryAlert title="Goroutine Stack Pressure could not be loaded. Where the plugin was updated, load the page again.">
        <Suspense fallback={<LoadingPlaceholder text="" />}>
          <Part {...props} />
        </Suspense>
      </ErrorBoundaryAlert>
    );
  };
}

const Root = whenOpened<AppRootProps<AppSettings>>(async () => (await import('./App')).App);

const Configuration = whenOpened<PluginConfigPageProps<AppPluginMeta<AppSettings>>>(
  async () => (await import('./pages/configuration/ConfigurationPage')).ConfigurationPage
);

export const plugin = new AppPlugin<AppSettings>().setRootPage(Root).addConfigPage({
  title: 'Configuration',
  icon: 'cog',
  body: Configuration,
  id: 'configuration',
});
