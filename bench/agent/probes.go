package main

import (
	"context"

	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes/probecost"
)

// measureProbes measures what a hit of a uprobe costs, and how many growths of stacks are told without loss.
func measureProbes() (probeCost, error) {
	costs, err := probecost.Measure(context.Background(), probecost.Options{})
	if err != nil {
		return probeCost{}, err
	}
	return probeCost{UprobeNsEntry: costs.UprobeNsEntry, UprobeNsOurs: costs.UprobeNsOurs, GrowthEventsPerSecond: costs.GrowthEventsPerSecond}, nil
}
