/** The part of d3-flame-graph 5.0.0 that the painter uses; the package ships no types. */
declare module 'd3-flame-graph' {
  export interface FlameDatum {
    name: string;
    value: number;
    /** Zoomed out of sight; d3-flame-graph writes it too, on click. */
    hide: boolean;
    /** An ancestor of the zoomed frame: full width, paler. Written on click too. */
    fade: boolean;
    children: FlameDatum[];
  }

  /** A node of the d3 hierarchy over the data. */
  export interface FlameNode<D extends FlameDatum> {
    data: D;
  }

  export interface FlameTooltip<D extends FlameDatum> {
    (selection: unknown): void;
    show(event: MouseEvent, node: FlameNode<D>): void;
    hide(): void;
    destroy(): void;
  }

  export interface FlameGraph<D extends FlameDatum> {
    (selection: unknown): void;
    width(px: number): this;
    cellHeight(px: number): this;
    minFrameSize(px: number): this;
    inverted(icicle: boolean): this;
    selfValue(valueIsSelf: boolean): this;
    resetHeightOnZoom(reset: boolean): this;
    transitionDuration(ms: number): this;
    tooltip(tooltip: FlameTooltip<D>): this;
    setColorMapper(color: (node: FlameNode<D>) => string): this;
    onClick(handler: (node: FlameNode<D>) => void): this;
    update(data?: D): this;
    destroy(): this;
  }

  export default function flamegraph<D extends FlameDatum>(): FlameGraph<D>;
}
