package main

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

var retryStorm = scenario{
	Name:   "retry-storm",
	Does:   "Calls a backend that hangs, and retries what timed out beside what is new, so that main.callBackend is started faster and faster: the rate grows by itself once each period.",
	Look:   "Goroutines and their stacks grow along a parabola, and the time left shrinks faster than the clock runs.",
	Rate:   20,
	Max:    80_000,
	Period: 2 * time.Minute,
	Run:    runRetryStorm,
}

func runRetryStorm(ctx context.Context, cfg config) error {
	began := time.Now()
	limiter := pace(cfg.Rate)
	for calls := 0; calls < cfg.Max && limiter.Wait(ctx) == nil; calls++ {
		go callBackend(ctx)
		limiter.SetLimit(rate.Limit(cfg.Rate * (1 + time.Since(began).Seconds()/cfg.Period.Seconds())))
		limiter.SetBurst(pace(float64(limiter.Limit())).Burst())
	}
	<-ctx.Done()
	return nil
}

// callBackend lacks a time limit of its own.
func callBackend(ctx context.Context) {
	var request [1 << 10]byte
	<-ctx.Done()
	trace(request[:])
}
