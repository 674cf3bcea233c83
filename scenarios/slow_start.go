package main

import "context"

var slowStart = scenario{
	Name: "slow-start",
	Does: "Loads its reference data at start-up at the rate's MiB a second, which takes it minutes, and only then begins to serve.",
	Look: "Memory grows in a line as a leak's does and stops when all is loaded, and from then on it is flat.",
	Unit: "MiB",
	Rate: 0.33,
	Max:  70,
	Run:  runSlowStart,
}

func runSlowStart(ctx context.Context, cfg config) error {
	reference := newItemCache(cfg.Max << 20)
	if !reference.fill(ctx, cfg.Rate) {
		return nil
	}
	return serveItems(ctx, cfg, reference)
}
