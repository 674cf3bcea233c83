import { theme } from './location';

/** What Grafana's page defines before its scripts run; @grafana/runtime reads it when it is imported. */
Object.assign(window, {
  __grafana_public_path__: '/public/',
  grafanaBootData: {
    settings: { featureToggles: {} },
    user: { theme, locale: 'en-US', timezone: 'browser' },
    navTree: [],
  },
});
