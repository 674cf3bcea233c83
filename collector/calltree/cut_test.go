package calltree

import (
	"fmt"
	"slices"
	"testing"
	"testing/quick"
	"time"
)

// entries returns n stacks of one frame, main.<prefix>0000 and on, with that many goroutines each.
func entries(prefix string, n int, goroutines int64) []Stack {
	stacks := make([]Stack, n)
	for i := range stacks {
		stacks[i] = Stack{Functions: []string{fmt.Sprintf("main.%s%04d", prefix, i)}, Goroutines: goroutines}
	}
	return stacks
}

// has tells how many goroutines the tree has at depth 1 in that function.
func has(tree Tree, function string) int64 {
	for _, n := range tree.Nodes {
		if n.Depth == 1 && n.Function == function {
			return n.Goroutines
		}
	}
	return 0
}

func TestATreeOfAThousandNodesIsWhole(t *testing.T) {
	tree := build(entries("f", MaxNodes, 1))
	if len(tree.Nodes) != MaxNodes || tree.DroppedNodes != 0 || has(tree, Dropped) != 0 {
		t.Errorf("%d nodes, %d dropped", len(tree.Nodes), tree.DroppedNodes)
	}
}

func TestALargerTreeHasOneDroppedNodeForTheLeastSiblings(t *testing.T) {
	tree := build(append(entries("few", 600, 2), entries("many", 600, 9)...))
	if len(tree.Nodes) != MaxNodes || tree.DroppedNodes != 201 {
		t.Errorf("%d nodes, %d dropped, want 1000 and 201", len(tree.Nodes), tree.DroppedNodes)
	}
	if got := has(tree, Dropped); got != 2*201 {
		t.Errorf("(dropped) has %d goroutines, want 402", got)
	}
	for i := 0; i < 600; i++ {
		if name := fmt.Sprintf("main.many%04d", i); has(tree, name) != 9 {
			t.Fatalf("%s was cut, and others have fewer goroutines", name)
		}
	}
}

func TestAmongEqualNodesTheDeepestIsCutFirst(t *testing.T) {
	stacks := entries("f", 900, 1)
	for i := 0; i < 60; i++ {
		stacks[i].Functions = append(stacks[i].Functions, "main.g", "main.h")
	}
	tree := build(stacks)
	// 900 at depth 1, 40 of 60 at depth 2, and 60 times "(dropped)" for what is below one of them.
	byDepth := map[int]int{}
	for _, n := range tree.Nodes {
		if n.Function != Dropped {
			byDepth[n.Depth]++
		}
	}
	if byDepth[1] != 900 || byDepth[2] != 40 || byDepth[3] != 0 {
		t.Errorf("nodes by depth are %v, want 900, 40, none", byDepth)
	}
	if broken := brokenLaw(tree, stacks); broken != "" {
		t.Error(broken)
	}
}

func TestAmongEqualNodesOfOneDepthTheGreatestIsCutFirst(t *testing.T) {
	stacks := entries("f", 1100, 1)
	tree := build(stacks)
	var all []string
	for _, s := range stacks {
		all = append(all, NodeID(s.Functions))
	}
	slices.Sort(all)
	var kept []string
	for _, n := range tree.Nodes {
		if n.Function != Dropped {
			kept = append(kept, n.ID)
		}
	}
	slices.Sort(kept)
	if !slices.Equal(kept, all[:999]) {
		t.Error("not the 999 least nodes were kept")
	}
}

func TestNoTreeBreaksALawWhenItIsCutAgainAndAgain(t *testing.T) {
	b := NewBuilder()
	now := time.Unix(0, 0)
	law := func(s storm, seconds uint16) bool {
		now = now.Add(time.Duration(seconds%300) * time.Second)
		broken := brokenLaw(b.Build(s, now), s)
		if broken != "" {
			t.Log(broken)
		}
		return broken == ""
	}
	if err := quick.Check(law, &quick.Config{MaxCount: 20}); err != nil {
		t.Error(err)
	}
}

func TestAKeptNodeStaysUntilItWasUnderHalfTheCutForTenMinutes(t *testing.T) {
	start := time.Unix(1764000000, 0)
	b := NewBuilder()
	snapshot := func(goroutines int64) []Stack {
		return append(entries("other", 1100, 10), Stack{Functions: []string{"main.watched"}, Goroutines: goroutines})
	}
	at := func(minutes int, goroutines int64) int64 {
		return has(b.Build(snapshot(goroutines), start.Add(time.Duration(minutes)*time.Minute)), "main.watched")
	}
	steps := []struct {
		minute     int
		goroutines int64
		kept       bool
	}{
		{0, 11, true}, // above the cut, which is 10
		{1, 6, true},  // under the cut, not under half of it
		{60, 6, true}, // for as long as that is so
		{61, 4, true}, // under half the cut: the ten minutes begin
		{70, 4, true},
		{70, 5, true}, // half the cut: they begin anew
		{71, 4, true},
		{80, 4, true},
		{81, 4, false}, // ten minutes
		{82, 9, false}, // now it has to come over the cut
		{83, 11, true},
	}
	for _, s := range steps {
		if got := at(s.minute, s.goroutines); (got > 0) != s.kept {
			t.Errorf("minute %d, %d goroutines: kept is %t, want %t", s.minute, s.goroutines, got > 0, s.kept)
		}
	}
}

func TestAStormShowsAtOnceInATreeFullOfKeptNodes(t *testing.T) {
	b := NewBuilder()
	calm := entries("calm", 1000, 10)
	b.Build(calm, time.Unix(0, 0))
	tree := b.Build(append(entries("storm", 500, 1000), calm...), time.Unix(15, 0))
	for i := 0; i < 500; i++ {
		if name := fmt.Sprintf("main.storm%04d", i); has(tree, name) == 0 {
			t.Fatalf("%s has 1000 goroutines and is not shown", name)
		}
	}
}
