package goscan

import (
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// names gives the functions of a process numbers: stacks of numbers are small, and compared and folded faster.
type names struct {
	ids  map[string]nameID
	text []string
}

type nameID = int32

func newNames() names { return names{ids: map[string]nameID{}} }

// maxNames bounds the names that are kept: executables that exist have some 200,000 functions.
const maxNames = 1 << 20

func (n *names) id(raw string) nameID {
	name := calltree.CleanName(raw)
	id, ok := n.ids[name]
	if !ok && len(n.text) >= maxNames {
		name = calltree.Unknown
		id, ok = n.ids[name]
	}
	if !ok {
		id = nameID(len(n.text))
		n.text = append(n.text, name)
		n.ids[name] = id
	}
	return id
}

// stackTable holds the distinct stacks of a process, after recursion was folded.
type stackTable struct {
	seed   maphash.Seed
	stacks []stack // by id; 0 is no stack
	free   []stackID
	byPath map[uint64][]stackID
	// byAddresses finds stacks that were seen before without folding them again. What a scan did not use is forgotten.
	byAddresses map[uint64]walked
	names       int // in all paths

	maxStacks, maxNames int
}

type stackID uint32

type stack struct {
	path      []nameID // root first
	truncated bool
	isUser    bool // has a function that is not the runtime's
	// Of live goroutines with this stack that are not the runtime's own, at the last scan.
	goroutines int64
	bytes      int64
	isUsed     bool // by any
}

// walked is what a walk over a stack gave.
type walked struct {
	stack  stackID
	frames uint32 // before recursion is folded
	// isComplete tells that the walk got to the root.
	isComplete bool
}

const (
	// maxStacks and maxPathNames bound what a process can make the agent keep: some 50 MB. Goroutines of further stacks
	// are counted as truncated.
	maxStacks    = 1 << 18
	maxPathNames = 8 << 20
	// maxAddresses bounds byAddresses; recursion gives each depth addresses of its own.
	maxAddresses = 1 << 18
	// overflow is the stack of goroutines whose own is over the limits.
	overflow stackID = 1
)

func newStackTable() stackTable {
	t := stackTable{
		seed:        maphash.MakeSeed(), // so that no process can make up stacks that fall together
		stacks:      make([]stack, 1),
		byPath:      map[uint64][]stackID{},
		byAddresses: map[uint64]walked{},
		maxStacks:   maxStacks,
		maxNames:    maxPathNames,
	}
	t.intern(nil, true, true) // overflow
	return t
}

// intern returns the id of the stack with the path, which it copies if it is new.
func (t *stackTable) intern(path []nameID, truncated, isUser bool) stackID {
	var hash maphash.Hash
	hash.SetSeed(t.seed)
	var word [4]byte
	for _, name := range path {
		binary.LittleEndian.PutUint32(word[:], uint32(name))
		hash.Write(word[:])
	}
	key := hash.Sum64()
	for _, id := range t.byPath[key] {
		if s := &t.stacks[id]; s.truncated == truncated && slices.Equal(s.path, path) {
			return id
		}
	}
	if len(t.stacks)-len(t.free) > t.maxStacks || t.names+len(path) > t.maxNames {
		return overflow
	}
	var id stackID
	if n := len(t.free); n > 0 {
		id, t.free = t.free[n-1], t.free[:n-1]
	} else {
		id = stackID(len(t.stacks))
		t.stacks = append(t.stacks, stack{})
	}
	t.stacks[id] = stack{path: slices.Clone(path), truncated: truncated, isUser: isUser}
	t.byPath[key] = append(t.byPath[key], id)
	t.names += len(path)
	return id
}

// sweep forgets the stacks that no goroutine has any more.
func (t *stackTable) sweep() {
	isFree := make([]bool, len(t.stacks))
	for _, id := range t.free {
		isFree[id] = true
	}
	swept := false
	for id := int(overflow) + 1; id < len(t.stacks); id++ {
		if s := &t.stacks[id]; !s.isUsed && !isFree[id] {
			t.names -= len(s.path)
			*s = stack{}
			t.free = append(t.free, stackID(id))
			isFree[id] = true
			swept = true
		}
	}
	if !swept {
		return
	}
	for key, ids := range t.byPath {
		if ids = slices.DeleteFunc(ids, func(id stackID) bool { return isFree[id] }); len(ids) == 0 {
			delete(t.byPath, key)
		} else {
			t.byPath[key] = ids
		}
	}
	for key, w := range t.byAddresses {
		if isFree[w.stack] {
			delete(t.byAddresses, key)
		}
	}
}
