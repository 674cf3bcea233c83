package main

import (
	"context"

	"golang.org/x/time/rate"
)

var deepRecursion = scenario{
	Name: "deep-recursion",
	Row:  11,
	Does: "Walks a list that has become circular with main.descend, one goroutine that goes a level deeper for each element and never comes back.",
	Look: "One goroutine holds nearly all stack memory, which doubles at once and then stays for a while, and the doubling needs the old and the new stack together.",
	Unit: "levels",
	Rate: 80,
	Max:  400_000,
	Run:  runDeepRecursion,
}

func runDeepRecursion(ctx context.Context, cfg config) error {
	walked := make(chan struct{})
	go func() {
		defer close(walked)
		descend(ctx, pace(cfg.Rate), cfg.Max)
	}()
	<-walked
	<-ctx.Done()
	return nil
}

// descend uses about 2 KiB of stack a level, as the article's does: 500 levels are about 1 MiB.
func descend(ctx context.Context, limiter *rate.Limiter, levels int) byte {
	var frame [1900]byte
	frame[levels%len(frame)] = byte(levels)
	if levels <= 1 || limiter.Wait(ctx) != nil {
		<-ctx.Done()
		return frame[0]
	}
	return descend(ctx, limiter, levels-1) + frame[levels%len(frame)]
}
