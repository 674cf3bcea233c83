package calltree

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"
	"unicode/utf8"
)

func TestBytesThatAreNotUTF8AreReplacedRunByRun(t *testing.T) {
	for raw, want := range map[string]string{
		"main.\xff\xferead\xff":    "main.\uFFFDread\uFFFD",
		"\xe4\xb8":                 "\uFFFD",
		"main.a\x00b":              "main.a\uFFFDb",
		"main.(*Tree[...]).Insert": "main.(*Tree[...]).Insert",
	} {
		if got := CleanName(raw); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestCleanNamesAreValidShortAndStayAsTheyAre(t *testing.T) {
	law := func(raw []byte, times uint16) bool {
		name := CleanName(strings.Repeat(string(raw), int(times%200)))
		return utf8.ValidString(name) && name != "" && len(name) <= MaxNameBytes && CleanName(name) == name
	}
	if err := quick.Check(law, nil); err != nil {
		t.Error(err)
	}
}

func TestNamesArePrintedWithoutTypeArguments(t *testing.T) {
	for name, want := range map[string]string{
		"main.main":                               "main.main",
		"main.G[go.shape.int]":                    "main.G[...]",
		"main.(*T[go.shape.[]int]).M":             "main.(*T[...]).M",
		"main.G[go.shape.map[int][4]T].func1":     "main.G[...].func1",
		"main.G[go.shape.struct { A int \"]\" }]": "main.G[...]",
		"main.]odd[":                              "main.]odd[",
	} {
		if got := PrintedName(name); got != want {
			t.Errorf("PrintedName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestFoldedPathsRepeatNoCycleAndStayAsTheyAre(t *testing.T) {
	law := func(letters []byte) bool {
		path := make([]int32, len(letters))
		for i, l := range letters {
			path[i] = int32(l % 3)
		}
		folded := Fold(path)
		for end := range folded {
			for cycle := 1; cycle <= maxCycle; cycle++ {
				if repeats(folded[:end+1], cycle) {
					return false
				}
			}
		}
		return slices.Equal(Fold(folded), folded)
	}
	if err := quick.Check(law, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

// snapshot is a random set of stacks with shared first frames and recursion.
type snapshot []Stack

func (snapshot) Generate(random *rand.Rand, size int) reflect.Value {
	s := make(snapshot, random.Intn(size+1))
	for i := range s {
		functions := make([]string, random.Intn(8))
		for j := range functions {
			functions[j] = fmt.Sprintf("main.f%d", random.Intn(4))
		}
		s[i] = Stack{Functions: functions, Goroutines: int64(random.Intn(5)), Truncated: random.Intn(5) == 0}
	}
	return reflect.ValueOf(s)
}

// storm is a set of stacks that makes more nodes than a tree may have.
type storm []Stack

func (storm) Generate(random *rand.Rand, _ int) reflect.Value {
	s := make(storm, 600+random.Intn(2000))
	for i := range s {
		functions := make([]string, 1+random.Intn(5))
		for j := range functions {
			functions[j] = fmt.Sprintf("main.f%d_%d", j, random.Intn(1+7*j*j*j))
		}
		s[i] = Stack{Functions: functions, Goroutines: 1 + int64(random.ExpFloat64()*float64(1+random.Intn(100)))}
	}
	return reflect.ValueOf(s)
}

func build(stacks []Stack) Tree {
	return NewBuilder().Build(stacks, time.Time{})
}

func goroutinesOf(stacks []Stack) (sum int64) {
	for _, s := range stacks {
		sum += s.Goroutines
	}
	return sum
}

// brokenLaw returns which law of every tree the tree of these stacks breaks, "" if none.
func brokenLaw(tree Tree, stacks []Stack) string {
	if len(tree.Nodes) > MaxNodes {
		return fmt.Sprintf("the tree has %d nodes", len(tree.Nodes))
	}
	nodes := map[string]Node{}
	paths := map[string][]string{}
	children := map[string]int64{}
	var roots int64
	for _, n := range tree.Nodes {
		if _, twice := nodes[n.ID]; twice {
			return fmt.Sprintf("node %+v is there twice", n)
		}
		parent, ok := nodes[n.Parent]
		if ok != (n.Depth > 1) || parent.Depth != n.Depth-1 {
			return fmt.Sprintf("node %+v comes without its parent before it", n)
		}
		path := append(slices.Clone(paths[n.Parent]), n.Function)
		if n.ID != NodeID(path) {
			return fmt.Sprintf("node %+v is not identified by its path %q", n, path)
		}
		nodes[n.ID], paths[n.ID] = n, path
		if n.Depth == 1 {
			roots += n.Goroutines
		}
		children[n.Parent] += n.Goroutines
		if ok && children[n.Parent] > parent.Goroutines {
			return fmt.Sprintf("the children of %+v have more goroutines than it", parent)
		}
	}
	if want := goroutinesOf(stacks); roots != want {
		return fmt.Sprintf("the roots have %d goroutines, the stacks %d", roots, want)
	}
	return ""
}

func TestEveryTreeHasItsGoroutinesAtTheRootAndNoMoreBelow(t *testing.T) {
	law := func(s snapshot) bool {
		broken := brokenLaw(build(s), s)
		if broken != "" {
			t.Log(broken)
		}
		return broken == ""
	}
	if err := quick.Check(law, nil); err != nil {
		t.Error(err)
	}
}

func TestTheOrderOfTheStacksDoesNotMatter(t *testing.T) {
	law := func(s storm, seed int64) bool {
		shuffled := slices.Clone(s)
		rand.New(rand.NewSource(seed)).Shuffle(len(s), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		return reflect.DeepEqual(build(s), build(shuffled))
	}
	if err := quick.Check(law, &quick.Config{MaxCount: 10}); err != nil {
		t.Error(err)
	}
}

func TestTwoTreesSummedByNodeAreTheTreeOfBoth(t *testing.T) {
	law := func(a, b snapshot) bool {
		sum := map[Node]int64{}
		for _, tree := range []Tree{build(a), build(b)} {
			for _, n := range tree.Nodes {
				goroutines := n.Goroutines
				n.Goroutines = 0
				sum[n] += goroutines
			}
		}
		both := map[Node]int64{}
		for _, n := range build(append(slices.Clone(a), b...)).Nodes {
			goroutines := n.Goroutines
			n.Goroutines = 0
			both[n] = goroutines
		}
		return reflect.DeepEqual(sum, both)
	}
	if err := quick.Check(law, nil); err != nil {
		t.Error(err)
	}
}

func TestTruncatedGoroutinesAreCounted(t *testing.T) {
	tree := build([]Stack{
		{Functions: []string{"main.walk"}, Goroutines: 3, Truncated: true},
		{Functions: []string{"main.walk"}, Goroutines: 4},
		{Functions: []string{"main.read"}, Goroutines: 5, Truncated: true},
	})
	if tree.TruncatedGoroutines != 8 {
		t.Errorf("%d goroutines are truncated, want 8", tree.TruncatedGoroutines)
	}
}
