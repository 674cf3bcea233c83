import { type CallTree, childrenOf, isWithin, pathTo } from './tree';

/** What of the tree's width is looked at, on the scale of {@link CallTree} `start` and `weight`. */
export interface Window {
  start: number;
  width: number;
}

/**
 * The rectangles to draw, row by row from the root's, from left to right in each:
 *
 *     row 0   |                    all                     |
 *     row 1   |         serve             |   main   | 7 … |   7 smaller siblings
 *     row 2   |    handle     | 12 … |      self                 is not drawn
 */
export interface Layout {
  /** Rectangles. */
  count: number;
  /** The frame of each; of smaller siblings the first one. */
  frame: Uint32Array;
  /** How many siblings the rectangle stands for, from `frame` on; 0 for a frame itself. */
  smaller: Uint32Array;
  /** In px, within 0 and the width. */
  x: Float64Array;
  width: Float64Array;
  /** Index of the first rectangle of each row, and at the end `count`. */
  rowStart: Uint32Array;
}

/**
 * In px: a narrower frame can hardly be seen or hit, and siblings below it become one. Each frame that is drawn has at
 * least half of it, see {@link isSmaller}.
 */
export const MIN_WIDTH = 3;

/** Below this, in px, not even what stands for many siblings can be seen. */
const INVISIBLE = 0.5;

/**
 * Lays out what can be seen of a tree in a width: the cost is of what is seen, not of what the tree holds. Callers of the
 * window have the whole width.
 * @param widthPx of the whole graph
 */
export function layOut(tree: CallTree, window: Window, widthPx: number): Layout {
  const frames: number[] = [];
  const smaller: number[] = [];
  const xs: number[] = [];
  const widths: number[] = [];
  const rows: number[] = [];
  const scale = window.width > 0 ? widthPx / window.width : 0;

  // Negative: the frame and all its later siblings as one.
  const open = [0];
  while (open.length > 0) {
    const next = open.pop()!;
    const frame = Math.abs(next);
    if (next < 0) {
      const caller = tree.parent[frame];
      const end = tree.start[caller] + tree.calleesWeight[caller];
      emit(frame, tree.children[caller] - tree.sibling[frame], end - tree.start[frame]);
      continue;
    }
    if (!emit(frame, 0, tree.weight[frame])) {
      continue;
    }
    const callees: number[] = [];
    for (let child = frame + 1; child < tree.end[frame]; child = tree.end[child]) {
      const isLast = tree.sibling[child] === tree.children[frame] - 1;
      if (!isLast && isSmaller(tree.weight[child], scale)) {
        callees.push(-child);
        break;
      }
      callees.push(child);
    }
    for (let i = callees.length - 1; i >= 0; i--) {
      open.push(callees[i]);
    }
  }
  return byRow(frames, smaller, xs, widths, rows);

  function emit(frame: number, siblings: number, weight: number): boolean {
    const start = tree.start[frame] - window.start;
    const left = Math.max(0, start * scale);
    const right = Math.min(widthPx, (start + weight) * scale);
    if (right - left < INVISIBLE) {
      return frame === 0;
    }
    frames.push(frame);
    smaller.push(siblings);
    xs.push(left);
    widths.push(right - left);
    rows.push(tree.level[frame]);
    return true;
  }
}

/**
 * Whether a frame and all its later siblings are too narrow: siblings are ordered by the power of two of their weight, so
 * none of them has as much as the next power.
 */
function isSmaller(weight: number, scale: number): boolean {
  return weight <= 0 || 2 ** (Math.floor(Math.log2(weight)) + 1) * scale <= MIN_WIDTH;
}

function byRow(frames: number[], smaller: number[], xs: number[], widths: number[], rows: number[]): Layout {
  const count = frames.length;
  const rowCount = rows.reduce((deepest, row) => Math.max(deepest, row), -1) + 1;
  const rowStart = new Uint32Array(rowCount + 1);
  rows.forEach((row) => rowStart[row + 1]++);
  for (let row = 1; row <= rowCount; row++) {
    rowStart[row] += rowStart[row - 1];
  }
  const next = rowStart.slice();
  const layout: Layout = {
    count,
    frame: new Uint32Array(count),
    smaller: new Uint32Array(count),
    x: new Float64Array(count),
    width: new Float64Array(count),
    rowStart,
  };
  for (let i = 0; i < count; i++) {
    const at = next[rows[i]]++;
    layout.frame[at] = frames[i];
    layout.smaller[at] = smaller[i];
    layout.x[at] = xs[i];
    layout.width[at] = widths[i];
  }
  return layout;
}

