/** What V8's sampling profiler tells (Chrome DevTools Protocol, `Profiler.Profile`). */
export interface CpuProfile {
  /** Calls from callers to callees; the first is the root. */
  nodes: Array<{ id: number; callFrame: { functionName: string; url: string }; children?: number[] }>;
  /** The node that ran at each sample. */
  samples?: number[];
  /** Microseconds since the sample before. */
  timeDeltas?: number[];
}

/** How long, in ms, functions that `isOne` accepts were running, what they called included. */
export function timeWithin(
  { nodes, samples = [], timeDeltas = [] }: CpuProfile,
  isOne: (frame: CpuProfile['nodes'][number]['callFrame']) => boolean
): number {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const within = new Set<number>();
  const visit = (id: number, isInside: boolean) => {
    const node = byId.get(id)!;
    const inside = isInside || isOne(node.callFrame);
    if (inside) {
      within.add(id);
    }
    node.children?.forEach((child) => visit(child, inside));
  };
  visit(nodes[0].id, false);
  return samples.reduce((sum, id, i) => sum + (within.has(id) ? timeDeltas[i] : 0), 0) / 1000;
}
