import { appearance, type CallTree, childrenOf, functionName } from './tree';

/** `main.serve.func2.1` and `main.serve.gowrap3` are numbered by the compiler, in the order of the source. */
const CLOSURE_NUMBER = /\.(func|gowrap)\d+(\.\d+)*/g;

/**
 * How many closures vanished while one that differs only in its number appeared under the same caller: after a new build,
 * these may be the same code (docs/design.md, rule 8).
 */
export function renumberedClosures(tree: CallTree): number {
  let count = 0;
  for (let caller = 0; caller < tree.size; caller++) {
    if (tree.children[caller] < 2) {
      continue;
    }
    const vanished = new Map<string, number>();
    const created: string[] = [];
    for (const child of childrenOf(tree, caller)) {
      const state = appearance(tree, child);
      const name = functionName(tree, child);
      const unnumbered = state ? name.replace(CLOSURE_NUMBER, '.$1') : name;
      if (unnumbered === name) {
        continue;
      }
      if (state === 'vanished') {
        vanished.set(unnumbered, (vanished.get(unnumbered) ?? 0) + 1);
      } else {
        created.push(unnumbered);
      }
    }
    for (const name of created) {
      const left = vanished.get(name) ?? 0;
      if (left > 0) {
        vanished.set(name, left - 1);
        count++;
      }
    }
  }
  return count;
}
