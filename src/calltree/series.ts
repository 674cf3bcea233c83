/**
 * The answer to one query for `goroutine_calltree_goroutines` (or any metric with its labels) at one time, in columns as
 * data frames have them: row i is one series, that is one node of the call tree. Values are inclusive: the goroutines
 * (or bytes) of the stacks that pass through the node.
 */
export interface CallTreeColumns {
  /**
   * 13 base-36 digits, the same for the same path in every process (docs/design.md, rule 6). A row without one is of
   * another query in a joined table, and is passed over.
   */
  node: ArrayLike<string | null | undefined>;
  /** The caller's node; `''`, or nothing, at depth 1, as Prometheus has no absent labels. */
  parent: ArrayLike<string | null | undefined>;
  function: ArrayLike<string | null | undefined>;
  value: ArrayLike<number | null | undefined>;
  /** Level in the tree, 1 for a goroutine's entry function, as text or number; absent where the query dropped the label. */
  depth?: ArrayLike<unknown>;
  /** Unix time in milliseconds; a row without one counts as older than any. */
  time?: ArrayLike<number | null | undefined>;
}
