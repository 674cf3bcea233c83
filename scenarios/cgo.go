package main

import "errors"

var errNoCgo = errors.New("this program was built without cgo: install a C compiler and build it with CGO_ENABLED=1")

var cgoLeak = scenario{
	Name: "cgo-leak",
	Row:  8,
	Does: "Keeps memory that C's malloc gave, which Go's runtime neither counts nor frees.",
	Look: "Resident memory grows away from all that go_memstats counts, and goroutines and heap stay flat.",
	Unit: "KiB",
	Rate: 200,
	Max:  200_000,
	Run:  runCgoLeak,
}

var cgoBlocked = scenario{
	Name: "cgo-blocked",
	Row:  8,
	Does: "Calls a C function that never returns, main.callDriver, each call with a thread of its own and 256 KiB of C stack.",
	Look: "Threads grow with goroutines, and resident memory grows away from Go's own count: the stacks are C's.",
	Rate: 1,
	// Go's runtime ends a program with more than 10,000 threads.
	Max: 5_000,
	Run: runCgoBlocked,
}
