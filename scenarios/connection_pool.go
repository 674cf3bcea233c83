package main

import (
	"context"
	"math"
	"math/rand"
	"sync"
	"time"
)

var connectionPool = scenario{
	Name: "connection-pool",
	Does: "Has clients connect again after a deploy, at first at the rate and ever more slowly the fewer are left, and holds two goroutines for each, main.writeMessages and main.readMessages, with 4 KiB each.",
	Look: "Goroutines grow for five minutes as a leak's do but ever more slowly, and then stay just below the bound with a few coming and going.",
	Rate: 50,
	Max:  5_000,
	Run:  runConnectionPool,
}

const (
	goroutinesOfConnection = 2
	meanConnection         = 5 * time.Minute
)

func runConnectionPool(ctx context.Context, cfg config) error {
	crew{
		most: cfg.Max / goroutinesOfConnection,
		rate: cfg.Rate,
		demand: func(elapsed time.Duration) float64 {
			return connected(elapsed, cfg.Rate, cfg.Max) / goroutinesOfConnection
		},
		stay: func() time.Duration { return time.Duration(rand.ExpFloat64() * float64(meanConnection)) },
		work: writeMessages,
	}.run(ctx)
	return nil
}

// A variable, so that the compiler does not know the length and the buffers are on the heap.
var bufferOfConnection = 4 << 10

// connected is how many goroutines the connections have where each client has the same chance to connect next: with
// rate/most of those who are left in a second, 95 % of them after 3*most/rate.
func connected(elapsed time.Duration, rate float64, most int) float64 {
	return float64(most) * -math.Expm1(-elapsed.Seconds()*rate/float64(most))
}

// writeMessages answers what its reader reads, until the client leaves.
func writeMessages(ctx context.Context, stay time.Duration, done func()) {
	defer done()
	ctx, leave := context.WithTimeout(ctx, stay)
	defer leave()
	var reader sync.WaitGroup
	defer reader.Wait()
	messages := make(chan byte)
	reader.Add(1)
	go readMessages(ctx, messages, &reader)

	buffer := written(bufferOfConnection)
	for message := range messages {
		buffer[0] = message
	}
	trace(buffer)
}

// readMessages reads one every 5 to 15 s, as a heartbeat is.
func readMessages(ctx context.Context, messages chan<- byte, reader *sync.WaitGroup) {
	defer reader.Done()
	defer close(messages)
	buffer := written(bufferOfConnection)
	for wait(ctx, between(5*time.Second, 15*time.Second)) {
		messages <- trace(buffer)
	}
}
