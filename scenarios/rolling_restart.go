package main

import (
	"context"
	"time"
)

var rollingRestart = scenario{
	Name:   "rolling-restart",
	Does:   "Serves steady requests from a cache that is filled in the first half minute, and ends by itself after each period as in a rolling deploy, so that whoever runs it has to start it again.",
	Look:   "Memory rises steeply after each start and is flat until the next, and the process start time tells the rise from a leak.",
	Unit:   "MiB",
	Rate:   1,
	Max:    64,
	Period: 6 * time.Minute,
	Run:    runRollingRestart,
}

func runRollingRestart(ctx context.Context, cfg config) error {
	// Not a deadline: the rate limiter would give up before a wait that outlasts it.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer time.AfterFunc(cfg.Period, cancel).Stop()
	return serveFilled(ctx, cfg)
}
