import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import React, {
  forwardRef,
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import {
  type Layout,
  layOut,
  rectangleAt,
  rectangleOf,
  type Window,
  windowOf,
  type Zoom,
} from '../../../calltree/layout';
import type { CallTree } from '../../../calltree/tree';
import { paintOutlines, paintShapes, prepareCanvas } from './canvas';
import { inkOf } from './ink';
import { actionOf, type GraphAction, KEYS_HELP } from './keyboard';
import { type Picture, ROW_HEIGHT, shapesOf } from './scene';
import { TreeItems } from './TreeItems';
import { useMeasureText } from './useMeasureText';
import { useElementSize } from '../useElementSize';

/** Viewport coordinates in px. */
export interface Point {
  x: number;
  y: number;
}

export interface Pointed {
  frame: number;
  /** How many siblings it stands for; 0 for a frame itself. */
  smaller: number;
  at: Point;
}

interface Props {
  tree: CallTree;
  zoom: Zoom;
  /** The frame that keys and the table are at. */
  active: number;
  /** What the panel has for it, in px. */
  panelWidth: number;
  fill: Picture['fill'];
  label: Picture['label'];
  /** A frame in words. */
  describe(frame: number, smaller: number): string;
  onZoom(zoom: Zoom): void;
  onActive(frame: number): void;
  onAction(action: GraphAction): void;
  onMenu(pointed: Pointed): void;
  tooltip(pointed: Pointed): React.ReactNode;
}

export interface FlameGraphHandle {
  focus(): void;
}

const ZOOM_MS = 150;
/** Used where nothing is laid out, as in tests without a browser. */
const FALLBACK_HEIGHT = 400;

/**
 * The graph itself: frames on a canvas as large as what is seen of it, the same frames as a tree for screen readers, and a
 * tooltip. What happens to a frame is the owner's.
 */
export const FlameGraph = forwardRef<FlameGraphHandle, Props>(function FlameGraph(
  { tree, zoom, active, panelWidth, fill, label, describe, onZoom, onActive, onAction, onMenu, tooltip },
  handle
) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const id = useId();
  const scroll = useRef<HTMLDivElement>(null);
  const graph = useRef<HTMLDivElement>(null);
  const frames = useRef<HTMLCanvasElement>(null);
  const outlines = useRef<HTMLCanvasElement>(null);
  const { width, height } = useElementSize(scroll, { width: panelWidth, height: FALLBACK_HEIGHT });
  const [hovered, setHovered] = useState<Pointed | null>(null);
  const [keyed, setKeyed] = useState(false);

  useImperativeHandle(handle, () => ({ focus: () => graph.current?.focus({ preventScroll: true }) }), []);

  const view = useMemo(() => windowOf(tree, zoom), [tree, zoom]);
  const layout = useMemo(() => layOut(tree, view, width), [tree, view, width]);
  const activeAt = useMemo(() => {
    const at = rectangleOf(tree, layout, active);
    return at >= 0 ? at : Math.max(0, rectangleOf(tree, layout, zoom.frame));
  }, [tree, layout, active, zoom]);

  // Before the width is known there are no rectangles.
  const activeFrame = layout.count > 0 ? layout.frame[activeAt] : 0;

  const ink = useMemo(() => inkOf(theme), [theme]);
  const measure = useMeasureText(ink.font);
  const zoomRow = tree.level[zoom.frame];

  const paint = useCallback(
    (shown: Layout) => {
      const top = scroll.current?.scrollTop ?? 0;
      const context = width > 0 && frames.current && prepareCanvas(frames.current, width, height);
      if (!context) {
        return;
      }
      const picture: Picture = { tree, layout: shown, zoomRow, fill, label, measure };
      const shapes = shapesOf(picture, Math.floor(top / ROW_HEIGHT), Math.ceil((top + height) / ROW_HEIGHT));
      paintShapes(context, shapes, top, ink);
      frames.current!.dataset.frames = String(shapes.length);
    },
    [tree, zoomRow, fill, label, measure, ink, width, height]
  );

  const paintMarks = useCallback(() => {
    const context = width > 0 && outlines.current && prepareCanvas(outlines.current, width, height);
    if (!context) {
      return;
    }
    const outline = (at: number, color: string, thickness: number) => ({
      x: layout.x[at],
      y: tree.level[layout.frame[at]] * ROW_HEIGHT,
      width: layout.width[at],
      color,
      thickness,
    });
    const marks = [];
    const hoveredAt = hovered ? rectangleOf(tree, layout, hovered.frame) : -1;
    if (hoveredAt >= 0) {
      marks.push(
        ...sameFunction(tree, layout, hoveredAt).map((at) => outline(at, theme.colors.text.secondary, 1)),
        outline(hoveredAt, theme.colors.text.primary, 1)
      );
    }
    if (keyed) {
      // Two lines, one light and one dark, show on any fill.
      marks.push(
        outline(activeAt, theme.colors.background.canvas, 4),
        outline(activeAt, theme.colors.text.maxContrast, 2)
      );
    } else if (active > 0) {
      marks.push(outline(activeAt, theme.colors.text.primary, 1.5));
    }
    paintOutlines(context, marks, scroll.current?.scrollTop ?? 0);
  }, [tree, layout, hovered, active, activeAt, keyed, theme, width, height]);

  const shown = useRef<{ tree: CallTree; view: Window; width: number } | null>(null);
  useLayoutEffect(() => {
    const from = shown.current;
    shown.current = { tree, view, width };
    const glides = from && from.tree === tree && from.width === width && from.view !== view && !prefersReducedMotion();
    if (!glides) {
      paint(layout);
      return;
    }
    let request = 0;
    const begin = performance.now();
    const step = () => {
      const done = Math.min(1, (performance.now() - begin) / ZOOM_MS);
      paint(done < 1 ? layOut(tree, between(from.view, view, done), width) : layout);
      if (done < 1) {
        request = requestAnimationFrame(step);
      }
    };
    step();
    return () => cancelAnimationFrame(request);
  }, [tree, view, width, layout, paint]);
  useLayoutEffect(paintMarks, [paintMarks]);

  // Keys and links can lead to a row that is scrolled out of sight.
  useEffect(() => {
    showRow(scroll.current!, tree.level[activeFrame]);
  }, [tree, activeFrame]);
  useEffect(() => {
    showRow(scroll.current!, zoomRow);
  }, [zoomRow]);

  const onScroll = () => {
    paint(layout);
    paintMarks();
    setHovered(null);
  };

  const pointedAt = (event: MouseEvent): Pointed | null => {
    const box = graph.current!.getBoundingClientRect();
    const at = rectangleAt(layout, Math.floor((event.clientY - box.top) / ROW_HEIGHT), event.clientX - box.left);
    return at < 0
      ? null
      : { frame: layout.frame[at], smaller: layout.smaller[at], at: { x: event.clientX, y: event.clientY } };
  };

  const onClick = (event: MouseEvent) => {
    const pointed = pointedAt(event);
    if (pointed) {
      setHovered(null);
      onActive(pointed.frame);
      onZoom({ frame: pointed.frame, smaller: pointed.smaller > 0 });
    }
  };

  const onContextMenu = (event: MouseEvent) => {
    const pointed = pointedAt(event);
    if (pointed) {
      event.preventDefault();
      setHovered(null);
      onActive(pointed.frame);
      onMenu(pointed);
    }
  };

  const activePointed = (): Pointed => {
    const box = graph.current!.getBoundingClientRect();
    const frame = layout.frame[activeAt];
    return {
      frame,
      smaller: layout.smaller[activeAt],
      at: { x: box.left + layout.x[activeAt], y: box.top + (tree.level[frame] + 1) * ROW_HEIGHT },
    };
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const { key, shiftKey } = event;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const action = actionOf({ key, shiftKey, modified }, tree, layout, activeAt, zoom.frame !== 0);
    if (!action) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    setKeyed(true);
    switch (action.do) {
      case 'move':
        return onActive(action.frame);
      case 'zoom':
        return onZoom({ frame: layout.frame[activeAt], smaller: layout.smaller[activeAt] > 0 });
      case 'open menu':
        return onMenu(activePointed());
      default:
        return onAction(action);
    }
  };

  const idOf = (frame: number) => `${id}-${tree.nodes[frame]}`;
  const pointed = hovered ?? (keyed && graph.current ? activePointed() : null);
  return (
    <div className={styles.scroll} ref={scroll} onScroll={onScroll}>
      <div
        ref={graph}
        className={styles.graph}
        style={{ height: (layout.rowStart.length - 1) * ROW_HEIGHT }}
        role="tree"
        tabIndex={0}
        aria-label={`Flame graph. ${KEYS_HELP}`}
        aria-activedescendant={idOf(activeFrame)}
        onKeyDown={onKeyDown}
        onFocus={(event) => setKeyed(event.currentTarget.matches(':focus-visible'))}
        onBlur={() => setKeyed(false)}
        onMouseDown={() => setKeyed(false)}
        onMouseMove={(event) => setHovered(pointedAt(event))}
        onMouseLeave={() => setHovered(null)}
        onClick={onClick}
        onContextMenu={onContextMenu}
      >
        <div className={styles.view} style={{ height }} aria-hidden>
          <canvas ref={frames} data-testid="flame-graph" style={{ width, height }} />
          <canvas ref={outlines} style={{ width, height }} />
        </div>
        {layout.count > 0 && (
          <TreeItems tree={tree} layout={layout} rectangle={activeAt} idOf={idOf} describe={describe} />
        )}
      </div>
      {pointed && pointed.frame < tree.size && tooltip(pointed)}
    </div>
  );
});

