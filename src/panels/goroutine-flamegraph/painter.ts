import flamegraph, { type FlameDatum, type FlameGraph, type FlameNode, type FlameTooltip } from 'd3-flame-graph';
import { select } from 'd3-selection';
import { type Frame, pathTo } from '../../calltree/tree';

/** Height of a row in px: one line of 12 px text with air. */
const ROW_HEIGHT = 20;
const ZOOM_MS = 150;

interface PaintedFrame extends FlameDatum {
  frame: Frame;
  children: PaintedFrame[];
}

export interface PainterEvents {
  onZoom(frame: Frame): void;
  onPoint(frame: Frame, at: { x: number; y: number }): void;
  onLeave(): void;
}

export interface Painting {
  root: Frame;
  /** The frame that takes the whole width. */
  focus: Frame;
  /** In px. */
  width: number;
  color(frame: Frame): string;
  label(frame: Frame): string;
  /** Whether frames glide to their new place; only of use when the same data is shown at another zoom. */
  animate: boolean;
}

/** Draws a call tree into an element with d3-flame-graph, which then owns the element's content. */
export class FlameGraphPainter {
  private readonly chart: FlameGraph<PaintedFrame>;
  private color: Painting['color'] = () => '';
  private called = false;

  constructor(
    private readonly element: HTMLElement,
    events: PainterEvents
  ) {
    this.chart = flamegraph<PaintedFrame>()
      .cellHeight(ROW_HEIGHT)
      .minFrameSize(0.5)
      .inverted(true)
      .selfValue(false)
      .resetHeightOnZoom(true)
      .tooltip(tooltipOf(events))
      .setColorMapper((node) => this.color(node.data.frame))
      .onClick((node) => events.onZoom(node.data.frame));
  }

  paint({ root, focus, width, color, label, animate }: Painting) {
    const focusedNode = this.frameElements().find((element) => element === document.activeElement)?.dataset.node;
    this.color = color;
    this.chart.width(width).transitionDuration(animate ? ZOOM_MS : 0);
    const painted = toPainted(root, new Set(pathTo(focus)), focus);
    if (this.called) {
      this.chart.update(painted);
    } else {
      // A second call would wrap what it has already wrapped: its guard compares a class name that minifiers change.
      select(this.element).datum(painted).call(this.chart);
      this.called = true;
    }
    for (const element of this.frameElements()) {
      const { frame } = paintedOf(element);
      element.dataset.node = frame.node;
      element.tabIndex = frame === focus ? 0 : -1;
      element.setAttribute('role', 'button');
      element.setAttribute('aria-label', label(frame));
    }
    if (focusedNode !== undefined) {
      this.focusFrame(focusedNode);
    }
  }

  /** Moves keyboard focus to a frame; `false` where it is too narrow to be drawn. */
  focusFrame(node: string): boolean {
    const element = this.frameElements().find((candidate) => candidate.dataset.node === node);
    element?.focus();
    return element !== undefined;
  }

  destroy() {
    this.chart.destroy();
  }

  private frameElements(): SVGGElement[] {
    return Array.from(this.element.querySelectorAll<SVGGElement>('g.frame'));
  }
}

/** The frame that an element of the graph draws, or `undefined` for an element outside any frame. */
export function frameOf(element: Element): Frame | undefined {
  const group = element.closest<SVGGElement>('g.frame');
  return group ? paintedOf(group).frame : undefined;
}

function paintedOf(element: SVGGElement): PaintedFrame {
  return (select(element).datum() as FlameNode<PaintedFrame>).data;
}

/** Fresh objects, as d3-flame-graph writes its own marks into what it is given; zoomed by those marks. */
function toPainted(frame: Frame, path: ReadonlySet<Frame>, focus: Frame, hide = false): PaintedFrame {
  const above = path.has(frame) && frame !== focus;
  return {
    frame,
    name: frame.function,
    value: frame.total,
    hide,
    fade: above,
    children: frame.children.map((child) => toPainted(child, path, focus, hide || (above && !path.has(child)))),
  };
}

/** d3-flame-graph calls these; its own tooltip would inject function names as HTML. */
function tooltipOf(events: PainterEvents): FlameTooltip<PaintedFrame> {
  return Object.assign(() => {}, {
    show: (event: MouseEvent, node: FlameNode<PaintedFrame>) =>
      events.onPoint(node.data.frame, { x: event.clientX, y: event.clientY }),
    hide: () => events.onLeave(),
    destroy: () => {},
  });
}
