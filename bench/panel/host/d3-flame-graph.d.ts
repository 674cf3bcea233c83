/** The part of d3-flame-graph 5.0.0 that is measured; the package ships no types. */
declare module 'd3-flame-graph' {
  export interface FlameNode {
    name: string;
    value: number;
    children?: FlameNode[];
  }

  export interface FlameGraph {
    (selection: unknown): void;
    width(px: number): this;
    minFrameSize(px: number): this;
    inverted(icicle: boolean): this;
    selfValue(valueIsSelf: boolean): this;
    transitionDuration(ms: number): this;
    tooltip(tooltip: unknown): this;
    /** Called after the chart has zoomed into the frame. */
    onClick(handler: (frame: { data: FlameNode }) => void): this;
    search(expression: string): void;
    update(data: FlameNode): this;
  }

  export const tooltip: { defaultFlamegraphTooltip(): unknown };

  export default function flamegraph(): FlameGraph;
}
