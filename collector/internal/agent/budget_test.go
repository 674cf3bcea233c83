package agent

import (
	"testing"
	"time"
)

func TestWhatIsUsedBeyondTheShareHasToBeWaitedFor(t *testing.T) {
	b := budget{share: 0.02}
	start := time.Unix(1_800_000_000, 0)
	b.update(start, 5*time.Second) // what starting took
	if !b.isLeft() {
		t.Fatal("nothing is left at the start")
	}
	b.update(start.Add(3*time.Second), 8*time.Second)
	if b.isLeft() {
		t.Fatal("3 s were used of 1.26 s, and something is left")
	}
	// 3 s - 1.2 s that were saved at the start = 1.8 s, at 2 % in 90 s, of which 3 are over.
	b.update(start.Add(89*time.Second), 8*time.Second)
	if b.isLeft() {
		t.Error("something is left before the time is over")
	}
	b.update(start.Add(91*time.Second), 8*time.Second)
	if !b.isLeft() {
		t.Error("nothing is left after the time is over")
	}
}

func TestWhatIsNotUsedIsSavedForAMinute(t *testing.T) {
	b := budget{share: 0.02}
	start := time.Unix(1_800_000_000, 0)
	b.update(start, 0)
	b.update(start.Add(24*time.Hour), time.Second)
	if want := 1200 * time.Millisecond; b.saved != want {
		t.Errorf("%s are saved after a day, want %s", b.saved, want)
	}
}
