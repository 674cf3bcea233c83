import { type Layout, rectangleOf } from '../../../calltree/layout';
import type { CallTree } from '../../../calltree/tree';

/** What a key asks of the graph. */
export type GraphAction =
  | { do: 'move'; frame: number }
  | { do: 'zoom' }
  | { do: 'back' }
  | { do: 'forward' }
  | { do: 'search' }
  | { do: 'next match'; step: 1 | -1 }
  | { do: 'open menu' };

export interface Key {
  key: string;
  shiftKey: boolean;
  /** Whether a key of the system or the browser is held down. */
  modified: boolean;
}

/**
 * The action of a key while the graph has the focus; `null` leaves the key to Grafana and the browser, as Tab always is.
 * Arrows go as in the Firefox profiler: up to the caller, down to the widest callee, left and right to the neighbour in the
 * row, whoever its caller is.
 * @param rectangle of the active frame
 */
export function actionOf(
  { key, shiftKey, modified }: Key,
  tree: CallTree,
  layout: Layout,
  rectangle: number,
  isZoomed: boolean
): GraphAction | null {
  if (modified || rectangle < 0) {
    return null;
  }
  const frame = layout.frame[rectangle];
  const row = tree.level[frame];
  const move = (to: number | undefined): GraphAction | null =>
    to === undefined || to < layout.rowStart[0] || to >= layout.count ? null : { do: 'move', frame: layout.frame[to] };
  const inRow = (to: number): GraphAction | null =>
    to >= layout.rowStart[row] && to < layout.rowStart[row + 1] ? move(to) : null;
  switch (key) {
    case 'ArrowUp':
      return tree.parent[frame] >= 0 ? move(rectangleOf(tree, layout, tree.parent[frame])) : null;
    case 'ArrowDown':
      return layout.smaller[rectangle] > 0 ? null : move(widestCallee(tree, layout, frame));
    case 'ArrowLeft':
      return inRow(rectangle - 1);
    case 'ArrowRight':
      return inRow(rectangle + 1);
    case 'Home':
      return inRow(layout.rowStart[row]);
    case 'End':
      return inRow(layout.rowStart[row + 1] - 1);
    case 'Enter':
    case ' ':
      return { do: 'zoom' };
    case 'Escape':
      return isZoomed ? { do: 'back' } : null;
    case 'Backspace':
    case '[':
      return { do: 'back' };
    case ']':
      return { do: 'forward' };
    case '/':
      return { do: 'search' };
    case 'n':
      return { do: 'next match', step: 1 };
    case 'N':
      return { do: 'next match', step: -1 };
    case 'ContextMenu':
    case 'm':
      return { do: 'open menu' };
    case 'F10':
      return shiftKey ? { do: 'open menu' } : null;
    default:
      return null;
  }
}

function widestCallee(tree: CallTree, layout: Layout, frame: number): number | undefined {
  const row = tree.level[frame] + 1;
  if (row + 1 >= layout.rowStart.length) {
    return undefined;
  }
  let widest: number | undefined;
  for (let i = layout.rowStart[row]; i < layout.rowStart[row + 1]; i++) {
    if (tree.parent[layout.frame[i]] === frame && (widest === undefined || layout.width[i] > layout.width[widest])) {
      widest = i;
    }
  }
  return widest;
}

/** For the screen reader, and as help. */
export const KEYS_HELP =
  'Arrow keys move between frames, Enter zooms, Escape goes back, slash searches, n goes to the next match, m opens actions.';
