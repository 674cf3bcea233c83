package goscan

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/pprofstacks"
)

// forBuilds runs a test with each of the builds.
func forBuilds(t *testing.T, test func(t *testing.T, path string)) {
	t.Helper()
	for _, b := range builds() {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			test(t, program(t, b))
		})
	}
}

// parkedScan scans a program whose goroutines all wait, between two answers that are the same.
func parkedScan(t *testing.T, target *target, process *Process) (answer, *Snapshot) {
	t.Helper()
	before := target.ask("know")
	for i := 0; i < 200; i++ {
		snapshot := scanned(t, process, Stacks)
		after := target.ask("know")
		if before.Goroutines == after.Goroutines && maps.Equal(nodesOf(parse(t, before.Profile)), nodesOf(parse(t, after.Profile))) {
			return after, snapshot
		}
		before = after
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the goroutines of the program never come to rest")
	return before, nil
}

func parse(t *testing.T, profile []byte) []calltree.Stack {
	t.Helper()
	stacks, err := pprofstacks.Parse(bytes.NewReader(profile))
	if err != nil {
		t.Fatal(err)
	}
	return stacks
}

// nodesOf returns the nodes of a call tree with their goroutines, by id and path, as ids alone tell a reader nothing.
func nodesOf(stacks []calltree.Stack) map[string]int64 {
	tree := calltree.NewBuilder().Build(stacks, time.Time{})
	nodes := map[string]int64{}
	paths := map[string]string{}
	for _, n := range tree.Nodes {
		paths[n.ID] = paths[n.Parent] + "/" + n.Function
		nodes[n.ID+paths[n.ID]] = n.Goroutines
	}
	return nodes
}

// difference returns the nodes that are not the same, one a line.
func difference(got, want map[string]int64) string {
	var lines []string
	for path, n := range want {
		if got[path] != n {
			lines = append(lines, fmt.Sprintf("%d, want %d: %s", got[path], n, path))
		}
	}
	for path, n := range got {
		if _, ok := want[path]; !ok {
			lines = append(lines, fmt.Sprintf("%d, want none: %s", n, path))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// split returns the stacks that have one of the functions, and the others, without that of the goroutine that answers: it
// writes the profile, and waits for the next line when it is scanned.
func split(stacks []calltree.Stack, functions ...string) (with, without []calltree.Stack) {
	for _, s := range stacks {
		switch {
		case len(s.Functions) > 0 && s.Functions[0] == "main.serve":
		case slices.ContainsFunc(s.Functions, func(name string) bool { return slices.Contains(functions, name) }):
			with = append(with, s)
		default:
			without = append(without, s)
		}
	}
	return with, without
}

// deepFunctions are those of the goroutines that tell their stack, as it may be deeper than a profile's.
var deepFunctions = []string{"main.recursive", "main.even", "main.huge", "main.walk"}

func TestTheCallTreeIsThatOfTheGoroutineProfile(t *testing.T) {
	forBuilds(t, func(t *testing.T, path string) {
		target := start(t, path, "zoo")
		answer, snapshot := parkedScan(t, target, target.open())
		deep, scanned := split(snapshot.Stacks, deepFunctions...)
		_, profiled := split(parse(t, answer.Profile), deepFunctions...)
		for _, s := range profiled {
			if s.Truncated {
				t.Errorf("the profile does not have all of %q", s.Functions)
			}
		}
		got, want := nodesOf(scanned), nodesOf(profiled)
		if len(want) < 150 || len(want) > calltree.MaxNodes*9/10 {
			t.Errorf("the profile has %d nodes", len(want))
		}
		if !maps.Equal(got, want) {
			t.Error(difference(got, want))
		}

		told := map[string]int64{}
		frames := 0
		for _, callers := range answer.Callers {
			functions := asWaiting(callers)
			frames = max(frames, len(functions))
			told[strings.Join(folded(functions), "/")]++
		}
		walked := map[string]int64{}
		for _, s := range deep {
			walked[strings.Join(s.Functions, "/")] += s.Goroutines
			if s.Truncated {
				t.Errorf("truncated: %q", s.Functions)
			}
		}
		if len(told) < 5 || !maps.Equal(walked, told) {
			t.Error(difference(walked, told))
		}
		if snapshot.FramesMax != frames {
			t.Errorf("the deepest stack has %d frames, want %d", snapshot.FramesMax, frames)
		}
		t.Logf("%d goroutines, %d nodes, %d frames", snapshot.Goroutines, len(want), snapshot.FramesMax)
	})
}

// asWaiting returns the functions, root first, of a goroutine that told the callers that it has, leaf first, and then
// waits to receive.
func asWaiting(callers []string) []string {
	functions := slices.DeleteFunc(slices.Clone(callers), func(name string) bool { return name == "runtime.goexit" })
	slices.Reverse(functions)
	return append(functions, "runtime.chanrecv1", "runtime.chanrecv", "runtime.gopark")
}

func folded(functions []string) []string {
	ids := names{ids: map[string]nameID{}}
	var path []nameID
	for _, f := range functions {
		path = append(path, ids.id(f))
	}
	var names []string
	for _, id := range calltree.Fold(path) {
		names = append(names, ids.text[id])
	}
	return names
}

func TestAllGoroutinesAreCounted(t *testing.T) {
	forBuilds(t, func(t *testing.T, path string) {
		target := start(t, path, "zoo")
		answer, snapshot := parkedScan(t, target, target.open())
		// runtime.NumGoroutine leaves out those of the runtime that run finalizers and clean-ups of the program, which the
		// profile has.
		if want := int64(answer.Goroutines + answer.Finalizers); snapshot.Goroutines != want {
			t.Errorf("%d goroutines, want %d", snapshot.Goroutines, want)
		}
		var profiled int64
		for _, s := range parse(t, answer.Profile) {
			profiled += s.Goroutines
		}
		if snapshot.Goroutines != profiled {
			t.Errorf("%d goroutines, the profile has %d", snapshot.Goroutines, profiled)
		}
		checkSums(t, snapshot)
		if snapshot.Unreadable != 0 || snapshot.Running != 0 {
			t.Errorf("%d could not be read, and %d ran all the time", snapshot.Unreadable, snapshot.Running)
		}
	})
}

// checkSums checks what holds for each snapshot with stacks: all of it counts the same goroutines.
func checkSums(t *testing.T, s *Snapshot) {
	t.Helper()
	var inStacks, bytes, inSizes, bytesOfSizes, waits int64
	for _, stack := range s.Stacks {
		inStacks += stack.Goroutines
		bytes += stack.StackBytes
	}
	for size, n := range s.Sizes {
		inSizes += n
		bytesOfSizes += size * n
	}
	for _, n := range s.Waits {
		waits += n
	}
	if inStacks != s.Goroutines || inSizes != s.Goroutines || waits != s.Goroutines {
		t.Errorf("%d goroutines, in the stacks %d, in the sizes %d, in the waits %d", s.Goroutines, inStacks, inSizes, waits)
	}
	if bytes != bytesOfSizes {
		t.Errorf("the stacks have %d bytes, the sizes %d", bytes, bytesOfSizes)
	}
	if len(s.Largest) != int(min(s.Goroutines, largest)) {
		t.Errorf("%d of %d goroutines are the largest", len(s.Largest), s.Goroutines)
	}
}

// traced is what a traceback says of a goroutine.
type traced struct {
	state, creator string
}

var tracedHeader = regexp.MustCompile(`^goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[([^,\]]*?)(?: \((?:scan|leaked)\))*(?:, .*)?\]:$`)

func tracebackOf(t *testing.T, text string) map[string]traced {
	t.Helper()
	all := map[string]traced{}
	for _, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		lines := strings.Split(block, "\n")
		header := tracedHeader.FindStringSubmatch(lines[0])
		if header == nil {
			t.Fatalf("%q begins no goroutine", lines[0])
		}
		g := traced{state: header[2]}
		for _, line := range lines {
			if creator, ok := strings.CutPrefix(line, "created by "); ok {
				g.creator, _, _ = strings.Cut(creator, " in goroutine ")
			}
		}
		if strings.Contains(block, "\nmain.serve(") {
			g.state = "syscall" // as it is when it does not write the traceback
		}
		all[header[1]] = g
	}
	return all
}

func TestWhatGoroutinesWaitForIsWhatATracebackSays(t *testing.T) {
	forBuilds(t, func(t *testing.T, path string) {
		target := start(t, path, "zoo")
		answer, snapshot := parkedScan(t, target, target.open())
		want := map[string]int64{}
		traceback := tracebackOf(t, answer.Traceback)
		for _, g := range traceback {
			want[g.state]++
		}
		if len(want) < 12 {
			t.Errorf("the traceback has only %v", want)
		}
		if !maps.Equal(snapshot.Waits, want) {
			t.Error(difference(snapshot.Waits, want))
		}
		for _, g := range snapshot.Largest {
			want, ok := traceback[fmt.Sprint(g.ID)]
			got := traced{g.State, g.Creator}
			if want.creator == "" && strings.HasPrefix(g.Creator, "runtime.") {
				got.creator = "" // tracebacks leave these out
			}
			if !ok || got != want {
				t.Errorf("goroutine %d is %+v, want %+v", g.ID, got, want)
			}
			if g.Used <= 0 || g.Used > g.Size {
				t.Errorf("goroutine %d uses %d of %d bytes", g.ID, g.Used, g.Size)
			}
			if len(g.Stack) > 0 && g.Stack[0] != g.Start {
				t.Errorf("goroutine %d has started in %s, but its stack is %q", g.ID, g.Start, g.Stack)
			}
		}
		// 5,000 frames of 3,000 bytes.
		if top := snapshot.Largest[0]; top.Size != 16<<20 || top.Used < 15_000_000 || top.Start != "main.recursive" {
			t.Errorf("the largest stack has %d bytes, %d in use, and starts in %s", top.Size, top.Used, top.Start)
		}
	})
}

// unexplained bounds what the runtime counts as stacks and no goroutine has: stacks of the threads themselves, of 16 kB
// and of 32 kB for signals (runtime.allocm, mpreinit); and memory that it keeps for new stacks, 32 kB of each of the four
// small sizes for each processor, and the free parts of pieces of 32 kB in the pool of each such size
// (runtime.stackcacherefill, stackpoolalloc).
func unexplained(threads int, isRace bool) int64 {
	perThread := int64(48 << 10)
	if isRace {
		perThread *= 2 // runtime's sys.StackGuardMultiplier
	}
	const processors, sizes, piece = 2, 4, 32 << 10
	return int64(threads)*perThread + (processors+1)*sizes*piece
}

func TestStacksHaveTheBytesThatTheRuntimeCounts(t *testing.T) {
	forBuilds(t, func(t *testing.T, path string) {
		target := start(t, path, "zoo")
		process := target.open()
		parkedScan(t, target, process)
		target.ask("gc") // gives free pieces back
		answer, snapshot := parkedScan(t, target, process)
		var sum int64
		for size, n := range snapshot.Sizes {
			sum += size * n
		}
		sum += snapshot.SystemBytes + snapshot.DeadBytes
		rest := int64(answer.StackBytes) - sum
		t.Logf("%d bytes, of %d (%.2f %%): %d are no goroutine's, with %d threads", sum, answer.StackBytes,
			100*float64(sum)/float64(answer.StackBytes), rest, answer.Threads)
		if limit := unexplained(answer.Threads, strings.Contains(path, "race")); rest < 0 || rest > limit {
			t.Errorf("all goroutines together have %d bytes, the runtime counts %d: %d more, want 0 to %d", sum, answer.StackBytes, rest, limit)
		}
	})
}

// What the churning goroutines of testdata/truth are at most, beside the parked ones: 40 that start 5 each, main, the one
// that answers, the one that collects garbage, and the runtime's that mark while it does.
const churning = 40*(1+5) + 3

// isParked tells whether the stack is of the goroutines that are not part of the churn.
func isParked(s calltree.Stack) bool { return len(s.Functions) > 0 && s.Functions[0] == "main.parked" }

// whenAllPark returns the nodes of the parked goroutines, when all are where they stay.
func whenAllPark(t *testing.T, target *target) map[string]int64 {
	t.Helper()
	for i := 0; i < 200; i++ {
		answer := target.ask("know")
		var parked []calltree.Stack
		waiting := 0
		for _, s := range parse(t, answer.Profile) {
			if isParked(s) {
				parked = append(parked, s)
				if s.Functions[len(s.Functions)-1] == "runtime.gopark" {
					waiting += int(s.Goroutines)
				}
			}
		}
		if waiting == answer.Parked {
			return nodesOf(parked)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the goroutines of the program never come to rest")
	return nil
}

// callees are the calls that the churning goroutines make, but for those of the runtime and the standard library.
var callees = map[string]string{
	"main.churn":            "main.pass main.grow",
	"main.spawned":          "main.pass main.grow",
	"main.spawnedToo":       "main.growOther",
	"main.grow":             "main.growOther",
	"main.growOther":        "main.grow",
	"main.startChurn":       "main.startChurn.func1",
	"main.startChurn.func1": "main.pass",
	"runtime.main":          "main.main",
}

func TestWhatStandsStillIsExactWhileTheRestChurns(t *testing.T) {
	forBuilds(t, func(t *testing.T, path string) {
		target := start(t, path, "churn")
		process := target.open()
		want := whenAllPark(t, target)
		var least, most int64 = 1 << 62, 0
		var truncated, running, churned int64
		scans := 20
		if *matrix {
			scans = 60
		}
		for i := 0; i < scans; i++ {
			snapshot := scanned(t, process, Stacks)
			checkSums(t, snapshot)
			least, most = min(least, snapshot.Goroutines), max(most, snapshot.Goroutines)
			running += snapshot.Running
			var parked []calltree.Stack
			for _, s := range snapshot.Stacks {
				if isParked(s) {
					parked = append(parked, s)
					continue
				}
				churned += s.Goroutines
				if s.Truncated {
					truncated += s.Goroutines
					continue
				}
				for j, f := range s.Functions[:max(0, len(s.Functions)-1)] {
					callee := s.Functions[j+1]
					if allowed, ok := callees[f]; ok && strings.HasPrefix(callee, "main.") && !slices.Contains(strings.Fields(allowed), callee) {
						t.Errorf("%s does not call %s, as in %q", f, callee, s.Functions)
					}
				}
			}
			if got := nodesOf(parked); !maps.Equal(got, want) {
				t.Fatalf("scan %d: %s", i, difference(got, want))
			}
		}
		parked := int64(target.ask("know").Parked)
		t.Logf("%d to %d goroutines beside %d parked ones, on average %.1f; %.2f %% of them ran, %.3f %% are truncated", least-parked, most-parked, parked,
			float64(churned)/float64(scans), 100*float64(running)/float64(churned), 100*float64(truncated)/float64(churned))
		if least < parked || most > parked+churning {
			t.Errorf("between %d and %d goroutines, want %d to %d", least, most, parked, parked+churning)
		}
		if truncated*1000 > churned {
			t.Errorf("%d of %d churning goroutines are truncated, want at most one in a thousand", truncated, churned)
		}
	})
}

func TestAScanAfterOthersIsAsTheFirstOfAnother(t *testing.T) {
	forBuilds(t, func(t *testing.T, path string) {
		target := start(t, path, "churn")
		process := target.open()
		for round := 0; round < 2; round++ {
			for i := 0; i < 10; i++ {
				scanned(t, process, Depth(i%2))
			}
			target.ask("pause")
			answer, _ := parkedScan(t, target, process)
			incremental, fresh := scanned(t, process, Stacks), scanned(t, target.open(), Stacks)
			if !maps.Equal(summary(incremental), summary(fresh)) {
				t.Errorf("round %d: %s", round, difference(summary(incremental), summary(fresh)))
			}
			_, got := split(incremental.Stacks)
			_, want := split(parse(t, answer.Profile))
			if !maps.Equal(nodesOf(got), nodesOf(want)) {
				t.Errorf("round %d: %s", round, difference(nodesOf(got), nodesOf(want)))
			}
			target.ask("resume")
		}
	})
}

// summary is all that a snapshot says of a parked program, as numbers by name.
func summary(s *Snapshot) map[string]int64 {
	all := map[string]int64{
		"goroutines": s.Goroutines, "frames": int64(s.FramesMax), "system": s.SystemBytes, "dead": s.DeadBytes,
		"running": s.Running, "unreadable": s.Unreadable,
	}
	for size, n := range s.Sizes {
		all[fmt.Sprint("of size ", size)] = n
	}
	for wait, n := range s.Waits {
		all["waiting for "+wait] = n
	}
	for _, stack := range s.Stacks {
		path := fmt.Sprint(stack.Truncated, " ", strings.Join(stack.Functions, "/"))
		all["goroutines of "+path] += stack.Goroutines
		all["bytes of "+path] += stack.StackBytes
	}
	for i, g := range s.Largest {
		all[fmt.Sprint("size of largest ", i)] = g.Size
		all[fmt.Sprint("used of largest ", i)] = g.Used
		all[fmt.Sprint("id of largest ", i)] = int64(g.ID)
	}
	return all
}

func TestGoroutinesThatRunAreUnderTheirEntryFunction(t *testing.T) {
	forBuilds(t, func(t *testing.T, path string) {
		target := start(t, path, "spin")
		target.ask("know") // once the spinning goroutines are there
		process := target.open()
		running, interrupted := int64(0), int64(0)
		for i := 0; i < 200; i++ {
			snapshot := scanned(t, process, Stacks)
			spinning := int64(0)
			for _, s := range snapshot.Stacks {
				if len(s.Functions) == 0 { // started through a wrapper, and has not run yet
					spinning += s.Goroutines
					continue
				}
				if s.Functions[0] != "main.spinOuter" {
					continue
				}
				spinning += s.Goroutines
				switch {
				case s.Functions[1] == calltree.Running && len(s.Functions) == 2:
					running += s.Goroutines
				case s.Truncated:
					t.Errorf("truncated: %q", s.Functions)
				case len(s.Functions) > 1 && s.Functions[1] != "main.spinMiddle" || len(s.Functions) > 2 && !strings.HasPrefix(s.Functions[2], "main.spin") && !strings.HasPrefix(s.Functions[2], "runtime."):
					t.Errorf("not a stack of these goroutines: %q", s.Functions)
				case slices.Contains(s.Functions, "runtime.asyncPreempt"):
					interrupted += s.Goroutines
				}
			}
			if spinning != 8 {
				t.Fatalf("%d goroutines spin, want 8", spinning)
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Logf("%d ran, %d were interrupted of 1600", running, interrupted)
		if running == 0 || interrupted == 0 {
			t.Errorf("in 200 scans, %d ran and %d were interrupted", running, interrupted)
		}
	})
}

func TestGoroutinesThatHaveNotRunYetAreAtTheirEntry(t *testing.T) {
	forBuilds(t, func(t *testing.T, path string) {
		command := exec.Command(path, "fresh")
		command.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1")
		target := startCommand(t, path, command)
		target.answer() // after it, none but main runs
		snapshot := scanned(t, target.open(), Stacks)
		got := map[string]int64{}
		for _, s := range snapshot.Stacks {
			got[strings.Join(s.Functions, "/")] += s.Goroutines
		}
		// Those that a go statement started through a wrapper of the compiler have nothing else on their stack.
		want := map[string]int64{"runtime.main/" + calltree.Running: 1, "main.freshPlain": 10, "main.runFresh.func1": 10, "": 30}
		if !maps.Equal(got, want) {
			t.Error(difference(got, want))
		}
		if n := snapshot.Waits["runnable"]; n != 50 || snapshot.Goroutines != 51 {
			t.Errorf("%d goroutines, of which %d are runnable, want 51 and 50", snapshot.Goroutines, n)
		}
	})
}
