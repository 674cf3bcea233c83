import { AppPlugin } from '@grafana/data';
import { ConfigurationPage } from './pages/configuration/ConfigurationPage';
import { ProcessesPage } from './pages/processes/ProcessesPage';
import type { AppSettings } from './settings';

export const plugin = new AppPlugin<AppSettings>().setRootPage(ProcessesPage).addConfigPage({
  title: 'Configuration',
  icon: 'cog',
  body: ConfigurationPage,
  id: 'configuration',
});
