package main

import (
	"context"
	"math"
	"math/rand"
	"sync"
	"sync/atomic"
	"time"
)

// A crew is goroutines whose number follows a demand: one that ends is replaced while the demand lasts, and where there
// are too many they end by themselves.
type crew struct {
	// most is the bound on goroutines at work, rate by how many they may grow in a second.
	most int
	rate float64
	// demand is how many are wanted so long after the crew's start.
	demand func(time.Duration) float64
	// stay is how long a goroutine is to work.
	stay func() time.Duration
	// work ends after its stay or with ctx, and calls done then. It is started with go itself, no closure around it, so
	// that it is the root of its stack.
	work func(ctx context.Context, stay time.Duration, done func())
}

// crewLooks is the time between two looks at the demand: rare beside a worker's time, and often beside a scrape's.
const crewLooks = 50 * time.Millisecond

// run keeps the crew at its demand until ctx ends, and waits for its goroutines.
func (c crew) run(ctx context.Context) {
	var working atomic.Int64
	var all sync.WaitGroup
	defer all.Wait()
	done := func() { working.Add(-1); all.Done() }

	look := time.NewTicker(crewLooks)
	defer look.Stop()
	began := time.Now()
	level, last := 0.0, began
	var load noise
	for ctx.Err() == nil {
		select {
		case now := <-look.C:
			level = min(c.demand(now.Sub(began)), level+c.rate*now.Sub(last).Seconds())
			last = now
			wanted := int64(min(float64(c.most), math.Round(level*load.next())))
			for working.Load() < wanted {
				working.Add(1)
				all.Add(1)
				go c.work(ctx, c.stay(), done)
			}
		case <-ctx.Done():
		}
	}
}

// noise wanders around 1, as a service's load does around its mean.
type noise struct{ away float64 }

// next forgets half in about 7 s of a crew's looks, and is 3 % from 1 in the mean square: 0.003/sqrt(1-0.995²).
func (n *noise) next() float64 {
	n.away = 0.995*n.away + 0.003*rand.NormFloat64()
	return 1 + n.away
}
