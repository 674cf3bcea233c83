import type { DataFrame } from '@grafana/data';
import flamegraph, { type FlameGraph, tooltip } from 'd3-flame-graph';
import { type Selection, select } from 'd3-selection';
import type { Subject } from '../data/callTree';
import type { D3Node } from './d3Tree';
import { CONVERT } from './drive';
import type { Implementation } from './implementation';

/** What d3-flame-graph paints matches with. */
const MATCH_COLOR = '#E600E6';

/** What the chart draws of a data frame. */
export interface Source {
  /** All that it takes at first. */
  whole(frame: DataFrame, widthPx: number): D3Node;
  /** What it takes when a node has been zoomed into; without it, it has had all from the beginning. */
  zoomed?(node: D3Node): D3Node;
}

/** d3-flame-graph with all of its own: colours, zoom, search and tooltip. */
export class SvgFlameGraph implements Implementation {
  private readonly chart: FlameGraph = flamegraph();
  private readonly search = document.createElement('input');
  private graph!: HTMLElement;
  /** Of the node that was asked for last. */
  private group: Element | undefined;
  private incomplete: Element | undefined;

  constructor(private readonly source: Source) {}

  mount(frame: DataFrame, stage: HTMLElement) {
    const start = performance.now();
    const tree = this.source.whole(frame, stage.clientWidth);
    performance.measure(CONVERT, { start });
    this.search.addEventListener('input', () => this.chart.search(this.search.value));
    this.graph = document.createElement('div');
    stage.append(this.search, this.graph);
    this.chart
      .width(stage.clientWidth)
      .minFrameSize(0.5)
      .inverted(true)
      .selfValue(false)
      .transitionDuration(0)
      .tooltip(tooltip.defaultFlamegraphTooltip());
    const { zoomed } = this.source;
    if (zoomed) {
      this.chart.onClick(({ data }) => this.chart.update(zoomed(data as D3Node)));
    }
    select(this.graph).datum(tree).call(this.chart);
  }

  /** Looks at the frames again only when the one that was not complete is. */
  isDrawn() {
    if (this.incomplete?.isConnected && !isComplete(this.incomplete)) {
      return false;
    }
    const groups = Array.from(this.graph.querySelectorAll('g.frame'));
    this.incomplete = groups.find((group) => !isComplete(group));
    return groups.length > 0 && !this.incomplete;
  }

  placeOf(node: string) {
    const group = this.groupOf(node);
    const { left, top, width, height } = group.querySelector('rect')!.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }

  isZoomed({ node, function: name }: Subject) {
    const group = this.groupOf(node);
    return widthOf(group) > this.graph.clientWidth - 1 && labelOf(group)?.textContent === name && this.isDrawn();
  }

  searchInput() {
    return this.search;
  }

  isFound() {
    return this.graph.querySelector(`rect[fill="${MATCH_COLOR}"]`) !== null;
  }

  isPointedAt({ function: name }: Subject) {
    const tip = document.querySelector<HTMLElement>('.d3-flame-graph-tip');
    // It fades in, whatever the person prefers; the first trace of it counts.
    return tip !== null && tip.style.display === 'block' && tip.style.opacity !== '0' && tip.textContent === name;
  }

  framesDrawn() {
    return this.graph.querySelectorAll('g.frame').length;
  }

  private groupOf(node: string): Element {
    if (!this.group?.isConnected || nodeOf(this.group) !== node) {
      this.group = Array.from(this.graph.querySelectorAll('g.frame')).find((group) => nodeOf(group) === node)!;
    }
    return this.group;
  }
}

function nodeOf(group: Element): string {
  const selection = select(group) as Selection<Element, { data: D3Node }, null, undefined>;
  return selection.datum().data.node;
}

/**
 * Whether a frame is as wide as it will be and has its label. Transitions give it both: its own of 250 ms, d3's default, to
 * one that comes into view, whatever `transitionDuration` is.
 */
function isComplete(group: Element): boolean {
  const label = labelOf(group);
  const grown = Math.abs(widthOf(group) - Number(group.getAttribute('width'))) < 0.01;
  return grown && label !== null && (label.style.display === 'none' || label.textContent !== '');
}

function labelOf(group: Element) {
  return group.querySelector<HTMLElement>('.d3-flame-graph-label');
}

/** In px, as drawn. */
function widthOf(group: Element): number {
  return Number(group.querySelector('rect')!.getAttribute('width'));
}
