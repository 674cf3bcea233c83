import { locationService } from '@grafana/runtime';
import { useCallback, useEffect, useReducer, useRef } from 'react';

interface History {
  past: string[];
  /** As in the URL: a node, or what `zoomToText` makes of smaller siblings; `''` for all. */
  now: string;
  future: string[];
}

type Step = { to: string } | 'back' | 'forward';

/** Nobody goes back further. */
const LONGEST = 100;

function go({ past, now, future }: History, step: Step): History {
  if (step === 'back') {
    return past.length === 0
      ? { past, now: '', future: now === '' ? future : [now, ...future] }
      : { past: past.slice(0, -1), now: past[past.length - 1], future: [now, ...future] };
  }
  if (step === 'forward') {
    return future.length === 0
      ? { past, now, future }
      : { past: [...past, now], now: future[0], future: future.slice(1) };
  }
  return step.to === now ? { past, now, future } : { past: [...past, now].slice(-LONGEST), now: step.to, future: [] };
}

export interface ZoomHistory {
  zoomed: string;
  canGoBack: boolean;
  canGoForward: boolean;
  /** To a place, or a step of the panel's own history; the first place's “back” is all of the tree. */
  go(step: Step): void;
}

/**
 * What a panel is zoomed to. It is also in the URL (`fg-<panel id>=<node>`), so that a link shows the same picture;
 * replaced, not pushed, so that the browser's Back leaves the dashboard as the person expects, and the panel has its own.
 */
export function useZoomHistory(panelId: number): ZoomHistory {
  const key = `fg-${panelId}`;
  const [history, dispatch] = useReducer(go, key, (name) => ({ past: [], now: fromUrl(name), future: [] }));

  // Not every change of the URL is one of this panel's part of it.
  const inUrl = useRef(history.now);
  useEffect(() => {
    inUrl.current = history.now;
    if (fromUrl(key) !== history.now) {
      locationService.partial({ [key]: history.now === '' ? null : history.now }, true);
    }
  }, [key, history.now]);

  // A link within the dashboard changes the URL of a panel that stays.
  useEffect(() => {
    const changes = locationService.getLocationObservable().subscribe(() => {
      const to = fromUrl(key);
      if (to !== inUrl.current) {
        inUrl.current = to;
        dispatch({ to });
      }
    });
    return () => changes.unsubscribe();
  }, [key]);

  return {
    zoomed: history.now,
    canGoBack: history.past.length > 0 || history.now !== '',
    canGoForward: history.future.length > 0,
    go: useCallback((step: Step) => dispatch(step), []),
  };
}

function fromUrl(key: string): string {
  return String(locationService.getSearchObject()[key] ?? '');
}
