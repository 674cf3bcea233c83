package calltree

import (
	"cmp"
	"maps"
	"slices"
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

// past says of each node that the last tree kept, and of those that have been in no stack since they were kept: from
// when on it has been under half the cut; zero when it is not under it.
type past map[uint64]time.Time

// choose says which nodes of the trie are kept, by index, and takes them for the past of the next. A node is kept only
// if its parent is; element 0, the root, always is.
//
// Without a past, nodes are taken by value, for as long as they and the "(dropped)" nodes that they need are within
// MaxNodes. The value of the first node that is left is the cut. With a past, the first newNodes are taken by value,
// then nodes that were kept before and were not under half the cut for ten minutes, then others by value.
func (p past) choose(t *trie, now time.Time) []bool {
	known := p.known(t)
	byValue := t.greatest(MaxNodes + 1)
	s := newSelection(t)
	taken := s.take(byValue, MaxNodes)
	if taken == len(byValue) {
		p.note(t, s.kept, known, 0, now)
		return s.kept
	}
	cut := t.nodes[byValue[taken]].goroutines

	var stay []int32
	for i, was := range known {
		if !was {
			continue
		}
		if since := p[t.id(int32(i))]; since.IsZero() || now.Sub(since) < keptFor {
			stay = append(stay, int32(i))
		}
	}
	slices.SortFunc(stay, t.compare)
	s = newSelection(t)
	s.take(byValue, newNodes)
	s.take(stay, MaxNodes)
	s.take(byValue, MaxNodes)
	p.note(t, s.kept, known, cut, now)
	return s.kept
}

// known says which nodes of the trie are in the past, by index.
func (p past) known(t *trie) []bool {
	known := make([]bool, len(t.nodes))
	known[0] = true
	for i := int32(1); i < int32(len(t.nodes)); i++ {
		if known[t.nodes[i].parent] { // as that of a kept node was kept too
			_, known[i] = p[t.id(i)]
		}
	}
	return known
}

// note replaces the past by what was kept now. A node that is in no stack has no goroutines, so is under half the cut;
// it is forgotten after ten minutes.
func (p past) note(t *trie, kept, known []bool, cut int64, now time.Time) {
	was, gone := maps.Clone(p), maps.Clone(p)
	clear(p)
	note := func(id uint64, under bool) {
		switch since := was[id]; {
		case !under:
			p[id] = time.Time{}
		case since.IsZero():
			p[id] = now
		default:
			p[id] = since
		}
	}
	for i := int32(1); i < int32(len(t.nodes)); i++ {
		if kept[i] {
			note(t.id(i), 2*t.nodes[i].goroutines < cut)
		}
		if kept[i] || known[i] {
			delete(gone, t.id(i))
		}
	}
	for id, since := range gone {
		if since.IsZero() || now.Sub(since) < keptFor {
			note(id, true)
		}
	}
}

// greatest returns the first n nodes, or all, in the order in which nodes are kept.
func (t *trie) greatest(n int) []int32 {
	var greatest []int32
	full := false
	for i := int32(1); i < int32(len(t.nodes)); i++ {
		if full && t.compare(greatest[n-1], i) < 0 {
			continue
		}
		greatest = append(greatest, i)
		if len(greatest) == 2*n {
			slices.SortFunc(greatest, t.compare)
			greatest = greatest[:n]
			full = true
		}
	}
	slices.SortFunc(greatest, t.compare)
	return greatest[:min(len(greatest), n)]
}

// compare orders nodes as they are kept: greatest value, then nearest the root, then least id. As no node has more
// goroutines than its parent, parents come before their children.
func (t *trie) compare(i, j int32) int {
	a, b := &t.nodes[i], &t.nodes[j]
	if order := cmp.Compare(b.goroutines, a.goroutines); order != 0 {
		return order
	}
	if order := cmp.Compare(a.depth, b.depth); order != 0 {
		return order
	}
	return cmp.Compare(t.id(i), t.id(j))
}

// selection is a set of kept nodes and the size of the tree that they make.
type selection struct {
	trie     *trie
	kept     []bool          // by index
	children map[int32]int32 // kept ones, by index of the parent
	size     int             // kept nodes but the root, and one "(dropped)" for each that misses children
}

func newSelection(t *trie) *selection {
	s := &selection{trie: t, kept: make([]bool, len(t.nodes)), children: map[int32]int32{}}
	s.kept[0] = true
	s.size = s.dropped(0)
	return s
}

// dropped returns how many "(dropped)" nodes a kept node has as a child, 0 or 1.
func (s *selection) dropped(i int32) int {
	if s.children[i] < s.trie.nodes[i].children {
		return 1
	}
	return 0
}

// take keeps the nodes in the order given, until the next would make the tree larger than limit, and returns how many
// it has got through. It passes over those that are kept, and those whose parent is not.
//
// Keeping a node adds it and the "(dropped)" below it, and takes the one beside it away when it was the last that was
// missing there: the tree grows by 0, 1 or 2, never shrinks.
func (s *selection) take(order []int32, limit int) int {
	for n, i := range order {
		parent := s.trie.nodes[i].parent
		if s.kept[i] || !s.kept[parent] {
			continue
		}
		size := s.size + 1 + s.dropped(i) - s.dropped(parent)
		s.children[parent]++
		size += s.dropped(parent)
		if size > limit {
			s.children[parent]--
			return n
		}
		s.kept[i] = true
		s.size = size
	}
	return len(order)
}
