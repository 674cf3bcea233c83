package main

import "context"

var nestedPanic = scenario{
	Name: "nested-panic",
	Row:  7,
	Does: "Starts workers in main.panicAgain that recover from a panic and panic again inside the deferred call, 50 times deep, and hang at the bottom.",
	Look: "Goroutines under main.panicAgain are few and their stacks are large: stack memory grows much faster than their number.",
	Rate: 1,
	Max:  5_000,
	Run:  runNestedPanic,
}

// panicsOfWorker is the article's greatest figure.
const panicsOfWorker = 50

func runNestedPanic(ctx context.Context, cfg config) error {
	limiter := pace(cfg.Rate)
	for started := 0; started < cfg.Max && limiter.Wait(ctx) == nil; started++ {
		go panicAgain(panicsOfWorker, ctx.Done())
	}
	<-ctx.Done()
	return nil
}

// panicAgain runs each next panic inside the deferred call of the one before, so that no level returns before the last.
func panicAgain(panics int, done <-chan struct{}) {
	// What a handler keeps beside its panics; without it, 50 of them would hold some 30 KB.
	var report [4 << 10]byte
	defer func() {
		reason := recover()
		if panics == 0 {
			<-done
			return
		}
		report[panics%len(report)] = byte(panics)
		_ = reason
		panicAgain(panics-1, done)
	}()
	panic(report[0])
}
