package main

import (
	"context"
	"math/rand"
	"net/http"
	"time"
)

var healthy = scenario{
	Name: "healthy",
	Does: "Answers a steady stream of requests to /orders; each starts a goroutine, main.lookup, that ends with its request.",
	Look: "Goroutines come and go around a steady number, memory is a flat saw-tooth, and no alert fires.",
	Rate: 50,
	Max:  1_000,
	Run:  runHealthy,
}

func runHealthy(ctx context.Context, cfg config) error {
	cfg.Mux.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		answer := make(chan []byte, 1)
		go lookup(r.Context(), answer)
		select {
		case body := <-answer:
			_, _ = w.Write(body)
		case <-r.Context().Done():
		}
	})
	return request(ctx, cfg.URL+"/orders", cfg.Rate, cfg.Max)
}

// lookup takes 50 to 250 ms and leaves garbage, as a service's work does.
func lookup(ctx context.Context, answer chan<- []byte) {
	took := time.NewTimer(50*time.Millisecond + time.Duration(rand.Int63n(int64(200*time.Millisecond))))
	defer took.Stop()
	body := make([]byte, 16<<10)
	select {
	case <-took.C:
		answer <- body
	case <-ctx.Done():
	}
}
