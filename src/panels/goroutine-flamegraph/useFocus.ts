import { locationService } from '@grafana/runtime';
import { useCallback, useState } from 'react';
import { ROOT_NODE } from '../../calltree/tree';

/**
 * The zoomed node of a panel. It is also in the URL (`fg-<panel id>=<node>`), so that a link shows the same picture;
 * replaced, not pushed, so that Back leaves the dashboard as the person expects.
 */
export function useFocus(panelId: number): [node: string, setNode: (node: string) => void] {
  const key = `fg-${panelId}`;
  const [node, setNode] = useState(() => String(locationService.getSearchObject()[key] ?? ROOT_NODE));
  const set = useCallback(
    (next: string) => {
      setNode(next);
      locationService.partial({ [key]: next === ROOT_NODE ? null : next }, true);
    },
    [key]
  );
  return [node, set];
}
