//go:build linux && (amd64 || arm64)

package runtimeprobes

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// open makes Probes that close with the test, or skips it where that cannot be.
func open(t testing.TB, options Options) *Probes {
	t.Helper()
	if err := Supported(); err != nil {
		t.Skipf("no probes here: %v", err)
	}
	p, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func attach(t testing.TB, p *Probes, target Target) *Attachment {
	t.Helper()
	a, err := p.Attach(target)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// eventually waits for what the kernel or another goroutine does in its own time.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// growthOf returns what a function's calls made stacks grow.
func growthOf(t testing.TB, p *process, a *Attachment, function string) (sum GrowthCount) {
	t.Helper()
	growth, err := a.Growth()
	if err != nil {
		t.Fatal(err)
	}
	for pc, n := range growth {
		if pc != Other && p.function(pc) == function {
			sum.Grows += n.Grows
			sum.Bytes += n.Bytes
		}
	}
	return sum
}

func totals(t testing.TB, a *Attachment) Totals {
	t.Helper()
	n, err := a.Totals()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// unlimited is for tests that are not about the budget.
var unlimited = Options{HitsPerSecond: 1e9, EventsPerSecond: 1e9}

func TestGrowthsAreCountedExactlyByTheFunctionWhoseCallNeededTheRoom(t *testing.T) {
	for _, version := range goVersions {
		t.Run(version, func(t *testing.T) {
			p := start(t, build(t, version, runtime.GOARCH))
			a := attach(t, open(t, unlimited), p.target())
			const goroutines = 50
			grown := p.tell("grow %d 1000", goroutines)
			// Each goroutine's stack has doubled equally often, beginning with 2 KiB.
			each := grown / goroutines
			bytes := goroutines * 2048 * (1<<each - 1)
			if grown < goroutines || grown%goroutines != 0 {
				t.Fatalf("stacks of %d goroutines grew %d times", goroutines, grown)
			}
			if got, want := growthOf(t, p, a, "main.recurse"), (GrowthCount{uint64(grown), uint64(bytes)}); got != want {
				t.Errorf("main.recurse made stacks grow %+v, want %+v", got, want)
			}
			if n := totals(t, a); n.Unreadable > 0 {
				t.Errorf("%d hits could not be read", n.Unreadable)
			}
		})
	}
}

func TestShrinksAreToldFromGrowths(t *testing.T) {
	p := startTarget(t)
	a := attach(t, open(t, unlimited), p.target())
	p.tell("grow 50 1000")
	grown, before := growthOf(t, p, a, "main.recurse"), totals(t, a)
	shrunk := uint64(p.tell("shrink"))
	after := totals(t, a)
	if shrunk != 50 {
		t.Fatalf("%d of 50 stacks shrank", shrunk)
	}
	// The runtime's own goroutines, and main, may shrink as well; there are fewer than ten.
	if n := after.Shrinks - before.Shrinks; n < shrunk || n > shrunk+10 {
		t.Errorf("%d shrinks were counted, want %d and a few", n, shrunk)
	}
	half := grown.Bytes / 50 / 2 // the stack had 2 KiB more
	if n := after.ShrinkBytes - before.ShrinkBytes; n < shrunk*half {
		t.Errorf("the shrinks gave back %d bytes, want at least %d", n, shrunk*half)
	}
	if now := growthOf(t, p, a, "main.recurse"); now != grown {
		t.Errorf("growths went from %+v to %+v while stacks shrank", grown, now)
	}
}

func TestEachGrowthIsToldWithTheStackThatGrew(t *testing.T) {
	for _, version := range goVersions {
		t.Run(version, func(t *testing.T) {
			p := start(t, build(t, version, runtime.GOARCH))
			var mu sync.Mutex
			var events []GrowthEvent
			target := p.target()
			target.OnGrowth = func(e GrowthEvent) {
				e.PCs = slices.Clone(e.PCs)
				mu.Lock()
				defer mu.Unlock()
				events = append(events, e)
			}
			before := time.Now()
			a := attach(t, open(t, unlimited), target)
			grown := p.tell("grow 1 1000")
			ofRecurse := func() (found []GrowthEvent) {
				mu.Lock()
				defer mu.Unlock()
				for _, e := range events {
					if p.function(e.PCs[0]) == "main.recurse" {
						found = append(found, e)
					}
				}
				return found
			}
			eventually(t, "all events", func() bool { return len(ofRecurse()) == grown })

			size := uint64(2048)
			for i, e := range ofRecurse() {
				if e.OldSize != size || e.NewSize != 2*size || e.Goid == 0 || e.PID != target.PID ||
					e.Time.Before(before.Add(-time.Second)) || e.Time.After(time.Now().Add(time.Second)) {
					t.Errorf("growth %d is told as %+v, want from %d to %d", i, e, size, 2*size)
				}
				size *= 2
				var functions []string
				for _, pc := range e.PCs {
					if f := p.function(pc); len(functions) == 0 || functions[len(functions)-1] != f {
						functions = append(functions, f)
					}
				}
				want := "main.recurse main.grower main.(*goroutines).grow.gowrap1 runtime.goexit.abi0"
				if len(e.PCs) == maxFrames {
					want = "main.recurse"
				}
				// goexit's symbol is without .abi0 before Go 1.24.
				got := strings.Join(functions, " ")
				if e.Truncated != (len(e.PCs) == maxFrames) || got != want && got+".abi0" != want {
					t.Errorf("growth %d has %d frames (truncated: %v) of %s, want %s", i, len(e.PCs), e.Truncated, got, want)
				}
			}
			if n := totals(t, a); n.EventsLost > 0 {
				t.Errorf("%d events were lost", n.EventsLost)
			}
		})
	}
}

func TestGrowthsOfOneProcessAreNotThoseOfAnotherWithTheSameExecutable(t *testing.T) {
	p, other := startTarget(t), startTarget(t)
	probes := open(t, unlimited)
	a, b := attach(t, probes, p.target()), attach(t, probes, other.target())
	one, two := p.tell("grow 3 100"), other.tell("grow 5 1000")
	if got := growthOf(t, p, a, "main.recurse").Grows; got != uint64(one) {
		t.Errorf("the one process has %d growths, want %d", got, one)
	}
	if got := growthOf(t, other, b, "main.recurse").Grows; got != uint64(two) {
		t.Errorf("the other process has %d growths, want %d", got, two)
	}
}

func TestOnlyGrowthsToTheGivenSizeAreToldAndAllAreCounted(t *testing.T) {
	p := startTarget(t)
	sizes := make(chan uint64, 100)
	target := p.target()
	target.MinEventBytes = 16 << 10
	target.OnGrowth = func(e GrowthEvent) { sizes <- e.NewSize }
	a := attach(t, open(t, unlimited), target)
	grown := p.tell("grow 1 1000") // to 64 KiB or 128 KiB
	for size, told := uint64(0), 0; told < grown-2; told++ {
		if size = <-sizes; size < target.MinEventBytes {
			t.Errorf("a growth to %d bytes is told", size)
		}
	}
	if got := growthOf(t, p, a, "main.recurse").Grows; got != uint64(grown) {
		t.Errorf("%d growths are counted, want %d", got, grown)
	}
}

func TestFunctionsForWhichThereIsNoRoomAreCountedTogether(t *testing.T) {
	p := startTarget(t)
	options := unlimited
	options.MaxFunctions = 1
	options.Window, options.Period = time.Second, time.Second
	target := p.target()
	target.Churn = true
	a := attach(t, open(t, options), target)
	p.tell("grow 20 1000")
	p.tell("storm 1 1000")
	eventually(t, "growths of another function", func() bool { return totals(t, a).Grows > 1000 })
	p.tell("calm")
	p.tell("spawn 100")
	growth, err := a.Growth()
	if err != nil {
		t.Fatal(err)
	}
	var sum GrowthCount
	for _, n := range growth {
		sum.Grows += n.Grows
		sum.Bytes += n.Bytes
	}
	if n := totals(t, a); sum != (GrowthCount{n.Grows, n.GrowBytes}) || growth[Other].Grows == 0 {
		t.Errorf("all growths are %+v, of them %+v of functions without room; want %+v and some", sum, growth[Other], n)
	}
	creations, err := a.Creations()
	if err != nil {
		t.Fatal(err)
	}
	if creations[Other].Seen < 100 || len(creations) != 2 {
		t.Errorf("creations are %+v, want one function, and the others together", creations)
	}
}

func TestEventsForWhichTheRingHasNoRoomAreCountedAsLost(t *testing.T) {
	p := startTarget(t)
	options := unlimited
	options.RingBytes = 4096 // three events
	var mu sync.Mutex
	var told uint64
	target := p.target()
	target.OnGrowth = func(GrowthEvent) {
		mu.Lock()
		defer mu.Unlock()
		told++
	}
	a := attach(t, open(t, options), target)
	p.tell("grow 500 1000")
	n := totals(t, a)
	if n.EventsLost == 0 || n.EventsSent == 0 || n.EventsSent+n.EventsLost != n.Grows {
		t.Fatalf("%d events were sent and %d lost of %d growths", n.EventsSent, n.EventsLost, n.Grows)
	}
	eventually(t, "the events that were sent", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return told == totals(t, a).EventsSent
	})
}

func TestEventsBeyondTheirBudgetAreSkippedAndTheirGrowthsCounted(t *testing.T) {
	p := startTarget(t)
	options := unlimited
	options.EventsPerSecond = 10
	options.CheckEvery = time.Hour // so that no more are allowed during the test
	target := p.target()
	target.OnGrowth = func(GrowthEvent) {}
	a := attach(t, open(t, options), target)
	grown := uint64(p.tell("grow 500 1000"))
	n := totals(t, a)
	// Those on two cores may both find that one more is allowed.
	if n.EventsSent < 10 || n.EventsSent > 10+uint64(runtime.NumCPU()) || n.EventsSent+n.EventsSkipped != n.Grows || n.EventsLost > 0 {
		t.Errorf("%d events were sent, %d skipped and %d lost of %d growths", n.EventsSent, n.EventsSkipped, n.EventsLost, n.Grows)
	}
	if got := growthOf(t, p, a, "main.recurse").Grows; got != grown {
		t.Errorf("%d growths are counted, want %d", got, grown)
	}
}

func TestEventsAreAllowedAgainAsTimePasses(t *testing.T) {
	b := eventBudget{perSecond: 100, left: 100}
	for _, step := range []struct {
		elapsed time.Duration
		sent    uint64
		want    float64
	}{
		{250 * time.Millisecond, 0, 100},  // no more than a second's worth
		{250 * time.Millisecond, 80, 45},  // 100 - 80 + 25
		{250 * time.Millisecond, 130, 25}, // more were sent than allowed
		{500 * time.Millisecond, 130, 75}, // none was sent
		{10 * time.Second, 130, 100},      // nor now
	} {
		if got := b.after(step.elapsed, step.sent); got != step.want {
			t.Errorf("after %v and %d events %v are left, want %v", step.elapsed, step.sent, got, step.want)
		}
	}
}

func TestAnEventHasNoMoreFramesThanAskedFor(t *testing.T) {
	p := startTarget(t)
	for _, frames := range []int{1, 2, 3, 100} {
		depths := make(chan int, 1000)
		target := p.target()
		target.MaxFrames = frames
		target.OnGrowth = func(e GrowthEvent) {
			depths <- len(e.PCs)
			if len(e.PCs) == frames && !e.Truncated {
				t.Errorf("a stack of more than %d frames is told as whole: %x", frames, e.PCs)
			}
		}
		a := attach(t, open(t, unlimited), target)
		p.tell("grow 1 1000")
		for n := totals(t, a).Grows; n > 0; n-- {
			// The first growth is at a depth of some 40.
			if got := <-depths; got != frames && (frames <= 40 || got > frames) {
				t.Errorf("an event has %d frames, want %d", got, frames)
			}
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCreationsAndExitsAreExactWhileTheProbesStayAttached(t *testing.T) {
	for _, version := range goVersions {
		t.Run(version, func(t *testing.T) {
			p := start(t, build(t, version, runtime.GOARCH))
			options := unlimited
			options.Window, options.Period = time.Second, time.Second
			target := p.target()
			target.Churn = true
			a := attach(t, open(t, options), target)
			p.tell("spawn 1000")
			of := func(churn func() (map[uint64]ChurnCount, error)) ChurnCount {
				counts, err := churn()
				if err != nil {
					t.Fatal(err)
				}
				for pc, n := range counts {
					if p.function(pc) == "main.spawn" {
						return n
					}
				}
				return ChurnCount{}
			}
			want := ChurnCount{Scaled: 1000, Seen: 1000}
			if got := of(a.Creations); got != want {
				t.Errorf("main.spawn started %+v, want %+v", got, want)
			}
			// Goroutines end a moment after their last call.
			eventually(t, "the ends of all goroutines", func() bool { return of(a.Exits) == want })
		})
	}
}

func TestChurnIsSeenInWindowsAndScaled(t *testing.T) {
	p := startTarget(t)
	options := unlimited
	options.Window, options.Period = 20*time.Millisecond, 200*time.Millisecond
	target := p.target()
	target.Churn = true
	a := attach(t, open(t, options), target)
	p.tell("storm 1 10")
	var last map[uint64]ChurnCount
	windows, resting := 0, false
	eventually(t, "five windows", func() bool {
		now := a.State().Churn.Status == Resting
		if resting && !now {
			windows++
		}
		resting = now
		counts, err := a.Creations()
		if err != nil {
			t.Fatal(err)
		}
		for pc, n := range last {
			if counts[pc].Scaled < n.Scaled || counts[pc].Seen < n.Seen {
				t.Fatalf("the creations at %#x went from %+v to %+v", pc, n, counts[pc])
			}
		}
		last = counts
		return windows == 5
	})
	p.tell("calm")
	for pc, n := range last {
		if f := p.function(pc); f == "main.storm" && n.Scaled > 2*float64(n.Seen) {
			return
		}
	}
	t.Errorf("%+v: want those of main.storm, scaled by about ten", last)
}

func TestWithoutChurnThereIsNoneToReport(t *testing.T) {
	p := startTarget(t)
	a := attach(t, open(t, unlimited), p.target())
	p.tell("spawn 10")
	creations, err := a.Creations()
	if err != nil || len(creations) > 0 || a.State().Churn.Status != Off {
		t.Errorf("creations are %v, %v, and the state is %+v", creations, err, a.State())
	}
}

func TestProbesThatAreHitTooOftenDetachSaySoAndComeBack(t *testing.T) {
	p := startTarget(t)
	var log bytes.Buffer
	target := p.target()
	target.Churn = true
	a := attach(t, open(t, Options{
		HitsPerSecond: 200,
		CheckEvery:    20 * time.Millisecond,
		BackOff:       time.Second,
		MaxBackOff:    time.Second,
		Window:        time.Second,
		Period:        time.Second,
		Logger:        slog.New(slog.NewTextHandler(&log, nil)),
	}), target)
	p.tell("storm 2 1000")
	eventually(t, "too many hits of all probes", func() bool {
		s := a.State()
		return s.Growth.Status == OverBudget && s.Churn.Status == OverBudget
	})
	s := a.State()
	if !strings.Contains(s.Growth.Reason, "200 are allowed") || !strings.Contains(s.Churn.Reason, "200 are allowed") ||
		s.Growth.RetryAt.IsZero() || s.Churn.RetryAt.IsZero() || s.Growth.Detachments == 0 {
		t.Errorf("the state %+v does not say why and for how long", s)
	}
	p.tell("calm")
	eventually(t, "the probes' return", func() bool {
		s := a.State()
		return s.Growth.Status == Attached && s.Churn.Status == Attached
	})
	before := growthOf(t, p, a, "main.recurse").Grows
	grown := uint64(p.tell("grow 1 50")) // so few that they are within the budget of the 20 ms in which they happen
	if grown == 0 || grown > 3 {
		t.Fatalf("%d growths, want some, and fewer than 4", grown)
	}
	if now := growthOf(t, p, a, "main.recurse").Grows; now != before+grown {
		t.Errorf("growths went from %d to %d, want %d more", before, now, grown)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 2 {
		t.Errorf("%d warnings, want one for each kind of probes:\n%s", n, log.String())
	}
}

func TestPausesGetLongerInARowAndOnlyTheFirstIsNew(t *testing.T) {
	b := backOff{options: Options{BackOff: 30 * time.Second, MaxBackOff: 100 * time.Second}}
	for i, c := range []struct {
		attached, pause time.Duration
		first           bool
	}{
		{time.Second, 30 * time.Second, true},
		{30 * time.Second, 60 * time.Second, false},
		{time.Second, 100 * time.Second, false},
		{time.Second, 100 * time.Second, false},
		{101 * time.Second, 30 * time.Second, true},
	} {
		if pause, first := b.after(c.attached); pause != c.pause || first != c.first {
			t.Errorf("pause %d, after %s: %s, first %t, want %s, %t", i, c.attached, pause, first, c.pause, c.first)
		}
	}
}

func TestATargetThatEndsIsNoticedAndItsCountersStay(t *testing.T) {
	p := startTarget(t)
	options := unlimited
	options.CheckEvery = 10 * time.Millisecond
	target := p.target()
	target.Churn = true
	a := attach(t, open(t, options), target)
	grown := uint64(p.tell("grow 10 1000"))
	p.end()
	eventually(t, "its end", func() bool {
		s := a.State()
		return s.Growth.Status == Exited && s.Churn.Status == Exited
	})
	if n := growthOf(t, p, a, "main.recurse").Grows; n != grown {
		t.Errorf("%d growths are left, want %d", n, grown)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestATargetThatRunsAnotherExecutableIsLeftAlone(t *testing.T) {
	p := startTarget(t)
	options := unlimited
	options.CheckEvery = 10 * time.Millisecond
	target := p.target()
	target.Churn = true
	a := attach(t, open(t, options), target)
	p.tell("exec")
	eventually(t, "its being left alone", func() bool {
		s := a.State()
		return s.Growth.Status == Exited && s.Churn.Status == Exited
	})
}

func TestAProcessThatHasEndedIsRefused(t *testing.T) {
	p := startTarget(t)
	target := p.target()
	p.end()
	if _, err := open(t, unlimited).Attach(target); !errors.Is(err, ErrExited) {
		t.Errorf("%v, want that it has ended", err)
	}
}

func TestWhatIsNotAsSaidIsRefusedAndTheTargetRunsOn(t *testing.T) {
	p := startTarget(t)
	probes, right := open(t, unlimited), p.target()
	for _, c := range []struct {
		name   string
		change func(*Target)
		says   string
	}{
		{"the middle of an instruction", func(g *Target) { g.Copystack++ }, "runtime.copystack: offset"},
		{"the middle of a function", func(g *Target) { g.Gdestroy += 0x20 }, "runtime.gdestroy: offset"},
		{"beyond the end of the file", func(g *Target) { g.Newproc1 = 1 << 40 }, "runtime.newproc1: offset"},
		{"no offset", func(g *Target) { g.Gdestroy = 0 }, "runtime.gdestroy: its offset is missing"},
		{"too many frames", func(g *Target) { g.MaxFrames = 129 }, "MaxFrames is 129"},
		{"no layout", func(g *Target) { g.Layout = Layout{} }, "layout of runtime.g is incomplete"},
		{"no executable", func(g *Target) { g.Exe = nil }, "give the executable"},
		{"another executable", func(g *Target) { g.PID = os.Getpid() }, "runs another executable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			target := right
			target.Churn = true
			c.change(&target)
			a, err := probes.Attach(target)
			if err == nil {
				a.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want one that says %q", err, c.says)
			}
		})
	}
	p.tell("spawn 10")
}

func TestAnExecutableOfAnotherArchitectureIsRefused(t *testing.T) {
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	exe, err := os.Open(build(t, runtime.Version(), other))
	if err != nil {
		t.Fatal(err)
	}
	defer exe.Close()
	if err := checkMachine(exe); err == nil || !strings.Contains(err.Error(), "can be probed here") {
		t.Errorf("%v, want that it cannot be probed here", err)
	}
}

func TestWithoutUprobeMultiLinksPerfEventsCountTheSame(t *testing.T) {
	probes := open(t, unlimited)
	if err := perfUprobesAllowed(); err != nil {
		t.Skip(err)
	}
	probes.multi = false
	p, other := startTarget(t), startTarget(t)
	target := p.target()
	target.Churn = true
	a := attach(t, probes, target)
	attach(t, probes, other.target())
	grown := p.tell("grow 20 1000")
	other.tell("grow 20 1000")
	if got := growthOf(t, p, a, "main.recurse").Grows; got != uint64(grown) {
		t.Errorf("%d growths, want %d", got, grown)
	}
	p.tell("spawn 100")
	if n := totals(t, a); n.Creations < 100 {
		t.Errorf("%d creations, want 100 and a few", n.Creations)
	}
}

func TestAnExecutableThatWasDeletedMeanwhileIsProbed(t *testing.T) {
	code, err := os.ReadFile(build(t, runtime.Version(), runtime.GOARCH))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "deleted")
	if err := os.WriteFile(path, code, 0o700); err != nil {
		t.Fatal(err)
	}
	p := start(t, path)
	target := p.target()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	a := attach(t, open(t, unlimited), target)
	grown := p.tell("grow 1 1000")
	if got := growthOf(t, p, a, "main.recurse").Grows; got != uint64(grown) {
		t.Errorf("%d growths, want %d", got, grown)
	}
}

func TestAProcessInAnotherPIDNamespaceIsProbed(t *testing.T) {
	probes := open(t, unlimited)
	p := start(t, build(t, runtime.Version(), runtime.GOARCH), func(c *exec.Cmd) {
		c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	})
	a := attach(t, probes, p.target())
	grown := p.tell("grow 1 1000")
	if got := growthOf(t, p, a, "main.recurse").Grows; got != uint64(grown) {
		t.Errorf("%d growths, want %d", got, grown)
	}
}

func TestNothingIsToldNorReadAfterClose(t *testing.T) {
	p := startTarget(t)
	var closed atomic.Bool
	target := p.target()
	target.OnGrowth = func(GrowthEvent) {
		if closed.Load() {
			t.Error("a growth is told after Close")
		}
	}
	probes := open(t, unlimited)
	a := attach(t, probes, target)
	p.tell("storm 1 1000")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	closed.Store(true)
	p.tell("calm")
	if err := a.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	_, growthErr := a.Growth()
	_, creationsErr := a.Creations()
	_, totalsErr := a.Totals()
	for _, err := range []error{growthErr, creationsErr, totalsErr} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("reading a counter: %v, want that it is closed", err)
		}
	}
	if s := a.State(); s.Growth.Status != Closed || s.Churn.Status != Closed {
		t.Errorf("the state is %+v", s)
	}
	if err := probes.Close(); err != nil {
		t.Error(err)
	}
	if _, err := probes.Attach(p.target()); !errors.Is(err, ErrClosed) {
		t.Errorf("attaching: %v, want that it is closed", err)
	}
}

func TestAttachmentsAreUsedAndClosedByManyAtOnce(t *testing.T) {
	p := startTarget(t)
	options := unlimited
	options.Window, options.Period, options.CheckEvery = 5*time.Millisecond, 10*time.Millisecond, time.Millisecond
	probes := open(t, options)
	p.tell("storm 2 100")
	var users sync.WaitGroup
	for i, right := 0, p.target(); i < 4; i++ {
		target := right
		target.Churn = true
		target.OnGrowth = func(GrowthEvent) {}
		users.Add(1)
		go func() {
			defer users.Done()
			a, err := probes.Attach(target)
			if errors.Is(err, ErrClosed) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			for {
				a.State()
				_, err := a.Growth()
				_, err2 := a.Exits()
				if errors.Is(err, ErrClosed) || errors.Is(err2, ErrClosed) {
					return
				}
				if err != nil || err2 != nil {
					t.Error(err, err2)
					return
				}
			}
		}()
	}
	time.Sleep(200 * time.Millisecond)
	if err := probes.Close(); err != nil {
		t.Error(err)
	}
	users.Wait()
	p.tell("calm")
}
