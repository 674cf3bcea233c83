import { type Frame, ROOT_NODE } from './tree';

export interface SearchResult {
  /** Nodes of the frames whose function matches. */
  nodes: Set<string>;
  /** Goroutines in any of them: a match below another match is already counted in it. */
  total: number;
}

/** What the person typed, as a regular expression that ignores case; or why it is none. */
export function parseSearch(text: string): { pattern: RegExp } | { error: string } {
  try {
    return { pattern: new RegExp(text, 'i') };
  } catch (e) {
    return { error: e instanceof Error ? e.message : String(e) };
  }
}

/** The frames below `root` (itself included) whose function matches; the synthetic frame over all never does. */
export function searchFrames(root: Frame, pattern: RegExp): SearchResult {
  const nodes = new Set<string>();
  let total = 0;
  const open: Array<[frame: Frame, insideMatch: boolean]> = [[root, false]];
  while (open.length > 0) {
    const [frame, insideMatch] = open.pop()!;
    const matches = frame.node !== ROOT_NODE && pattern.test(frame.function);
    if (matches) {
      nodes.add(frame.node);
      total += insideMatch ? 0 : frame.total;
    }
    for (const child of frame.children) {
      open.push([child, insideMatch || matches]);
    }
  }
  return { nodes, total };
}
