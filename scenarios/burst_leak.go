package main

import (
	"context"
	"time"
)

var burstLeak = scenario{
	Name:   "burst-leak",
	Does:   "Imports a file each period and leaks a goroutine with 8 KiB, main.importRow, for each of its rows, and nothing in between.",
	Look:   "Memory and goroutines grow in steps, flat between two imports, and the time left follows the steps' mean.",
	Rate:   100,
	Max:    20_000,
	Period: 2 * time.Minute,
	Run:    runBurstLeak,
}

// A burst has a third of the period to leak what the whole period's share is.
const burstShare = 1.0 / 3

func runBurstLeak(ctx context.Context, cfg config) error {
	limiter := pace(cfg.Rate / burstShare)
	leaked := 0
	for leaked < cfg.Max {
		rows := min(max(1, int(cfg.Rate*cfg.Period.Seconds())), cfg.Max-leaked)
		began := time.Now()
		for range rows {
			if limiter.Wait(ctx) != nil {
				return nil
			}
			go importRow(ctx, written(8<<10))
		}
		leaked += rows
		select {
		case <-time.After(time.Until(began.Add(cfg.Period))):
		case <-ctx.Done():
			return nil
		}
	}
	<-ctx.Done()
	return nil
}

// importRow waits for a confirmation that is never sent, and ends only with the program.
func importRow(ctx context.Context, row []byte) {
	<-ctx.Done()
	trace(row)
}
