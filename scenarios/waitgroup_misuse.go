package main

import (
	"context"
	"sync"
)

var waitgroupMisuse = scenario{
	Name: "waitgroup-misuse",
	Row:  4,
	Does: "Runs small batches whose workers return early on an error without calling Done, so that main.awaitBatch waits for ever.",
	Look: "Goroutines in sync.(*WaitGroup).Wait under main.awaitBatch grow by one for each batch, while the workers themselves end.",
	Rate: 50,
	Max:  50_000,
	Run:  runWaitgroupMisuse,
}

func runWaitgroupMisuse(ctx context.Context, cfg config) error {
	limiter := pace(cfg.Rate)
	batches := make([]*sync.WaitGroup, 0, min(cfg.Max, 1<<16))
	defer func() {
		for _, batch := range batches {
			batch.Done()
		}
	}()
	for len(batches) < cfg.Max && limiter.Wait(ctx) == nil {
		batch := new(sync.WaitGroup)
		batch.Add(2)
		go func() { defer batch.Done() }()
		go failEarly(batch)
		go awaitBatch(batch)
		batches = append(batches, batch)
	}
	<-ctx.Done()
	return nil
}

// failEarly lacks a `defer batch.Done()` before its first return.
func failEarly(batch *sync.WaitGroup) {
	if failed := true; failed {
		return
	}
	batch.Done()
}

func awaitBatch(batch *sync.WaitGroup) {
	batch.Wait()
}
