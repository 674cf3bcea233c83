package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"syscall"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// listen takes the address, or says what to do about it.
func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use: stop what listens there, or give another address with -listen (port 0 takes a free one)", address)
	}
	return listener, err
}

// newMux serves what any Go service that this project watches has (/metrics, /debug/pprof), and says at / what the scenario is.
func newMux(s scenario) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%s: %s\nWhat you should see: %s\n\n/metrics\n/debug/pprof/\n", s.Name, s.Does, s.Look)
	})
	return mux
}

// serve runs the scenario behind its server until ctx ends or one of the two fails, and then ends both.
func serve(ctx context.Context, s scenario, cfg config, server *http.Server, listener net.Listener, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx, cfg) }()
	fmt.Fprintf(out, "%s ready: %s/ (%g %s a second, at most %d)\n", s.Name, cfg.URL, cfg.Rate, s.unit(), cfg.Max)

	select {
	case err := <-served:
		cancel()
		<-ran
		return err
	case err := <-ran:
		_ = server.Close()
		<-served
		return err
	}
}
