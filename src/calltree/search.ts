import type { CallTree } from './tree';

export interface SearchResult {
  /** Matching frames in preorder: callers first, widest siblings first. */
  frames: Uint32Array;
  /** 1 where the frame matches, by frame. */
  isMatch: Uint8Array;
  /** Goroutines (or bytes) in any of them: a match below another match is already counted in it. */
  total: number;
}

/** A regular expression, or words of which a function's name has all, in any order; both ignore case. */
export type SearchMode = 'regex' | 'words';

export type Search = { matches(functionName: string): boolean } | { error: string };

/** What the person typed, as a test of a function's name; or why it is none. */
export function parseSearch(text: string, mode: SearchMode): Search {
  if (mode === 'words') {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return {
      matches: (name) => {
        const lower = name.toLowerCase();
        return words.every((word) => lower.includes(word));
      },
    };
  }
  try {
    const pattern = new RegExp(text, 'i');
    return { matches: (name) => pattern.test(name) };
  } catch (e) {
    return { error: e instanceof Error ? e.message : String(e) };
  }
}

/** The frames whose function matches; the synthetic frame over all never does. */
export function searchTree(tree: CallTree, matches: (functionName: string) => boolean): SearchResult {
  const functionMatches = tree.functions.map(matches);
  const isMatch = new Uint8Array(tree.size);
  const frames: number[] = [];
  let total = 0;
  let outermostEnd = 0;
  for (let frame = 1; frame < tree.size; frame++) {
    if (functionMatches[tree.functionOf[frame]]) {
      isMatch[frame] = 1;
      frames.push(frame);
      if (frame >= outermostEnd) {
        total += tree.now.total[frame];
        outermostEnd = tree.end[frame];
      }
    }
  }
  return { frames: Uint32Array.from(frames), isMatch, total };
}
