package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// request is the scenarios' load: it sends perSecond GET requests a second to url, at most atOnce of them under way,
// until ctx ends. It fails only where the service cannot be reached.
func request(ctx context.Context, url string, perSecond float64, atOnce int) error {
	// Connections that the load does not need at the moment are closed soon: they are goroutines too.
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: min(atOnce, 100), IdleConnTimeout: time.Second}}
	defer client.CloseIdleConnections()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	var underWay sync.WaitGroup

	places := make(chan struct{}, atOnce)
	limiter := pace(perSecond)
	for limiter.Wait(ctx) == nil {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		underWay.Add(1)
		go func() {
			defer func() { <-places; underWay.Done() }()
			if err := get(ctx, client, url); err != nil && ctx.Err() == nil {
				select {
				case failed <- fmt.Errorf("the scenario's own request failed: %w", err):
				default:
				}
				cancel()
			}
		}()
	}
	underWay.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// get reads the answer to its end, so that the connection is used again. Any status will do.
func get(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
