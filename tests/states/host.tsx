import '../../demo/preview/bootData';
import { createTheme, EventBusSrv, ThemeContext } from '@grafana/data';
import { type DataSourceSrv, setAppEvents, setDataSourceSrv } from '@grafana/runtime';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import React, { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { SizedFlameGraph } from '../../demo/preview/FlameGraphStage';
import { loadPanel } from '../../demo/preview/loadPanel';
import { theme as themeName } from '../../demo/preview/location';
import type { StateName } from './names';
import { type Row, type State, STATES, tableOf } from './states';

/** `?state=<name>&theme=dark|light&width=<px>&height=<px>`: the panel in one of its states, and nothing else. */
const asked = new URLSearchParams(window.location.search);

declare global {
  interface Window {
    /** Gives the panel new data, as a refresh of the dashboard does. */
    refresh(rows: Row[]): void;
  }
}

function Page({ plugin }: { plugin: Awaited<ReturnType<typeof loadPanel>> }) {
  const theme = useMemo(() => createTheme({ colors: { mode: themeName } }), []);
  const [state, setState] = useState<State>(() => STATES[(asked.get('state') ?? 'service') as StateName]());
  useEffect(() => {
    window.refresh = (rows) => setState((last) => ({ ...last, frames: [tableOf(rows), ...last.frames.slice(1)] }));
  }, []);
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <main style={{ padding: 8, background: theme.colors.background.primary, width: 'max-content' }}>
        <SizedFlameGraph
          plugin={plugin}
          title="Whose goroutines?"
          width={Number(asked.get('width') ?? 1000)}
          height={Number(asked.get('height') ?? 420)}
          {...state}
        />
      </main>
      <PortalContainer />
    </ThemeContext.Provider>
  );
}

setAppEvents(new EventBusSrv());
setDataSourceSrv({
  get: () => Promise.reject(new Error('this page has no data source')),
} as unknown as DataSourceSrv);
const root = createRoot(document.getElementById('root')!);
void loadPanel().then((plugin) => root.render(<Page plugin={plugin} />));
