package topview

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// crowd is a look with so many goroutines.
func crowd(n int) *sample {
	s := shop()
	s.selected = nil
	for i := 0; i < n; i++ {
		s.selected = append(s.selected, goscan.Selected{Goroutine: goscan.Goroutine{ID: uint64(i), Size: 2048, Stack: []string{"main.f"}}, Function: "main.f"})
	}
	return s
}

func pressAll(v *view, keys ...key) (last action) {
	for _, k := range keys {
		last = v.press(k)
	}
	return last
}

func TestLettersSortByTheirColumnAndTheOtherWayRoundWhenPressedAgain(t *testing.T) {
	v := newTestView(80, 24, shop())
	for _, test := range []struct {
		key  key
		want sorting
	}{
		{'u', sorting{columnUsed, true}},
		{'u', sorting{columnUsed, false}},
		{'g', sorting{columnGrowth, true}},
		{'w', sorting{columnState, false}},
		{'i', sorting{columnID, false}},
		{'c', sorting{columnCreator, false}},
		{'f', sorting{columnFunction, false}},
		{'s', sorting{columnSize, true}},
		{'r', sorting{columnSize, false}},
	} {
		if got := v.press(test.key); got != choose {
			t.Errorf("%c gives the action %d", test.key, got)
		}
		if *v.sorted() != test.want {
			t.Errorf("%c sorts by %+v, want %+v", test.key, *v.sorted(), test.want)
		}
		if q := v.query(); q.column != test.want.column || q.descending != test.want.descending {
			t.Errorf("%c asks for %+v, want %+v", test.key, q, test.want)
		}
	}
}

func TestArrowsSortByTheColumnsBeside(t *testing.T) {
	v := newTestView(80, 24, shop())
	var passed []column
	for i := 0; i < len(goroutineColumns); i++ {
		v.press(keyRight)
		passed = append(passed, v.sorted().column)
	}
	want := []column{columnUsed, columnGrowth, columnState, columnCreator, columnFunction, columnFunction, columnFunction, columnFunction}
	if !slices.Equal(passed, want) { // none can sort by WAIT
		t.Errorf("to the right are %v, want %v", passed, want)
	}
	for i := 0; i < len(goroutineColumns); i++ {
		v.press(keyLeft)
	}
	if got := v.sorted().column; got != columnID {
		t.Errorf("at the left end is column %d", got)
	}
}

func TestGoroutinesAndStacksAreSortedEachInTheirWay(t *testing.T) {
	v := newTestView(80, 24, shop())
	pressAll(v, 'u', 't', 's')
	if q := v.query(); !q.grouped || q.column != columnBytes || !q.descending {
		t.Errorf("by stack, it asks for %+v", q)
	}
	pressAll(v, keyTab)
	if q := v.query(); q.grouped || q.column != columnUsed {
		t.Errorf("by goroutine, it asks for %+v", q)
	}
}

func TestTheSelectedRowIsAlwaysInSight(t *testing.T) {
	v := newTestView(80, 16, crowd(100)) // 9 rows
	expect := func(what string, row, first int) {
		t.Helper()
		if v.row != row || v.first != first {
			t.Errorf("%s: row %d is selected, and %d the first; want %d and %d", what, v.row, v.first, row, first)
		}
	}
	pressAll(v, keyDown, keyDown)
	expect("two down", 2, 0)
	pressAll(v, keyPageDown)
	expect("a page down", 11, 3)
	pressAll(v, keyUp, keyUp)
	expect("two up", 9, 3)
	pressAll(v, keyEnd)
	expect("at the end", 99, 91)
	pressAll(v, keyDown)
	expect("below the end", 99, 91)
	pressAll(v, keyPageUp)
	expect("a page up", 90, 90)
	v.update(crowd(20))
	expect("with fewer goroutines", 19, 11)
	v.height = 30
	v.move(0)
	expect("on a larger screen", 19, 0)
	v.update(crowd(0))
	expect("without goroutines", 0, 0)
	if pressAll(v, keyEnter); v.detail != nil {
		t.Error("no goroutine was opened")
	}
}

func TestTheFilterIsAppliedWhileItIsTyped(t *testing.T) {
	v := newTestView(80, 24, shop())
	if got := pressAll(v, '/', 'q', 'r', keyBackspace, 'ü'); got != choose || v.query().contains != "qü" {
		t.Errorf("typing gives the action %d, and filters by %q", got, v.query().contains)
	}
	if got := v.press(keyEscape); got != choose || v.query().contains != "" || v.typed != nil {
		t.Errorf("Esc gives the action %d, and filters by %q", got, v.query().contains)
	}
	pressAll(v, '/', 'd', 'b', keyEnter)
	if v.query().contains != "db" || v.typed != nil {
		t.Errorf("after Enter, it filters by %q", v.query().contains)
	}
	pressAll(v, '/', keyBackspace, keyEscape)
	if v.query().contains != "db" {
		t.Errorf("a change that was given up leaves the filter %q", v.query().contains)
	}
	if got := v.press(keyEscape); got != choose || v.query().contains != "" {
		t.Errorf("Esc in the table gives the action %d, and filters by %q", got, v.query().contains)
	}
	for i := 0; i < 1000; i++ {
		pressAll(v, '/', 'x')
	}
	if got := len(v.query().contains); got != maxFilter {
		t.Errorf("a filter may have %d bytes", got)
	}
}

