import { type GrafanaTheme2, ThemeContext } from '@grafana/data';
import { GlobalStyles } from '@grafana/ui';
import React from 'react';
import { createRoot } from 'react-dom/client';

/** A dashboard's page has its styles and fonts long before a panel gets its data. */
export async function loadStyles(theme: GrafanaTheme2) {
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  root.render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
    </ThemeContext.Provider>
  );
  const font = `12px ${theme.typography.fontFamily}`;
  while ((await document.fonts.load(font)).length === 0) {
    await new Promise(requestAnimationFrame);
  }
}
