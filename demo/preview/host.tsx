import './bootData';
import { css } from '@emotion/css';
import { createTheme, dateTimeFormat, type GrafanaTheme2, type PanelPlugin, ThemeContext } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Alert, ErrorBoundaryAlert, GlobalStyles, PortalContainer, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import React, { useCallback, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Alerts } from './Alerts';
import { requestOf, serveQueries } from './dataSource';
import { FlameGraphStage } from './FlameGraphStage';
import { framesOf } from './frames';
import { loadPanel } from './loadPanel';
import { job, theme as askedTheme, type ThemeName } from './location';
import { queryAlerts, queryInstant } from './prometheusApi';
import { treeBeforeQuery, treeQuery } from './treeQuery';
import { type Polled, usePolling } from './usePolling';

const REFRESH_MS = 5000;
/** What is compared with: recent enough for a demo that has just begun. */
const BASELINE = '1m';
const QUERIES = { A: treeQuery(job), B: treeBeforeQuery(job, BASELINE) };
const THEMES = [
  { label: 'Dark', value: 'dark' as const },
  { label: 'Light', value: 'light' as const },
];

function Page({ plugin }: { plugin: PanelPlugin }) {
  const [themeName, setThemeName] = useState<ThemeName>(askedTheme);
  const theme = useMemo(() => createTheme({ colors: { mode: themeName } }), [themeName]);
  const chooseTheme = (name: ThemeName) => {
    setThemeName(name);
    locationService.partial({ theme: name }, true);
  };
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Content plugin={plugin} themeName={themeName} onTheme={chooseTheme} />
      <PortalContainer />
    </ThemeContext.Provider>
  );
}

interface ContentProps {
  plugin: PanelPlugin;
  themeName: ThemeName;
  onTheme(name: ThemeName): void;
}

function Content({ plugin, themeName, onTheme }: ContentProps) {
  const styles = useStyles2(getStyles);
  const tree = usePolling(
    useCallback(async (signal) => {
      const [A, B] = await Promise.all([queryInstant(QUERIES.A, signal), queryInstant(QUERIES.B, signal)]);
      return { frames: framesOf({ A, B }), request: requestOf(QUERIES) };
    }, []),
    REFRESH_MS
  );
  const alerts = usePolling(queryAlerts, REFRESH_MS);
  return (
    <main className={styles.page}>
      <header className={styles.header}>
        <img src="/public/plugins/stackpressure-goroutines-app/img/logo.svg" alt="" className={styles.logo} />
        <div className={styles.titles}>
          <h1 className={styles.title}>Goroutine Stack Pressure</h1>
          <div className={styles.subtitle}>
            Job <strong>{job}</strong>
          </div>
        </div>
        <RadioButtonGroup size="sm" aria-label="Theme" options={THEMES} value={themeName} onChange={onTheme} />
      </header>
      <section className={styles.card}>
        <CardHead title="Whose goroutines? Call trees of live goroutines" polled={tree} />
        <Trouble polled={tree} />
        <div className={styles.stage}>
          {tree.value && (
            <ErrorBoundaryAlert>
              <FlameGraphStage plugin={plugin} title="Whose goroutines?" {...tree.value} />
            </ErrorBoundaryAlert>
          )}
        </div>
      </section>
      <section className={styles.card}>
        <CardHead title="Alerts" polled={alerts} />
        <Trouble polled={alerts} />
        {alerts.value && <Alerts alerts={alerts.value} />}
      </section>
      <footer className={styles.footer}>
        Preview without Grafana: the panel is the plugin&apos;s own build, and the data is what Prometheus has now.
      </footer>
    </main>
  );
}

function CardHead({ title, polled }: { title: string; polled: Polled<unknown> }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.cardHead}>
      <h2 className={styles.cardTitle}>{title}</h2>
      <span className={styles.updated}>
        {polled.at ? `Updated ${timeOfDay(polled.at)}` : !polled.error && 'Loading…'}
      </span>
    </div>
  );
}

function Trouble({ polled: { error, at } }: { polled: Polled<unknown> }) {
  const styles = useStyles2(getStyles);
  return error ? (
    <Alert severity="warning" title={error.message} className={styles.trouble}>
      {at ? `Below is what came at ${timeOfDay(at)}.` : 'Nothing came yet.'} It is tried again every {REFRESH_MS / 1000}{' '}
      seconds.
    </Alert>
  ) : null;
}

function timeOfDay(at: number): string {
  return dateTimeFormat(at, { format: 'HH:mm:ss' });
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({
    maxWidth: 1600,
    margin: '0 auto',
    padding: theme.spacing(2, 3, 4),
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(2),
  }),
  header: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1.5) }),
  logo: css({ width: 36, height: 36 }),
  titles: css({ flex: 1, minWidth: 0 }),
  title: css({ margin: 0, fontSize: theme.typography.h3.fontSize, lineHeight: 1.2 }),
  subtitle: css({ color: theme.colors.text.secondary, strong: { color: theme.colors.text.primary } }),
  card: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    overflow: 'hidden',
  }),
  cardHead: css({
    display: 'flex',
    alignItems: 'baseline',
    justifyContent: 'space-between',
    gap: theme.spacing(2),
    padding: theme.spacing(1, 2),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  cardTitle: css({ margin: 0, fontSize: theme.typography.h6.fontSize, fontWeight: theme.typography.fontWeightMedium }),
  updated: css({
    flexShrink: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
  }),
  stage: css({ height: 'clamp(320px, 56vh, 720px)', padding: theme.spacing(1, 2, 2) }),
  trouble: css({ margin: theme.spacing(2, 2, 1) }),
  footer: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});

async function main() {
  serveQueries();
  const root = createRoot(document.getElementById('root')!);
  try {
    root.render(<Page plugin={await loadPanel()} />);
  } catch (error) {
    root.render(
      <p>The build of the panel does not load ({(error as Error).message}). Make it with npm run build, then reload.</p>
    );
  }
}

main();