/** Other rectangles that are seen of the same function. */
function sameFunction(tree: CallTree, layout: Layout, rectangle: number): number[] {
  if (layout.smaller[rectangle] > 0) {
    return [];
  }
  const name = tree.functionOf[layout.frame[rectangle]];
  const same: number[] = [];
  for (let at = 0; at < layout.count; at++) {
    if (layout.smaller[at] === 0 && tree.functionOf[layout.frame[at]] === name) {
      same.push(at);
    }
  }
  return same;
}

/** @param done 0..1 */
function between(from: Window, to: Window, done: number): Window {
  const eased = 1 - (1 - done) ** 3;
  const mix = (a: number, b: number) => a + (b - a) * eased;
  const start = mix(from.start, to.start);
  return { start, width: mix(from.start + from.width, to.start + to.width) - start };
}

function showRow(scroll: HTMLElement, row: number) {
  const top = row * ROW_HEIGHT;
  if (top < scroll.scrollTop) {
    scroll.scrollTop = top;
  } else if (top + ROW_HEIGHT > scroll.scrollTop + scroll.clientHeight) {
    scroll.scrollTop = top + ROW_HEIGHT - scroll.clientHeight;
  }
}

function prefersReducedMotion(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({
    flex: 1,
    minHeight: 0,
    minWidth: 0,
    overflowX: 'hidden',
    overflowY: 'auto',
    // Without it, a scroll bar that comes and goes would change the width of all frames.
    scrollbarWidth: 'thin',
    scrollbarGutter: 'stable',
  }),
  graph: css({
    position: 'relative',
    cursor: 'pointer',
    minHeight: '100%',
    '&:focus': { outline: 'none' },
    '&:focus-visible': { outline: `1px solid ${theme.colors.primary.border}`, outlineOffset: -1 },
  }),
  view: css({ position: 'sticky', top: 0, canvas: { position: 'absolute', left: 0, top: 0 } }),
});
