package main

import (
	"context"
	"math"
	"runtime/debug"
	"time"
)

var memlimitLeak = scenario{
	Name: "memlimit-leak",
	Does: "Leaks into a map under GOMEMLIMIT (256 MiB where the environment has none) and makes ten times as much garbage, so that the collector runs ever more often before memory is full.",
	Look: "Resident memory stays flat just below the limit while what is live grows under it and the collector takes more and more of the processor.",
	Unit: "KiB",
	Rate: 150,
	Max:  250_000,
	Run:  runMemlimitLeak,
}

func runMemlimitLeak(ctx context.Context, cfg config) error {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(256 << 20)
	}
	entries := make(map[int][]byte)
	limiter := pace(cfg.Rate / entryKiB)
	for (len(entries)+1)*entryKiB <= cfg.Max && limiter.Wait(ctx) == nil {
		entries[len(entries)] = written(entryKiB << 10)
		makeGarbage(10 * entryKiB << 10)
	}
	// It serves on when the bound is reached, so that the thrash goes on.
	for limiter.Wait(ctx) == nil {
		makeGarbage(10 * entryKiB << 10)
		entries[int(time.Now().Unix())%len(entries)] = written(entryKiB << 10)
	}
	return nil
}
