//go:build linux && (amd64 || arm64)

package runtimeprobes

import (
	"slices"
	"strings"
	"sync"
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
var unlimited = Options{HitsPerSecond: 1e9}

func TestGrowthsAreCountedExactlyByTheFunctionWhoseCallNeededTheRoom(t *testing.T) {
	for _, version := range goVersions {
		t.Run(version, func(t *testing.T) {
			p := startHere(t, version)
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
	p := startHere(t, "")
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
			p := startHere(t, version)
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
