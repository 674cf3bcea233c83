package main

import (
	"context"
	"math/rand"
	"time"
)

// wait is false where ctx ended first.
func wait(ctx context.Context, how time.Duration) bool {
	timer := time.NewTimer(how)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// between is a time from least up to most, each as likely.
func between(least, most time.Duration) time.Duration {
	return least + time.Duration(rand.Float64()*float64(most-least))
}
