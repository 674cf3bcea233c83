import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import React, { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import { type CallTree, type Frame, ROOT_NODE } from '../../calltree/tree';
import { frameColor, matchColor, rootColor } from './color';
import { formatShare } from './describe';
import { FrameTooltip } from './FrameTooltip';
import { FlameGraphPainter, frameOf } from './painter';

interface Props {
  tree: CallTree;
  focus: Frame;
  /** Nodes to highlight. */
  matches: ReadonlySet<string>;
  /** In px. */
  width: number;
  format(value: number): string;
  onFocus(node: string): void;
}

interface Pointed {
  frame: Frame;
  at: { x: number; y: number };
}

/** The graph itself: frames, their tooltip and their keys. */
export function FlameGraph({ tree, focus, matches, width, format, onFocus }: Props) {
  const styles = useStyles2(getStyles);
  const { isDark } = useTheme2();
  const element = useRef<HTMLDivElement>(null);
  const painter = useRef<FlameGraphPainter | null>(null);
  const painted = useRef<CallTree | null>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);

  useEffect(() => {
    painter.current = new FlameGraphPainter(element.current!, {
      onZoom: (frame) => onFocus(frame.node),
      onPoint: (frame, at) => setPointed({ frame, at }),
      onLeave: () => setPointed(null),
    });
    return () => painter.current?.destroy();
  }, [onFocus]);

  useEffect(() => {
    painter.current?.paint({
      root: tree.root,
      focus,
      width,
      color: (frame) =>
        matches.has(frame.node)
          ? matchColor(isDark)
          : frame.node === ROOT_NODE
            ? rootColor(isDark)
            : frameColor(frame.function, isDark),
      label: (frame) => `${frame.function}, ${format(frame.total)}, ${formatShare(frame.total, tree.root.total)}`,
      animate: painted.current === tree && !prefersReducedMotion(),
    });
    painted.current = tree;
  }, [tree, focus, matches, width, isDark, format]);

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const frame = frameOf(event.target as Element);
      if (frame && handleKey(event.key, frame, focus, painter.current!, onFocus)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    [focus, onFocus]
  );

  const pointAtFocused = useCallback((event: React.FocusEvent) => {
    const frame = frameOf(event.target);
    if (frame && event.target.matches(':focus-visible')) {
      const box = event.target.getBoundingClientRect();
      setPointed({ frame, at: { x: box.left, y: box.bottom } });
    }
  }, []);

  return (
    <div className={styles.scroll}>
      <div
        ref={element}
        className={styles.graph}
        role="group"
        aria-label="Flame graph. Arrow keys move between frames, Enter zooms, Escape shows all."
        onKeyDown={onKeyDown}
        onFocus={pointAtFocused}
        onBlur={() => setPointed(null)}
      />
      {pointed && tree.frames.has(pointed.frame.node) && (
        <FrameTooltip
          frame={tree.frames.get(pointed.frame.node)!}
          tree={tree}
          focus={focus}
          at={pointed.at}
          format={format}
        />
      )}
    </div>
  );
}

/** Does what a key asks of the graph; `false` leaves the key to Grafana. */
function handleKey(
  key: string,
  frame: Frame,
  focus: Frame,
  painter: FlameGraphPainter,
  onFocus: (node: string) => void
): boolean {
  const siblings = frame.parent?.children ?? [frame];
  const at = siblings.indexOf(frame);
  const moveTo = (target: Frame | undefined | null) =>
    target !== undefined && target !== null && painter.focusFrame(target.node);
  switch (key) {
    case 'ArrowDown':
      return moveTo(frame.children[0]);
    case 'ArrowUp':
      return moveTo(frame.parent);
    case 'ArrowLeft':
      return moveTo(siblings[at - 1]);
    case 'ArrowRight':
      return moveTo(siblings[at + 1]);
    case 'Enter':
    case ' ':
      onFocus(frame.node);
      return true;
    case 'Escape':
      if (focus.node === ROOT_NODE) {
        return false;
      }
      onFocus(ROOT_NODE);
      return true;
    default:
      return false;
  }
}

function prefersReducedMotion(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ flex: 1, minHeight: 0, overflowX: 'hidden', overflowY: 'auto' }),
  graph: css({
    // The svg's text line would leave a gap below it.
    lineHeight: 0,
    '.d3-flame-graph rect': { stroke: theme.colors.background.primary, fillOpacity: 1 },
    '.d3-flame-graph rect:hover': { stroke: theme.colors.text.primary, strokeWidth: 1 },
    '.d3-flame-graph-label': {
      color: theme.colors.text.maxContrast,
      fontFamily: theme.typography.fontFamily,
      fontSize: 12,
      lineHeight: '20px',
    },
    'g.frame': { cursor: 'pointer' },
    'g.frame:focus': { outline: 'none' },
    'g.frame:focus-visible rect': { stroke: theme.colors.primary.border, strokeWidth: 2 },
  }),
});
