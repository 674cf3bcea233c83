package calltree

import (
	"sort"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Stack is one distinct goroutine stack.
type Stack struct {
	// Functions from the root (the goroutine's entry function) to the leaf, inlined calls expanded, without
	// runtime.goexit and compiler wrappers (rule 2), names otherwise as they come from the source.
	Functions []string
	// Goroutines is how many live goroutines have this stack. Stacks with none, or fewer, are passed over.
	Goroutines int64
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
}

// Tree is the call tree of one process at one moment. It has one root node for each entry function.
type Tree struct {
	// Nodes in preorder, siblings by function name. At most [MaxNodes].
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
	kept keptNodes
}

// NewBuilder returns a Builder that has kept nothing yet.
func NewBuilder() *Builder {
	return &Builder{kept: keptNodes{}}
}

// Build returns the call tree of the stacks, whose order does not matter. now is when they were taken; it is used for
// the ten minutes for which a kept node stays (rule 7), and must not go back between calls.
func (b *Builder) Build(stacks []Stack, now time.Time) Tree {
	t := newTrie()
	tree := Tree{}
	for _, stack := range stacks {
		if stack.Goroutines <= 0 {
			continue
		}
		t.add(stack)
		tree.FramesMax = max(tree.FramesMax, len(stack.Functions))
		if stack.Truncated {
			tree.TruncatedGoroutines += stack.Goroutines
		}
	}
	kept := b.kept.choose(t, now)
	tree.Nodes, tree.DroppedNodes = t.preorder(kept)
	return tree
}

// trie is the whole call tree before anything is cut. Element 0 is the root above the entry functions; it is in no
// Tree. A node's index is greater than its parent's.
type trie struct {
	nodes []trieNode
	child map[childKey]int
	names internedNames
	path  []nameIndex // of the stack that is being added, kept to be reused
	fold  []nameIndex
}

type trieNode struct {
	parent     int
	name       nameIndex
	depth      int
	children   int
	goroutines int64
	path       xxhash.Digest // of the names from the root to this node
	id         uint64
}

type childKey struct {
	parent int
	name   nameIndex
}

// Comparing and hashing numbers instead of names makes a tree of 100,000 distinct stacks three times as fast.
type nameIndex int32

type internedNames struct {
	names   []string             // clean
	byClean map[string]nameIndex // two unclean names may have the same clean one
	byRaw   map[string]nameIndex // so that each raw name is cleaned once
}

func (n *internedNames) index(raw string) nameIndex {
	if i, ok := n.byRaw[raw]; ok {
		return i
	}
	name := CleanName(raw)
	i, ok := n.byClean[name]
	if !ok {
		i = nameIndex(len(n.names))
		n.names = append(n.names, name)
		n.byClean[name] = i
	}
	n.byRaw[raw] = i
	return i
}

func newTrie() *trie {
	t := &trie{
		child: map[childKey]int{},
		names: internedNames{byClean: map[string]nameIndex{}, byRaw: map[string]nameIndex{}},
	}
	root := trieNode{}
	root.path.Reset()
	t.nodes = append(t.nodes, root)
	return t
}

func (t *trie) add(stack Stack) {
	t.path = t.path[:0]
	if stack.Truncated {
		t.path = append(t.path, t.names.index(Truncated))
	}
	for _, function := range stack.Functions {
		t.path = append(t.path, t.names.index(function))
	}
	if len(stack.Functions) == 0 {
		t.path = append(t.path, t.names.index(NotStarted))
	}
	t.fold = fold(t.fold[:0], t.path)

	at := 0
	t.nodes[at].goroutines += stack.Goroutines
	for _, name := range t.fold {
		at = t.childOf(at, name)
		t.nodes[at].goroutines += stack.Goroutines
	}
}

// childOf returns the index of the parent's child of that name, which it makes when there is none.
func (t *trie) childOf(parent int, name nameIndex) int {
	key := childKey{parent, name}
	if i, ok := t.child[key]; ok {
		return i
	}
	i := len(t.nodes)
	t.child[key] = i
	t.nodes[parent].children++
	node := trieNode{
		parent: parent,
		name:   name,
		depth:  t.nodes[parent].depth + 1,
		path:   t.nodes[parent].childPath(t.names.names[name]),
	}
	node.id = node.path.Sum64()
	t.nodes = append(t.nodes, node)
	return i
}

// childPath is the digest behind [NodeID] for the node's child of that name.
func (n *trieNode) childPath(name string) xxhash.Digest {
	path := n.path
	if n.depth > 0 {
		writeSeparator(&path)
	}
	path.WriteString(name)
	return path
}

// preorder returns the kept nodes, and below each whose children were not all kept one node for those. kept[0], the
// root, is true; a node is kept only if its parent is. It also returns how many nodes were not kept.
func (t *trie) preorder(kept []bool) (nodes []Node, dropped int) {
	children := make([][]Node, len(t.nodes)) // by parent's index
	index := map[string]int{}                // of a kept node, by id
	cut := make([]int64, len(t.nodes))       // goroutines of the cut children, by parent's index
	for i := 1; i < len(t.nodes); i++ {
		n := &t.nodes[i]
		if kept[i] {
			node := Node{
				ID:         formatID(n.id),
				Parent:     t.parentID(n.parent),
				Function:   t.names.names[n.name],
				Depth:      n.depth,
				Goroutines: n.goroutines,
			}
			index[node.ID] = i
			children[n.parent] = append(children[n.parent], node)
			continue
		}
		dropped++
		if kept[n.parent] {
			cut[n.parent] += n.goroutines
		}
	}
	for parent, goroutines := range cut {
		if goroutines == 0 {
			continue
		}
		path := t.nodes[parent].childPath(Dropped)
		children[parent] = append(children[parent], Node{
			ID:         formatID(path.Sum64()),
			Parent:     t.parentID(parent),
			Function:   Dropped,
			Depth:      t.nodes[parent].depth + 1,
			Goroutines: goroutines,
		})
	}

	nodes = []Node{}
	var walk func(parent int)
	walk = func(parent int) {
		siblings := children[parent]
		sort.Slice(siblings, func(i, j int) bool { return siblings[i].Function < siblings[j].Function })
		for _, node := range siblings {
			nodes = append(nodes, node)
			if i, ok := index[node.ID]; ok {
				walk(i)
			}
		}
	}
	walk(0)
	return nodes, dropped
}

func (t *trie) parentID(parent int) string {
	if parent == 0 {
		return ""
	}
	return formatID(t.nodes[parent].id)
}
