// Package probe answers /probe of goroutine_stack_exporter: it reads the goroutine profile of a Go process over HTTP
// and turns it into the metrics of package treemetrics.
//
// What a request for one target passes through:
//
//	handler.go   which module and target, is it allowed, how much time is there; the answer as metrics
//	targets.go   one profile at a time of each target, shared by all who ask, and kept for a moment
//	fetch.go     HTTP, within limits
//	profile.go   decompression and parsing, within limits
//	failure.go   what went wrong, as one of a fixed set of causes and a text that says what to do
//
// A target is not trusted: its answer may be endless, false, or meant to take the exporter's memory.
package probe
