package main

import (
	"context"
	"math/rand"
	"time"
)

var trafficBurst = scenario{
	Name:   "traffic-burst",
	Does:   "Serves a steady base of requests, and towards the end of each period a campaign's burst of main.reserveStock, which climbs at the rate to the bound, holds and ends.",
	Look:   "Goroutines and memory climb for a minute as a leak's do, stay up for two or three, and fall back to where they were.",
	Rate:   45,
	Max:    3_000,
	Period: 12 * time.Minute,
	Run:    runTrafficBurst,
}

// A burst begins at the first share of its period, which leaves a calm beginning to learn from, and ends at the second:
// 3.6 of 12 minutes, of which the climb takes one.
const (
	burstBegins = 0.6
	burstEnds   = 0.9
)

func runTrafficBurst(ctx context.Context, cfg config) error {
	burst := crew{
		most: cfg.Max,
		rate: cfg.Rate,
		demand: func(elapsed time.Duration) float64 {
			if inBurst(elapsed, cfg.Period) {
				return float64(cfg.Max)
			}
			return 0
		},
		// 3 to 9 s of 12 minutes, as a slow reservation takes.
		stay: func() time.Duration { return between(cfg.Period/240, cfg.Period/80) },
		work: reserveStock,
	}
	go burst.run(ctx)

	base := newItemCache(8 << 20)
	go base.fill(ctx, 1)
	return serveItems(ctx, cfg, base)
}

func inBurst(elapsed, period time.Duration) bool {
	at := (elapsed % period).Seconds() / period.Seconds()
	return at >= burstBegins && at < burstEnds
}

// reserveStock holds 8 to 16 KiB of heap and 2 KiB of frame.
func reserveStock(ctx context.Context, stay time.Duration, done func()) {
	defer done()
	var order [2 << 10]byte
	basket := written(8<<10 + rand.Intn(8<<10))
	wait(ctx, stay)
	order[0] = trace(basket)
	trace(order[:])
}
