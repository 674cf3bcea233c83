/** How much of what both texts have in common is shown around the change: expressions are of thousands of characters. */
const CONTEXT = 60;

export interface ChangedParts {
  before: string;
  removed: string;
  added: string;
  after: string;
}

/** What two texts do not have in common, in whole words, and a little of what is around it. */
export function changedParts(from: string, to: string): ChangedParts {
  const [a, b] = [from, to].map((text) => text.split(/(?<=\W)|(?=\W)/));
  const shortest = Math.min(a.length, b.length);
  let start = 0;
  while (start < shortest && a[start] === b[start]) {
    start++;
  }
  let end = 0;
  while (end < shortest - start && a[a.length - 1 - end] === b[b.length - 1 - end]) {
    end++;
  }
  const before = a.slice(0, start).join('');
  const after = a.slice(a.length - end).join('');
  return {
    before: before.length > CONTEXT ? `…${before.slice(-CONTEXT)}` : before,
    removed: a.slice(start, a.length - end).join(''),
    added: b.slice(start, b.length - end).join(''),
    after: after.length > CONTEXT ? `${after.slice(0, CONTEXT)}…` : after,
  };
}
