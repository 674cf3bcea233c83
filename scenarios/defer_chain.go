package main

import "context"

var deferChain = scenario{
	Name: "defer-chain",
	Row:  6,
	Does: "Starts workers that call main.deferLevels, which defers a closure over a slice of 1,000 elements at each of 100 levels, and then waits at the bottom for a lock that nobody frees.",
	Look: "A few hundred goroutines under main.deferLevels hold most of the memory, as deep stacks and as slices that only deferred calls still need.",
	Rate: 0.3,
	Max:  1_000,
	Run:  runDeferChain,
}

// deferLevelsOfWorker is the article's greatest figure.
const deferLevelsOfWorker = 100

func runDeferChain(ctx context.Context, cfg config) error {
	limiter := pace(cfg.Rate)
	for started := 0; started < cfg.Max && limiter.Wait(ctx) == nil; started++ {
		go deferLevels(deferLevelsOfWorker, ctx.Done())
	}
	<-ctx.Done()
	return nil
}

var rowsOfLevel = 1000

// deferLevels holds what each of its levels deferred until done is closed at the bottom.
func deferLevels(levels int, done <-chan struct{}) {
	if levels == 0 {
		<-done
		return
	}
	// Of a length that the compiler does not know, so that it is on the heap.
	rows := make([]int, rowsOfLevel)
	// A frame of about 2 KB, as the article's: it lives on the stack.
	var row [200]int
	for i := range rows {
		rows[i] = i
		row[i%len(row)] = i
	}
	defer func() { rows[0] = row[len(row)-1] }()
	deferLevels(levels-1, done)
}