func TestPauseStopsLooksUntilItIsPressedAgain(t *testing.T) {
	v := newTestView(80, 24, shop())
	if got := v.press('p'); got != nothing || !v.paused {
		t.Errorf("p gives the action %d, paused %t", got, v.paused)
	}
	if got := v.press('p'); got != resume || v.paused {
		t.Errorf("p again gives the action %d, paused %t", got, v.paused)
	}
}

func TestQEndsAndLeavesWhatIsOpen(t *testing.T) {
	for name, test := range map[string]struct {
		keys []key
		want action
	}{
		"table":           {[]key{'q'}, quit},
		"Ctrl-C":          {[]key{keyInterrupt}, quit},
		"help":            {[]key{'?', 'q'}, quit},
		"help left":       {[]key{'?', 'x'}, nothing},
		"stack":           {[]key{keyEnter, 'q'}, nothing},
		"Ctrl-C in stack": {[]key{keyEnter, keyInterrupt}, quit},
		"filter":          {[]key{'/', 'q'}, choose},
		"Ctrl-C typed":    {[]key{'/', keyInterrupt}, quit},
	} {
		if got := pressAll(newTestView(80, 24, shop()), test.keys...); got != test.want {
			t.Errorf("%s: the action is %d, want %d", name, got, test.want)
		}
	}
	if got := newTestView(80, 24, nil).press('q'); got != quit {
		t.Errorf("before the first look, q gives the action %d", got)
	}
}

func TestAGroupThatIsOpenFollowsTheLooks(t *testing.T) {
	v := newTestView(80, 24, byStack())
	v.grouped = true
	v.press(keyEnter)
	next := byStack()
	next.groups[0].goroutines = 12_700
	next.groups[0], next.groups[1] = next.groups[1], next.groups[0]
	v.update(next)
	if g := v.detail.group; g.id != "0yjwvfkyykodh" || g.goroutines != 12_700 {
		t.Errorf("open is %+v", g)
	}
}

func TestGroupsHaveTheStacksOfTheCallTreeAndTheirGrowthSinceTheFirstLook(t *testing.T) {
	stacks := []calltree.Stack{
		{Functions: []string{"main.main", "main.work"}, Goroutines: 7, StackBytes: 14_336},
		{Functions: []string{"main.deep"}, Goroutines: 3, StackBytes: 6144, Truncated: true},
		{Goroutines: 1, StackBytes: 2048},
	}
	first := map[string]int64{}
	for _, g := range groups(stacks, nil) {
		first[g.id] = g.goroutines
	}
	stacks[0].Goroutines, stacks[1].Goroutines = 9, 1
	stacks = append(stacks, calltree.Stack{Functions: []string{"main.new"}, Goroutines: 4})

	nodes := map[string]int64{}
	for _, n := range calltree.NewBuilder().Build(stacks, shop().taken).Nodes {
		nodes[n.ID] = n.Goroutines
	}
	growth := map[string]int64{}
	for _, g := range groups(stacks, first) {
		if nodes[g.id] != g.goroutines {
			t.Errorf("the node %s of the call tree has %d goroutines, and the group %+v", g.id, nodes[g.id], g)
		}
		growth[g.function] = g.growth
	}
	want := map[string]int64{"main.work": 2, "main.deep": -2, "(not started)": 0, "main.new": 4}
	if !reflect.DeepEqual(growth, want) {
		t.Errorf("growth %v, want %v", growth, want)
	}
}

func TestGroupsAreSortedByEachColumn(t *testing.T) {
	all := []group{
		{id: "b", goroutines: 5, bytes: 10, growth: -1, function: "main.z"},
		{id: "a", goroutines: 9, bytes: 5, growth: 3, function: "main.y"},
		{id: "c", goroutines: 9, bytes: 20, growth: 0, function: "main.x"},
	}
	for _, test := range []struct {
		by         column
		descending bool
		want       string
	}{
		{columnCount, true, "acb"}, {columnCount, false, "bac"}, {columnBytes, true, "cba"}, {columnGroupGrowth, true, "acb"},
		{columnStackID, false, "abc"}, {columnGroupFunction, false, "cab"},
	} {
		sortGroups(all, test.by, test.descending)
		got := ""
		for _, g := range all {
			got += g.id
		}
		if got != test.want {
			t.Errorf("by column %d, descending %t: %s, want %s", test.by, test.descending, got, test.want)
		}
	}
}

func TestGroupsAreFilteredByAnyFunctionOfTheirStack(t *testing.T) {
	all := []group{{id: "a", path: []string{"main.main", "net/http.Serve"}}, {id: "b", path: []string{"main.other"}}}
	for text, want := range map[string]string{"HTTP": "[a]", "main": "[a b]", "": "[a b]", "sql": "[]"} {
		var ids []string
		for _, g := range matching(slices.Clone(all), text) {
			ids = append(ids, g.id)
		}
		if got := fmt.Sprint(ids); got != want {
			t.Errorf("%q leaves %s, want %s", text, got, want)
		}
	}
}
