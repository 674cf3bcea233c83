package main

import (
	"context"
	"net/http"
	"sync/atomic"
)

var handlerLeak = scenario{
	Name: "handler-leak",
	Row:  3,
	Does: "Answers each request to /orders at once and leaves a goroutine, main.handle, that ignores r.Context().Done() and waits for a backend that never replies.",
	Look: "Goroutines under main.handle grow by one for each request and never end, while the server's own stay few.",
	Rate: 50,
	Max:  50_000,
	Run:  runHandlerLeak,
}

func runHandlerLeak(ctx context.Context, cfg config) error {
	reply := make(chan struct{})
	defer close(reply)

	// The bound is the handler's own, so that it holds for whoever else sends requests.
	var handling atomic.Int64
	cfg.Mux.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		if handling.Add(1) > int64(cfg.Max) {
			handling.Add(-1)
			http.Error(w, "the bound of -max is reached", http.StatusServiceUnavailable)
			return
		}
		go handle(r, reply)
		w.WriteHeader(http.StatusAccepted)
	})
	return request(ctx, cfg.URL+"/orders", cfg.Rate, 1)
}

// handle outlives its request: what it lacks is `case <-r.Context().Done()`.
func handle(r *http.Request, reply <-chan struct{}) {
	<-reply
	_ = r.URL
}
