// Package goprofile writes what package goscan found of a Go process as a pprof profile
// (https://github.com/google/pprof/blob/main/proto/profile.proto), for go tool pprof, Pyroscope and what else reads those.
//
// It has two values for each stack: goroutines, as the goroutine profile of runtime/pprof has, and the bytes reserved for
// their stacks, which only a look from outside knows.
package goprofile
