/// <reference types="systemjs" />
import * as emotionCss from '@emotion/css';
import * as grafanaData from '@grafana/data';
import type { PanelPlugin } from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaUi from '@grafana/ui';
import * as react from 'react';
import * as reactDom from 'react-dom';
import * as rxjs from 'rxjs';
import { PANEL_ID } from '../../src/constants';

/** What Grafana lends to a plugin, of which there must be one instance in the page; the panel asks for no more. */
const SHARED: Record<string, object> = {
  '@emotion/css': emotionCss,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  react,
  'react-dom': reactDom,
  rxjs,
};

const PANEL_URL = `/public/plugins/${PANEL_ID}/module.js`;

/** The production build of the panel, loaded as Grafana does it (grafana/grafana, public/app/features/plugins/loader). */
export async function loadPanel(): Promise<PanelPlugin> {
  for (const [name, module] of Object.entries(SHARED)) {
    System.set(`package:${name}`, module);
  }
  System.addImportMap({
    imports: Object.fromEntries(Object.keys(SHARED).map((name) => [name, `package:${name}`])),
  });
  const { plugin } = await System.import(PANEL_URL);
  return plugin;
}
