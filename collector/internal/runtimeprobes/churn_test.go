package runtimeprobes

import (
	"math/rand"
	"testing"
	"time"
)

func TestWhatAWindowSawStandsForItsPeriod(t *testing.T) {
	var c churnCounter
	c.add(map[uint64]uint64{1: 10, 2: 1}, 100*time.Millisecond, 10*time.Second)
	c.add(map[uint64]uint64{1: 15, 2: 1}, 200*time.Millisecond, 10*time.Second)
	got := c.snapshot()
	if want := (ChurnCount{Scaled: 10*100 + 5*50, Seen: 15}); got[1] != want {
		t.Errorf("the first function has %+v, want %+v", got[1], want)
	}
	if want := (ChurnCount{Scaled: 100, Seen: 1}); got[2] != want {
		t.Errorf("the second function has %+v, want %+v", got[2], want)
	}
}

func TestWhatWasSeenInNoWindowStandsForNothing(t *testing.T) {
	var c churnCounter
	c.add(map[uint64]uint64{1: 10}, time.Second, time.Second)
	c.add(map[uint64]uint64{1: 12}, 0, 0)
	c.add(map[uint64]uint64{1: 13}, time.Second, 2*time.Second)
	if got, want := c.snapshot()[1], (ChurnCount{Scaled: 12, Seen: 13}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestScaledCountsNeverGoDownNorBelowWhatWindowsSaw(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	var c churnCounter
	var seen uint64
	var last ChurnCount
	for i := 0; i < 1000; i++ {
		seen += uint64(random.Intn(5))
		window := time.Duration(1 + random.Intn(1e9))
		c.add(map[uint64]uint64{1: seen}, window, time.Duration(random.Intn(2e9)+1))
		now := c.snapshot()[1]
		if now.Scaled < last.Scaled || now.Scaled < float64(now.Seen) || now.Seen != seen {
			t.Fatalf("after %+v, and %d seen, comes %+v", last, seen, now)
		}
		last = now
	}
}

func TestASnapshotIsNotChangedByLaterWindows(t *testing.T) {
	var c churnCounter
	c.add(map[uint64]uint64{1: 1}, time.Second, time.Second)
	before := c.snapshot()
	c.add(map[uint64]uint64{1: 5}, time.Second, time.Second)
	if before[1].Seen != 1 {
		t.Errorf("the snapshot has become %+v", before[1])
	}
}
