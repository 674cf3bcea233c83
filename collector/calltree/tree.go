package calltree

import (
	"slices"
	"sort"
	"time"
)

// Stack is one distinct goroutine stack.
type Stack struct {
	// Functions from the root (the goroutine's entry function) to the leaf, inlined calls expanded, without
	// runtime.goexit and compiler wrappers (rule 2), names otherwise as they come from the source.
	Functions []string
	// Goroutines is how many live goroutines have this stack. Stacks with none, or fewer, are passed over.
	Goroutines int64
	// StackBytes is the stack memory reserved by these goroutines; 0 from sources that do not know it.
	StackBytes int64
	// Truncated tells that the source cut the stack off, so that Functions[0] is not the entry function.
	Truncated bool
}

// Node is one node of a call tree: a function as called along one path from the root.
type Node struct {
	ID       string // see [NodeID]
	Parent   string // ID of the caller's node, "" at depth 1
	Function string // see [CleanName], or one of the synthetic frames
	Depth    int    // level in the tree, 1 at the root
	// Goroutines is how many live goroutines have a stack that passes through this node, its descendants included. The
	// children of a node never sum to more than the node; what they lack are goroutines whose leaf the node is.
	Goroutines int64
	// StackBytes is the stack memory reserved by those goroutines.
	StackBytes int64
}

// Tree is the call tree of one process at one moment. It has one root node for each entry function.
type Tree struct {
	// Nodes in preorder, siblings by function name, but "(dropped)" first. At most [MaxNodes].
	Nodes []Node
	// FramesMax is how many frames the deepest stack had before any folding. Of a stack that was cut off, the frames
	// that were left count.
	FramesMax int
	// DroppedNodes is how many nodes were cut for [MaxNodes] and are represented by "(dropped)" nodes.
	DroppedNodes int
	// TruncatedGoroutines is how many goroutines are below [Truncated].
	TruncatedGoroutines int64
}

// Builder builds the call trees of one process, one snapshot after the other. It remembers which nodes it kept, so
// that a node near the cut does not come and go with each snapshot. Not safe for concurrent use.
type Builder struct {
	past past
}

// NewBuilder returns a Builder that has kept nothing yet.
func NewBuilder() *Builder {
	return &Builder{past: past{}}
}

// Build returns the call tree of the stacks, whose order does not matter. now is when they were taken; it is used for
// the ten minutes for which a kept node stays (rule 7), and must not go back between calls.
func (b *Builder) Build(stacks []Stack, now time.Time) Tree {
	paths, names := fold(stacks)
	t := newTrie(paths, names)
	kept := b.past.choose(t, now)
	tree := t.tree(kept)
	for _, s := range stacks {
		if s.Goroutines <= 0 {
			continue
		}
		tree.FramesMax = max(tree.FramesMax, len(s.Functions))
		if s.Truncated {
			tree.TruncatedGoroutines += s.Goroutines
		}
	}
	return tree
}

// foldedPath is a stack as it is in the tree. Its frames are indexes of names: numbers are folded and compared faster.
type foldedPath struct {
	frames []int32
	amount
}

// amount is what is counted of goroutines.
type amount struct{ goroutines, stackBytes int64 }

func (a *amount) add(b amount) {
	a.goroutines += b.goroutines
	a.stackBytes += b.stackBytes
}

// fold returns the paths of the stacks, and the names that they index, sorted.
func fold(stacks []Stack) (paths []foldedPath, names []string) {
	byRaw := map[string]int32{} // so that each raw name is cleaned once
	byName := map[string]int32{}
	index := func(raw string) int32 {
		i, ok := byRaw[raw]
		if ok {
			return i
		}
		name := CleanName(raw)
		if i, ok = byName[name]; !ok {
			i = int32(len(names))
			names = append(names, name)
			byName[name] = i
		}
		byRaw[raw] = i
		return i
	}
	var unfolded []int32
	for _, s := range stacks {
		if s.Goroutines <= 0 {
			continue
		}
		unfolded = unfolded[:0]
		if s.Truncated {
			unfolded = append(unfolded, index(Truncated))
		}
		for _, function := range s.Functions {
			unfolded = append(unfolded, index(function))
		}
		if len(s.Functions) == 0 {
			unfolded = append(unfolded, index(NotStarted))
		}
		paths = append(paths, foldedPath{Fold(unfolded), amount{s.Goroutines, s.StackBytes}})
	}

	sort.Strings(names)
	rank := make([]int32, len(names))
	for i, name := range names {
		rank[byName[name]] = int32(i)
	}
	for _, p := range paths {
		for i, frame := range p.frames {
			p.frames[i] = rank[frame]
		}
	}
	return paths, names
}

