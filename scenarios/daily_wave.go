package main

import (
	"context"
	"math"
	"math/rand"
	"time"
)

var dailyWave = scenario{
	Name:   "daily-wave",
	Does:   "Keeps workers, main.serveVisitor, of about 32 KiB and 50 ms to 2 s each, whose number follows a sine between a fifth of the bound and all of it, one wave each period.",
	Look:   "Goroutines and memory rise and fall together as they do over a day, and each crest is as high as the one before.",
	Rate:   20,
	Max:    1_200,
	Period: 20 * time.Minute,
	Run:    runDailyWave,
}

func runDailyWave(ctx context.Context, cfg config) error {
	crew{
		most:   cfg.Max,
		rate:   cfg.Rate,
		demand: func(elapsed time.Duration) float64 { return float64(cfg.Max) * wave(elapsed, cfg.Period) },
		stay:   func() time.Duration { return between(50*time.Millisecond, 2*time.Second) },
		work:   serveVisitor,
	}.run(ctx)
	return nil
}

// wave is 0.2 at the start of a period and 1 in its middle.
func wave(elapsed, period time.Duration) float64 {
	return 0.6 - 0.4*math.Cos(2*math.Pi*elapsed.Seconds()/period.Seconds())
}

func serveVisitor(ctx context.Context, stay time.Duration, done func()) {
	defer done()
	// Of a length that the compiler does not know, so that it is on the heap.
	page := written(24<<10 + rand.Intn(16<<10))
	wait(ctx, stay)
	trace(page)
}
