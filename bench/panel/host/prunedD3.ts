import type { DataFrame } from '@grafana/data';
import { layOut, UNZOOMED, windowOf, type Zoom } from '../../../src/calltree/layout';
import { buildCallTree, type CallTree, functionName } from '../../../src/calltree/tree';
import { columnsOf } from './columns';
import type { D3Node } from './d3Tree';
import { drive } from './drive';
import { type Source, SvgFlameGraph } from './svgFlameGraph';

interface PrunedNode extends D3Node {
  zoom: Zoom;
}

/** Only what can be seen of the tree; what becomes visible by a zoom is laid out then. */
class Pruned implements Source {
  private tree!: CallTree;
  private widthPx = 0;

  whole = (frame: DataFrame, widthPx: number) => {
    this.tree = buildCallTree({ now: columnsOf(frame) });
    this.widthPx = widthPx;
    return this.visible(UNZOOMED);
  };

  zoomed = (node: D3Node) => this.visible((node as PrunedNode).zoom);

  private visible(zoom: Zoom): D3Node {
    const { tree, widthPx } = this;
    const layout = layOut(tree, windowOf(tree, zoom), widthPx);
    const byFrame = new Map<number, PrunedNode>();
    // Callers are in an earlier row. What stands for smaller siblings has no callees.
    for (let i = 0; i < layout.count; i++) {
      const frame = layout.frame[i];
      const smaller = layout.smaller[i];
      const node: PrunedNode = {
        name: smaller > 0 ? `${smaller} smaller` : functionName(tree, frame),
        value: layout.width[i],
        node: tree.nodes[frame],
        zoom: { frame, smaller: smaller > 0 },
      };
      if (smaller === 0) {
        byFrame.set(frame, node);
      }
      const caller = byFrame.get(tree.parent[frame]);
      if (caller) {
        (caller.children ??= []).push(node);
      }
    }
    return byFrame.get(0)!;
  }
}

drive(new SvgFlameGraph(new Pruned()));
