import { createContext, useContext } from 'react';

/** The app's settings, in its `jsonData`; the same for the whole organisation. */
export interface AppSettings {
  /** Uid of the Prometheus data source that links open with. */
  dataSourceUid?: string;
  /** Prometheus job that the link to the dashboard opens with. */
  job?: string;
}

export const Settings = createContext<AppSettings>({});

export function useSettings(): AppSettings {
  return useContext(Settings);
}
