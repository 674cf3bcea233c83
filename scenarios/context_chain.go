package main

import "context"

var contextChain = scenario{
	Name: "context-chain",
	Row:  10,
	Does: "Adds the 4 KiB of each message to one long-lived context with context.WithValue, so that the chain keeps all that ever came and each look-up walks it.",
	Look: "The heap grows slowly and steadily with one goroutine, and the processor's time for each message grows with it.",
	Unit: "values",
	Rate: 60,
	Max:  50_000,
	Run:  runContextChain,
}

type messageKey int

func runContextChain(ctx context.Context, cfg config) error {
	limiter := pace(cfg.Rate)
	chain := context.Background()
	for messages := 0; messages < cfg.Max && limiter.Wait(ctx) == nil; messages++ {
		chain = withMessage(chain, messageKey(messages))
		_ = chain.Value(messageKey(0))
	}
	<-ctx.Done()
	return nil
}

// withMessage should start from the message's own parent, not from the last message's context.
func withMessage(parent context.Context, key messageKey) context.Context {
	body := make([]byte, 4<<10)
	for i := range body {
		body[i] = byte(i)
	}
	return context.WithValue(parent, key, body)
}
