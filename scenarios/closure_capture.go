package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
)

var closureCapture = scenario{
	Name: "closure-capture",
	Row:  5,
	Does: "Logs each request to /upload by a middleware with %+v, and queues for an audit that never comes a closure that keeps the request and its 16 KiB body alive.",
	Look: "The heap grows with every request while goroutines stay few, so the alert must come from memory alone.",
	Unit: "requests",
	Rate: 20,
	Max:  10_000,
	Run:  runClosureCapture,
}

func runClosureCapture(ctx context.Context, cfg config) error {
	var audit auditQueue
	upload := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	cfg.Mux.Handle("/upload", logRequests(&audit, cfg.Max, upload))
	return request(ctx, cfg.URL+"/upload", cfg.Rate, 10)
}

// logRequests keeps more than it says: the closure that it queues needs one line of text and captures all of the request.
func logRequests(audit *auditQueue, most int, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 16<<10)
		for i := range body {
			body[i] = byte(i)
		}
		fmt.Fprintf(io.Discard, "%+v", r)
		kept := audit.add(most, func() string { return fmt.Sprint(r.URL.Path, len(body)) })
		if !kept {
			http.Error(w, "the bound of -max is reached", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

type auditQueue struct {
	sync.Mutex
	lines []func() string
}

// add is false once most lines are queued.
func (q *auditQueue) add(most int, line func() string) bool {
	q.Lock()
	defer q.Unlock()
	if len(q.lines) >= most {
		return false
	}
	q.lines = append(q.lines, line)
	return true
}
