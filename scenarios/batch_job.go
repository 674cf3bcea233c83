package main

import (
	"context"
	"math/rand"
	"time"
)

var batchJob = scenario{
	Name:   "batch-job",
	Does:   "Loads a batch up to the bound at the rate's MiB a second in the middle of each period, works on it for an eighth of the period, and drops it.",
	Look:   "Memory climbs for over a minute, stays for one, and after the next collection falls back to where it was.",
	Unit:   "MiB",
	Rate:   0.8,
	Max:    70,
	Period: 8 * time.Minute,
	Run:    runBatchJob,
}

// The work's share of the period.
const batchWork = 1.0 / 8

func runBatchJob(ctx context.Context, cfg config) error {
	go func() {
		due := time.Now().Add(cfg.Period / 2)
		for wait(ctx, time.Until(due)) {
			runBatch(ctx, cfg)
			due = due.Add(cfg.Period)
		}
	}()
	return serveItems(ctx, cfg, newItemCache(0))
}

func runBatch(ctx context.Context, cfg config) {
	batch := newItemCache(cfg.Max << 20)
	if !batch.fill(ctx, cfg.Rate) {
		return
	}
	ends := time.Now().Add(time.Duration(batchWork * float64(cfg.Period)))
	for time.Now().Before(ends) && wait(ctx, min(50*time.Millisecond, time.Until(ends))) {
		trace(batch.any())
		trace(decode(rand.Intn(128 << 10)))
	}
}
