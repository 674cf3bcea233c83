package main

import (
	"context"
	"time"
)

var configStep = scenario{
	Name:   "config-step",
	Does:   "Serves steady requests from a working set that starts at a quarter of the bound, and that a change of configuration raises by a quarter after each period, loaded at the rate's MiB a second.",
	Look:   "Memory climbs a step within seconds, three times, and is flat between while goroutines stay where they were.",
	Unit:   "MiB",
	Rate:   4,
	Max:    70,
	Period: 10 * time.Minute,
	Run:    runConfigStep,
}

const configSteps = 4

func runConfigStep(ctx context.Context, cfg config) error {
	workingSet := newItemCache(0)
	go func() {
		began := time.Now()
		for step := 1; step <= configSteps; step++ {
			workingSet.allow(cfg.Max << 20 / configSteps * step)
			loaded := workingSet.fill(ctx, cfg.Rate)
			if !loaded || !wait(ctx, time.Until(began.Add(time.Duration(step)*cfg.Period))) {
				return
			}
		}
	}()
	return serveItems(ctx, cfg, workingSet)
}
