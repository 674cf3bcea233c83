import type { DataFrame } from '@grafana/data';
import type { FlameNode } from 'd3-flame-graph';
import { columnsOf } from './columns';

export interface D3Node extends FlameNode {
  node: string;
  children?: D3Node[];
}

/** Two passes over the rows and a lookup for each, in the rows' order. */
export function d3TreeOf(frame: DataFrame): D3Node {
  const { function: names, node, parent, value } = columnsOf(frame);
  const root: D3Node = { name: 'all goroutines', value: 0, node: '', children: [] };
  const byNode = new Map([['', root]]);
  const nodes = new Array<D3Node>(node.length);
  for (let row = 0; row < node.length; row++) {
    nodes[row] = { name: names[row], value: value[row], node: node[row], children: undefined };
    byNode.set(node[row], nodes[row]);
  }
  for (let row = 0; row < node.length; row++) {
    const caller = byNode.get(parent[row])!;
    (caller.children ??= []).push(nodes[row]);
    if (caller === root) {
      root.value += value[row];
    }
  }
  return root;
}
