import type { Layout } from '../../../calltree/layout';
import { SYNTHETIC_FUNCTIONS } from '../../../calltree/synthetic';
import { appearance, type CallTree, functionName } from '../../../calltree/tree';
import { fitLabel, type MeasureText } from './label';

/** Height of a row in px: one line of 12 px text with air. */
export const ROW_HEIGHT = 20;

/** A narrower rectangle has no text, in px. */
const NARROWEST_LABEL = 24;
export const LABEL_PADDING = 4;

/** What is drawn, whatever draws it; in px, from the graph's upper left corner. */
export interface Shape {
  x: number;
  y: number;
  width: number;
  fill: string;
  text: string;
  mark: 'new' | 'vanished' | null;
  /** It stands for something other than a function. */
  synthetic: boolean;
  /** A caller of what is zoomed to. */
  faded: boolean;
}

export interface Picture {
  tree: CallTree;
  layout: Layout;
  /** Rows above it are callers of what is zoomed to. */
  zoomRow: number;
  fill(frame: number, smaller: number): string;
  /** A frame's names, from the longest to the shortest, and what follows them where there is room. */
  label(frame: number, smaller: number): { names: readonly string[]; suffix: string };
  measure: MeasureText;
}

/** The shapes of some rows. */
export function shapesOf({ tree, layout, zoomRow, fill, label, measure }: Picture, fromRow: number, toRow: number) {
  const shapes: Shape[] = [];
  for (let row = Math.max(0, fromRow); row < Math.min(toRow, layout.rowStart.length - 1); row++) {
    for (let i = layout.rowStart[row]; i < layout.rowStart[row + 1]; i++) {
      const frame = layout.frame[i];
      const smaller = layout.smaller[i];
      const width = layout.width[i];
      let text = '';
      if (width >= NARROWEST_LABEL) {
        const { names, suffix } = label(frame, smaller);
        text = fitLabel(names, suffix, width - 2 * LABEL_PADDING, measure);
      }
      shapes.push({
        x: layout.x[i],
        y: row * ROW_HEIGHT,
        width,
        fill: fill(frame, smaller),
        text,
        mark: smaller > 0 || frame === 0 ? null : appearance(tree, frame),
        synthetic: smaller > 0 || SYNTHETIC_FUNCTIONS.has(functionName(tree, frame)),
        faded: row < zoomRow,
      });
    }
  }
  return shapes;
}

/** A line of background parts neighbours; narrow frames keep most of their width. In px. */
export function gapOf(width: number): number {
  return width > 4 ? 1 : 0.25 * width;
}
