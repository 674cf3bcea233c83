package main

import (
	"context"
	"math/rand"
	"time"
)

var longBurst = scenario{
	Name:   "long-burst",
	Does:   "Serves a steady base of requests, and after one period lets goroutines that wait for a slow partner, main.awaitPartner, grow at the rate to the bound, holds them for 1.25 periods, and lets them go.",
	Look:   "Goroutines and memory grow in a line for seven minutes as a leak's do, stay flat for ten, and fall back to where they were.",
	Rate:   8.3,
	Max:    3_500,
	Period: 8 * time.Minute,
	Run:    runLongBurst,
}

// The burst is held for 10 minutes where the time before it is 8.
const heldPeriods = 1.25

func runLongBurst(ctx context.Context, cfg config) error {
	burst := crew{
		most: cfg.Max,
		rate: cfg.Rate,
		demand: func(elapsed time.Duration) float64 {
			if inLongBurst(elapsed, cfg) {
				return float64(cfg.Max)
			}
			return 0
		},
		// 20 to 60 s of 8 minutes.
		stay: func() time.Duration { return between(cfg.Period/24, cfg.Period/8) },
		work: awaitPartner,
	}
	go burst.run(ctx)

	base := newItemCache(8 << 20)
	go base.fill(ctx, 1)
	return serveItems(ctx, cfg, base)
}

// inLongBurst is from the first period's end through the climb, of most/rate seconds, and the time held.
func inLongBurst(elapsed time.Duration, cfg config) bool {
	since := (elapsed - cfg.Period).Seconds()
	return since >= 0 && since < float64(cfg.Max)/cfg.Rate+heldPeriods*cfg.Period.Seconds()
}

// awaitPartner holds 8 to 16 KiB of heap and 2 KiB of frame.
func awaitPartner(ctx context.Context, stay time.Duration, done func()) {
	defer done()
	var call [2 << 10]byte
	answer := written(8<<10 + rand.Intn(8<<10))
	wait(ctx, stay)
	call[0] = trace(answer)
	trace(call[:])
}
