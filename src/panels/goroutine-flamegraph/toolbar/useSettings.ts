import { useCallback, useState } from 'react';
import type { PanelOptions } from '../options';
import type { Settings } from './SettingsMenu';

/** What the person who looks at the panel has chosen; a changed option of the panel wins again. */
export function useSettings(options: PanelOptions): [Settings, (change: Partial<Settings>) => void] {
  const { measure, colorBy, view, collapseRuntime, showVanished } = options;
  const begin: Settings = { measure, colorBy, view, collapseRuntime, showVanished };
  const key = JSON.stringify(begin);
  const [chosen, setChosen] = useState({ key, settings: begin });
  const settings = chosen.key === key ? chosen.settings : begin;
  const change = useCallback(
    (part: Partial<Settings>) => setChosen({ key, settings: { ...settings, ...part } }),
    [key, settings]
  );
  return [settings, change];
}
