/**
 * One series of `goroutine_calltree_goroutines` (or of any metric with its labels) at one time: one node of the
 * call tree, as Prometheus stores it. Values are inclusive: the goroutines whose stack passes through the node.
 */
export interface CallTreeSeries {
  /** 13 base-36 digits, the same for the same path in every process (docs/design.md, rule 6). */
  node: string;
  /** The caller's node; `''` at depth 1, as Prometheus has no absent labels. */
  parent: string;
  function: string;
  /** Level in the tree, 1 for a goroutine's entry function; `undefined` where the query dropped the label. */
  depth?: number;
  value: number;
  /** Unix time in milliseconds; `undefined` counts as older than any time. */
  time?: number;
}
