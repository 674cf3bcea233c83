package main

import (
	"context"
	"math/rand"
	"runtime/debug"
	"time"
)

var fullButFlat = scenario{
	Name: "full-but-flat",
	Does: "Fills its memory with blocks up to the bound in the first two minutes under GOGC=20, and then replaces the rate's MiB of them each second.",
	Look: "Memory stands close below a limit of 256 MiB and does not grow, so it is full and yet never runs out.",
	Unit: "MiB",
	Rate: 0.5,
	Max:  166,
	Run:  runFullButFlat,
}

const (
	// 20 % of garbage over what is live, so that little of the memory is the collector's room.
	fullPercent = 20
	// Blocks of one size leave no gaps.
	blocksOfMiB = 4
	fillTime    = 100 * time.Second
)

func runFullButFlat(ctx context.Context, cfg config) error {
	defer debug.SetGCPercent(debug.SetGCPercent(fullPercent))
	go holdBlocks(ctx, cfg)
	return serveItems(ctx, cfg, newItemCache(0))
}

func holdBlocks(ctx context.Context, cfg config) {
	blocks := make([][]byte, cfg.Max*blocksOfMiB)
	filling := pace(max(cfg.Rate, float64(cfg.Max)/fillTime.Seconds()) * blocksOfMiB)
	for i := range blocks {
		if filling.Wait(ctx) != nil {
			return
		}
		blocks[i] = written(1 << 20 / blocksOfMiB)
	}
	churn := pace(cfg.Rate * blocksOfMiB)
	for churn.Wait(ctx) == nil {
		i := rand.Intn(len(blocks))
		blocks[i] = nil
		blocks[i] = written(1 << 20 / blocksOfMiB)
	}
}
