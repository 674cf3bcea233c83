package calltree

import (
	"maps"
	"sort"
	"time"
)

const (
	// MaxNodes is the most nodes that a [Tree] has, the "(dropped)" ones included (rule 7).
	MaxNodes = 1000
	// newNodes of these are given by value alone, so that a storm shows at once although the tree is full of kept
	// nodes; the rest is for nodes that were kept before, and for what is left by value when there are no such.
	newNodes = 800
	// keptFor is how long a kept node stays although it is under half the cut.
	keptFor = 10 * time.Minute
)

// keptNodes says of each node that the last tree kept, and of those that have been in no stack since they were kept:
// from when on it has been under half the cut; zero when it is not under it.
type keptNodes map[uint64]time.Time

// choose says which nodes of the trie are kept, by index. A node is kept only if its parent is; element 0, the root,
// always is.
//
// Without a past, the nodes are taken in the order of [trie.byValue] for as long as they and the "(dropped)" nodes that
// they need are within MaxNodes. The value of the first node that is left is the cut. With a past, the first newNodes
// are taken in that order, then nodes that were kept before and were not under half the cut for ten minutes, then others.
func (k keptNodes) choose(t *trie, now time.Time) []bool {
	order := t.byValue()
	byValue := newSelection(t)
	taken := byValue.take(order, MaxNodes)
	if taken == len(order) {
		k.update(t, byValue.kept, 0, now)
		return byValue.kept
	}
	cut := t.nodes[order[taken]].goroutines

	stays := make([]bool, len(t.nodes))
	for i := len(t.nodes) - 1; i > 0; i-- {
		since, was := k[t.nodes[i].id]
		stays[i] = stays[i] || was && (since.IsZero() || now.Sub(since) < keptFor)
		// A kept node has its ancestors kept.
		stays[t.nodes[i].parent] = stays[t.nodes[i].parent] || stays[i]
	}
	chosen := newSelection(t)
	rest := order[chosen.take(order, newNodes):]
	sort.SliceStable(rest, func(i, j int) bool { return stays[rest[i]] && !stays[rest[j]] })
	chosen.take(rest, MaxNodes)
	k.update(t, chosen.kept, cut, now)
	return chosen.kept
}

// update replaces the past by what was kept now. A node that is in no stack has no goroutines, so is under half the
// cut; it is forgotten after ten minutes.
func (k keptNodes) update(t *trie, kept []bool, cut int64, now time.Time) {
	past := maps.Clone(k)
	clear(k)
	note := func(id uint64, goroutines int64) {
		since := past[id]
		if 2*goroutines >= cut && goroutines > 0 {
			since = time.Time{}
		} else if since.IsZero() {
			since = now
		}
		k[id] = since
	}
	for i := 1; i < len(t.nodes); i++ {
		if kept[i] {
			note(t.nodes[i].id, t.nodes[i].goroutines)
		}
		delete(past, t.nodes[i].id)
	}
	for id, since := range past {
		if since.IsZero() || now.Sub(since) < keptFor {
			note(id, 0)
		}
	}
}

// byValue returns the indexes of all nodes but the root, in the order in which they are kept: greatest value, then
// nearest the root, then least id. As no node has more goroutines than its parent, parents come before their children.
func (t *trie) byValue() []int {
	order := make([]int, 0, len(t.nodes)-1)
	for i := 1; i < len(t.nodes); i++ {
		order = append(order, i)
	}
	sort.Slice(order, func(i, j int) bool {
		a, b := &t.nodes[order[i]], &t.nodes[order[j]]
		if a.goroutines != b.goroutines {
			return a.goroutines > b.goroutines
		}
		if a.depth != b.depth {
			return a.depth < b.depth
		}
		return a.id < b.id
	})
	return order
}

// selection is a set of kept nodes and the size of the tree that they make.
type selection struct {
	trie    *trie
	kept    []bool // by index
	missing []int  // children that are not kept, by index
	size    int    // kept nodes but the root, and one "(dropped)" for each that misses children
}

func newSelection(t *trie) *selection {
	s := &selection{trie: t, kept: make([]bool, len(t.nodes)), missing: make([]int, len(t.nodes))}
	for i := range t.nodes {
		s.missing[i] = t.nodes[i].children
	}
	s.kept[0] = true
	s.size = min(s.missing[0], 1)
	return s
}

// take keeps nodes in the order given, parents before children, until the next would make the tree larger than limit,
// and returns how many it took. Keeping a node adds it and the "(dropped)" below it, and takes the one beside it away
// when it was the last that was missing there: the tree grows by 0, 1 or 2, never shrinks.
func (s *selection) take(order []int, limit int) int {
	for n, i := range order {
		parent := s.trie.nodes[i].parent
		size := s.size + 1 + min(s.missing[i], 1)
		if s.missing[parent] == 1 {
			size--
		}
		if size > limit {
			return n
		}
		s.kept[i] = true
		s.missing[parent]--
		s.size = size
	}
	return len(order)
}
