package main

import "context"

var heapLeak = scenario{
	Name: "heap-leak",
	Does: "Puts 4 KiB into a map for each message and never takes any out, beside as much garbage as a service makes.",
	Look: "The heap grows in a line and goroutines do not, so the alert says memory and names no function.",
	Unit: "KiB",
	Rate: 200,
	Max:  200_000,
	Run:  runHeapLeak,
}

const entryKiB = 4

func runHeapLeak(ctx context.Context, cfg config) error {
	entries := make(map[int][]byte)
	limiter := pace(cfg.Rate / entryKiB)
	for (len(entries)+1)*entryKiB <= cfg.Max && limiter.Wait(ctx) == nil {
		entries[len(entries)] = written(entryKiB << 10)
		makeGarbage(2 * entryKiB << 10)
	}
	<-ctx.Done()
	_ = entries
	return nil
}

// written is memory that the process really has: a page that was never written is not resident.
func written(bytes int) []byte {
	block := make([]byte, bytes)
	for i := range block {
		block[i] = byte(i)
	}
	return block
}

// makeGarbage allocates what the next collection frees, in the sizes of buffers.
func makeGarbage(bytes int) {
	for ; bytes > 0; bytes -= 1 << 10 {
		garbage = written(min(bytes, 1<<10))
	}
}

// garbage keeps the compiler from leaving the allocation out.
var garbage []byte