/** The rectangle at a place, or -1. */
export function rectangleAt({ rowStart, x, width }: Layout, row: number, px: number): number {
  if (row < 0 || row + 1 >= rowStart.length) {
    return -1;
  }
  let low = rowStart[row];
  let high = rowStart[row + 1];
  // The last rectangle that begins at or before px.
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] <= px) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const found = low - 1;
  return found >= rowStart[row] && px < x[found] + width[found] ? found : -1;
}

/** The rectangle that draws a frame, itself or among smaller siblings; -1 where it is out of sight. */
export function rectangleOf(tree: CallTree, layout: Layout, frame: number): number {
  const row = tree.level[frame];
  if (row + 1 >= layout.rowStart.length) {
    return -1;
  }
  // Frames of a row are in preorder.
  for (let i = layout.rowStart[row]; i < layout.rowStart[row + 1]; i++) {
    const first = layout.frame[i];
    if (first === frame) {
      return i;
    }
    if (first > frame) {
      break;
    }
    if (layout.smaller[i] > 0 && tree.parent[first] === tree.parent[frame]) {
      return i;
    }
  }
  return -1;
}

/**
 * What has the whole width: a frame, or a frame's siblings from one on. In the URL as the node, or as the caller's and the
 * first sibling's node joined by `~`.
 */
export interface Zoom {
  frame: number;
  /** Whether it is `frame` and all siblings after it. */
  smaller: boolean;
}

export const UNZOOMED: Zoom = { frame: 0, smaller: false };

export function windowOf(tree: CallTree, { frame, smaller }: Zoom): Window {
  const caller = tree.parent[frame];
  const start = tree.start[frame];
  const width = smaller && caller >= 0 ? tree.start[caller] + tree.calleesWeight[caller] - start : tree.weight[frame];
  return { start, width };
}

export function zoomToText(tree: CallTree, { frame, smaller }: Zoom): string {
  return smaller ? `${tree.nodes[tree.parent[frame]]}~${tree.nodes[frame]}` : tree.nodes[frame];
}

/** What a link names; all of the tree where that is gone or empty. */
export function zoomFromText(tree: CallTree, text: string): Zoom {
  const [node, sibling] = text.split('~', 2);
  const frame = tree.frameOf(sibling ?? node);
  return !frame || !(tree.weight[frame] > 0) ? UNZOOMED : { frame, smaller: sibling !== undefined };
}

/** The frames that a rectangle stands for, one or several siblings. */
export function framesOf(tree: CallTree, frame: number, smaller: number): number[] {
  return smaller === 0 ? [frame] : childrenOf(tree, tree.parent[frame]).slice(tree.sibling[frame]);
}

/**
 * The zoom in which a frame is drawn as itself: the present one where it is, else its outermost caller below which it is
 * wide enough.
 * @param widthPx of the whole graph
 */
export function zoomThatShows(tree: CallTree, zoom: Zoom, frame: number, widthPx: number): Zoom {
  const window = windowOf(tree, zoom);
  // By number: the widths of means are rounded, and the next frame's start can be less than this one's end.
  const isInside = zoom.frame <= frame && frame < tree.end[zoom.smaller ? tree.parent[zoom.frame] : zoom.frame];
  // The first of smaller siblings is not above what has the whole width, but one of it.
  const isAbove = isWithin(tree, zoom.frame, frame) && !(zoom.smaller && frame === zoom.frame);
  if (isAbove || (isInside && !isSmaller(tree.weight[frame], widthPx / window.width))) {
    return zoom;
  }
  const caller = pathTo(tree, frame).find((each) => !isSmaller(tree.weight[frame], widthPx / tree.weight[each]));
  return { frame: caller ?? frame, smaller: false };
}