// trie is the whole call tree before anything is cut, in preorder. Element 0 is the root above the entry functions; it
// is in no Tree.
type trie struct {
	nodes []trieNode
	names []string // sorted
}

// trieNode is small, as stacks that share little make millions of them.
type trieNode struct {
	amount
	id       uint64 // 0 until it was asked for, see trie.id
	parent   int32
	name     int32
	depth    int32
	children int32
}

// newTrie makes the trie of the paths, which it sorts: each then shares its first nodes with the one before it.
func newTrie(paths []foldedPath, names []string) *trie {
	slices.SortFunc(paths, func(a, b foldedPath) int { return slices.Compare(a.frames, b.frames) })
	size := 1
	shared := make([]int, len(paths)) // first frames that the path has in common with the one before it
	for i, p := range paths {
		if i > 0 {
			shared[i] = sharedFrames(paths[i-1].frames, p.frames)
		}
		size += len(p.frames) - shared[i]
	}

	t := &trie{nodes: make([]trieNode, 1, size), names: names}
	open := []int32{0} // the nodes of the last path, from the root
	for i, p := range paths {
		open = open[:1+shared[i]]
		for _, name := range p.frames[shared[i]:] {
			parent := open[len(open)-1]
			t.nodes[parent].children++
			open = append(open, int32(len(t.nodes)))
			t.nodes = append(t.nodes, trieNode{parent: parent, name: name, depth: t.nodes[parent].depth + 1})
		}
		for _, i := range open {
			t.nodes[i].add(p.amount)
		}
	}
	return t
}

func sharedFrames(a, b []int32) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// path returns the names from the root to the node.
func (t *trie) path(i int32) []string {
	path := make([]string, t.nodes[i].depth, t.nodes[i].depth+1)
	for ; i > 0; i = t.nodes[i].parent {
		path[t.nodes[i].depth-1] = t.names[t.nodes[i].name]
	}
	return path
}

// id returns the hash behind the node's [NodeID]. Only few nodes of a large tree need one.
func (t *trie) id(i int32) uint64 {
	n := &t.nodes[i]
	if n.id == 0 {
		n.id = hashPath(t.path(i))
	}
	return n.id
}

// tree returns the kept nodes, and below each whose children were not all kept one node for those. kept[0] is true; a
// node is kept only if its parent is.
func (t *trie) tree(kept []bool) Tree {
	cut := map[int32]*amount{} // of the children that were not kept, by parent
	tree := Tree{Nodes: []Node{}}
	for i, n := range t.nodes {
		if kept[i] {
			continue
		}
		tree.DroppedNodes++
		if kept[n.parent] {
			if cut[n.parent] == nil {
				cut[n.parent] = &amount{}
			}
			cut[n.parent].add(n.amount)
		}
	}
	for i, n := range t.nodes {
		if !kept[i] {
			continue
		}
		id := "" // of what is above the entry functions
		if i > 0 {
			id = formatID(t.id(int32(i)))
			node := Node{ID: id, Function: t.names[n.name], Depth: int(n.depth), Goroutines: n.goroutines, StackBytes: n.stackBytes}
			if n.parent > 0 {
				node.Parent = formatID(t.id(n.parent))
			}
			tree.Nodes = append(tree.Nodes, node)
		}
		if dropped, ok := cut[int32(i)]; ok {
			tree.Nodes = append(tree.Nodes, Node{
				ID:         NodeID(append(t.path(int32(i)), Dropped)),
				Parent:     id,
				Function:   Dropped,
				Depth:      int(n.depth) + 1,
				Goroutines: dropped.goroutines,
				StackBytes: dropped.stackBytes,
			})
		}
	}
	return tree
}
