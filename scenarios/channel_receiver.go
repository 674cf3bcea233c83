package main

import "context"

var channelReceiver = scenario{
	Name: "channel-receiver",
	Row:  2,
	Does: "Subscribes main.consume to a channel of its own for each new customer, and never closes the channel when the customer leaves.",
	Look: "Goroutines that wait in chanrecv under main.consume grow steadily, one for each customer that ever came.",
	Rate: 50,
	Max:  50_000,
	Run:  runChannelReceiver,
}

func runChannelReceiver(ctx context.Context, cfg config) error {
	limiter := pace(cfg.Rate)
	// Something sends to them, so that the channels are reachable, as a registry of subscribers keeps them.
	subscribers := make([]chan string, 0, min(cfg.Max, 1<<16))
	defer func() {
		for _, subscriber := range subscribers {
			close(subscriber)
		}
	}()
	for len(subscribers) < cfg.Max && limiter.Wait(ctx) == nil {
		events := make(chan string, 4)
		go consume(events)
		events <- "welcome"
		subscribers = append(subscribers, events)
	}
	<-ctx.Done()
	return nil
}

// consume ends when its channel is closed; what its publisher lacks is the close.
func consume(events <-chan string) {
	for event := range events {
		_ = event
	}
}
