package main

import "context"

var spawnStorm = scenario{
	Name: "spawn-storm",
	Row:  1,
	Does: "Walks an endless binary tree with main.processNode, which starts a goroutine for each of a node's two children and has no depth limit.",
	Look: "The flame graph is one wide, flat, uniform pattern: nearly all goroutines are under main.processNode, and its width grows until the bound.",
	Rate: 100,
	Max:  50_000,
	Run:  runSpawnStorm,
}

func runSpawnStorm(ctx context.Context, cfg config) error {
	if cfg.Max < 1 {
		return nil
	}
	permits := make(chan struct{})
	go processNode(ctx, permits)

	limiter := pace(cfg.Rate)
	for nodes := 1; nodes+2 <= cfg.Max; nodes += 2 {
		if limiter.WaitN(ctx, 2) != nil {
			return nil
		}
		select {
		case permits <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
	}
	<-ctx.Done()
	return nil
}

// processNode starts a goroutine for each child, and lives as long as they do. What it lacks is a depth limit: at
// six levels it would be 2^7 - 1 = 127 goroutines.
//
// A permit to have children is what keeps the storm at its rate. Nodes with children and nodes without wait in the
// same select (a nil channel is never ready), so that all stacks are alike.
func processNode(ctx context.Context, permits <-chan struct{}) {
	childless := permits
	for {
		select {
		case <-childless:
			go processNode(ctx, permits)
			go processNode(ctx, permits)
			childless = nil
		case <-ctx.Done():
			return
		}
	}
}
