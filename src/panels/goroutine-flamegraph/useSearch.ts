import { useMemo, useState } from 'react';
import { parseSearch, type SearchMode, type SearchResult, searchTree } from '../../calltree/search';
import type { CallTree } from '../../calltree/tree';

export interface TreeSearch {
  text: string;
  mode: SearchMode;
  /** Why the text is no regular expression. */
  error: string | undefined;
  /** `null` while nothing is searched. */
  found: SearchResult | null;
  matches: ((functionName: string) => boolean) | null;
  setText(text: string): void;
  setMode(mode: SearchMode): void;
  /** Frames of just this function, or of names that contain it. */
  searchFunction(name: string): void;
  /** The match after a frame, or before it, beginning again at the ends. */
  next(from: number, step: 1 | -1): number | undefined;
}

interface Typed {
  text: string;
  mode: SearchMode;
}

function typedFor(asked: string, typed: Typed): Typed {
  return asked === '' ? typed : { text: asked, mode: 'words' };
}

/** @param asked a function that the dashboard's variable names; `''` for none */
export function useSearch(tree: CallTree, asked: string): TreeSearch {
  const [search, setSearch] = useState<Typed>(() => typedFor(asked, { text: '', mode: 'regex' }));
  const [seen, setSeen] = useState(asked);
  if (asked !== seen) {
    setSeen(asked);
    setSearch(typedFor(asked, search));
  }
  const { text, mode } = search;
  const searchFunction = (name: string) => setSearch({ text: name, mode: 'words' });

  const parsed = useMemo(() => (text === '' ? null : parseSearch(text, mode)), [text, mode]);
  const matches = parsed && 'matches' in parsed ? parsed.matches : null;
  const found = useMemo(() => matches && searchTree(tree, matches), [tree, matches]);
  return {
    text,
    mode,
    error: parsed && 'error' in parsed ? parsed.error : undefined,
    found,
    matches,
    setText: (to) => setSearch({ text: to, mode }),
    setMode: (to) => setSearch({ text, mode: to }),
    searchFunction,
    next: (from, step) => {
      const frames = found?.frames ?? [];
      if (frames.length === 0) {
        return undefined;
      }
      if (step > 0) {
        return frames[firstFrom(frames, from + 1)] ?? frames[0];
      }
      return frames[firstFrom(frames, from) - 1] ?? frames[frames.length - 1];
    },
  };
}

/** Index of the first match at or after a frame. */
export function firstFrom(frames: ArrayLike<number>, frame: number): number {
  let low = 0;
  let high = frames.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle] < frame) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
