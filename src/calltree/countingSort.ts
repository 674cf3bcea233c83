/**
 * Sorts items by a small whole number each, stably, in time linear in items and keys: for trees of 100,000 frames a
 * comparison sort of all siblings takes several times as long as all else that is done to them.
 * @param items what is sorted
 * @param keyOf the key of each possible item, each less than `keys`
 */
export function countingSort(items: Uint32Array, keyOf: ArrayLike<number>, keys: number): Uint32Array {
  const next = new Uint32Array(keys + 1);
  for (let i = 0; i < items.length; i++) {
    next[keyOf[items[i]] + 1]++;
  }
  for (let key = 1; key <= keys; key++) {
    next[key] += next[key - 1];
  }
  const sorted = new Uint32Array(items.length);
  for (let i = 0; i < items.length; i++) {
    sorted[next[keyOf[items[i]]]++] = items[i];
  }
  return sorted;
}
