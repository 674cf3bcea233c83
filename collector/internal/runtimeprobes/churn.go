package runtimeprobes

import (
	"maps"
	"time"
)

// ChurnCount is how often one go statement started a goroutine, or how many of its goroutines have ended.
type ChurnCount struct {
	// Scaled is an estimate of all: what was seen in each window, times period ÷ window. It never goes down. It is too low for
	// a program that does little else than to start goroutines, as the probes slow it down while they look: by some 15 % in
	// a loop of nothing else.
	Scaled float64
	// Seen is what the probe saw.
	Seen uint64
}

// churnCounter turns counts that are taken for a window out of each period into counters.
type churnCounter struct {
	counts map[uint64]ChurnCount
}

// add takes in that the cumulative counts have become seen at the end of a window, which stands for the whole period. A
// period of 0 is for what was seen in no window: it stands for nothing.
func (c *churnCounter) add(seen map[uint64]uint64, window, period time.Duration) {
	if c.counts == nil {
		c.counts = map[uint64]ChurnCount{}
	}
	var scale float64
	if period > 0 {
		scale = max(1, float64(period)/float64(window))
	}
	for pc, n := range seen {
		count := c.counts[pc]
		if n <= count.Seen {
			continue
		}
		count.Scaled += float64(n-count.Seen) * scale
		count.Seen = n
		c.counts[pc] = count
	}
}

func (c *churnCounter) snapshot() map[uint64]ChurnCount { return maps.Clone(c.counts) }
