package main

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

var middlewareRewrap = scenario{
	Name: "middleware-rewrap",
	Row:  9,
	Does: "Wraps its handler again at each reload of the configuration, main.withTracing around all that is there, while 400 clients wait in long polls on /events.",
	Look: "The flame graph grows deeper and not wider: stacks double for all requests at about the same time while goroutines stay at their number.",
	Unit: "layers",
	Rate: 0.3,
	Max:  5_000,
	Run:  runMiddlewareRewrap,
}

const (
	longPolls    = 400
	longPollTime = 10 * time.Second
)

func runMiddlewareRewrap(ctx context.Context, cfg config) error {
	var handler atomic.Pointer[http.Handler]
	register := func(h http.Handler) { handler.Store(&h) }
	register(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		poll := time.NewTimer(longPollTime)
		defer poll.Stop()
		select {
		case <-poll.C:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, "no events\n")
	}))
	cfg.Mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) })

	go func() {
		limiter := pace(cfg.Rate)
		for layers := 0; layers < cfg.Max && limiter.Wait(ctx) == nil; layers++ {
			register(withTracing(*handler.Load()))
		}
	}()
	return request(ctx, cfg.URL+"/events", longPolls/longPollTime.Seconds(), longPolls)
}

// withTracing is right once; what its caller lacks is to start from the bare handler at each reload. Inlined, it would give
// the name of the caller to what it returns.
//
//go:noinline
func withTracing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var span [512]byte
		span[0] = r.Method[0]
		next.ServeHTTP(w, r)
		trace(span[:])
	})
}

//go:noinline
func trace(span []byte) byte { return span[0] }
