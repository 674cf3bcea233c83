package goscan

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"testing/quick"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// entry is one call of intern.
type entryOf struct {
	path      []nameID
	truncated bool
}

func randomEntries(random *rand.Rand) []entryOf {
	entries := make([]entryOf, random.Intn(400))
	for i := range entries {
		path := make([]nameID, random.Intn(5))
		for j := range path {
			path[j] = nameID(random.Intn(3))
		}
		entries[i] = entryOf{path, random.Intn(3) == 0}
	}
	return entries
}

func TestEqualPathsHaveOneIdAndOthersAnother(t *testing.T) {
	law := func(seed int64) bool {
		table := newStackTable()
		ids := map[string]stackID{}
		paths := map[stackID]string{}
		for _, e := range randomEntries(rand.New(rand.NewSource(seed))) {
			key := fmt.Sprint(e)
			id := table.intern(e.path, e.truncated, false)
			if before, ok := ids[key]; ok && before != id {
				return false
			}
			if before, ok := paths[id]; ok && before != key {
				return false
			}
			ids[key], paths[id] = id, key
			if s := table.stacks[id]; !slices.Equal(s.path, e.path) || s.truncated != e.truncated {
				return false
			}
			clear(e.path) // the table has a copy
		}
		return true
	}
	if err := quick.Check(law, nil); err != nil {
		t.Error(err)
	}
}

func TestSweepForgetsExactlyWhatIsNotUsed(t *testing.T) {
	law := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		table := newStackTable()
		for round := 0; round < 5; round++ {
			used := map[stackID]entryOf{}
			for _, e := range randomEntries(random) {
				id := table.intern(e.path, e.truncated, false)
				table.byAddresses[random.Uint64()] = walked{stack: id}
				table.stacks[id].isUsed = random.Intn(2) == 0
				used[id] = e
			}
			for id := range table.stacks {
				if !table.stacks[id].isUsed {
					delete(used, stackID(id))
				}
			}
			table.sweep()
			names := 0
			for id, e := range used {
				if s := table.stacks[id]; !slices.Equal(s.path, e.path) || table.intern(e.path, e.truncated, false) != id {
					return false
				}
				names += len(e.path)
			}
			inTable := 0
			for id := range table.stacks {
				if !slices.Contains(table.free, stackID(id)) {
					inTable += len(table.stacks[id].path)
				}
				table.stacks[id].isUsed = false
			}
			if table.names != inTable || inTable < names {
				return false
			}
			for _, w := range table.byAddresses {
				if slices.Contains(table.free, w.stack) {
					return false
				}
			}
		}
		table.sweep() // none is used
		return table.names == 0 && len(table.byPath) == 1 && len(table.stacks)-len(table.free) == 2
	}
	if err := quick.Check(law, nil); err != nil {
		t.Error(err)
	}
}

func TestGoroutinesOverTheLimitsAreTruncatedAndStillCounted(t *testing.T) {
	random := rand.New(rand.NewSource(2))
	for _, limit := range []func(*stackTable){
		func(s *stackTable) { s.maxStacks = 40 },
		func(s *stackTable) { s.maxNames = 100 },
	} {
		f := newFake(t)
		for i := 0; i < 500; i++ {
			f.add(t, &fakeG{stack: randomStack(random)})
		}
		f.add(t, &fakeG{stack: []string{"runtime.bgsweep"}}) // which may be over the limits too
		p := f.open(t)
		limit(&p.stacks)
		for i := 0; i < 2; i++ {
			snapshot := scanned(t, p, Stacks)
			checkSums(t, snapshot)
			if snapshot.Goroutines != 501 || snapshot.SystemBytes != 2048 {
				t.Errorf("%d goroutines, and %d bytes of the runtime's, want 501 and 2048", snapshot.Goroutines, snapshot.SystemBytes)
			}
			tree := calltree.NewBuilder().Build(snapshot.Stacks, snapshot.Taken)
			if tree.TruncatedGoroutines == 0 || tree.TruncatedGoroutines == 501 || len(p.stacks.stacks) > 200 {
				t.Errorf("%d goroutines are truncated, with %d stacks", tree.TruncatedGoroutines, len(p.stacks.stacks))
			}
		}
	}
}

func TestNamesOverTheLimitAreUnknown(t *testing.T) {
	n := newNames()
	n.id(calltree.Unknown)
	n.id("main.f7")
	n.text = append(n.text, make([]string, maxNames-2)...)
	if id := n.id("main.one too many"); n.text[id] != calltree.Unknown || len(n.text) != maxNames {
		t.Errorf("the name is %q, of %d", n.text[id], len(n.text))
	}
	if id := n.id("main.f7"); n.text[id] != "main.f7" {
		t.Errorf("main.f7 is %q now", n.text[id])
	}
}
