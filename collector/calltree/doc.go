// Package calltree turns goroutine stacks into a call tree whose nodes have the same identity wherever the same
// code path is seen: in another process, in another scrape, from another source (the library, the pprof probe, the
// host agent). Summing such trees node by node merges them.
//
// The rules are those of docs/design.md, "The call tree". What a source reads has to be made to rules 1 and 2
// before it comes here; this package applies rules 3 to 7:
//
//	names     [CleanName]   valid UTF-8 of at most 512 bytes, and never empty
//	folding   [Builder]     recursion becomes one turn of its cycle, then at most 200 levels
//	cut off   [Truncated]   a stack that its source cut off hangs under a synthetic first frame
//	identity  [NodeID]      xxhash64 of the names from the root
//	size      [Builder]     at most 1,000 nodes, what is cut appears as "(dropped)"
//
// testdata/golden.json holds vectors that the TypeScript side runs as well.
package calltree
