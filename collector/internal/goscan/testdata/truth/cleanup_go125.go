//go:build go1.25

package main

import "runtime"

// startCleanup lets one of the runtime's own goroutines run a clean-up for ever. Before Go 1.25 clean-ups ran in that of
// the finalizers.
func startCleanup() {
	cleaning := make(chan struct{})
	runtime.AddCleanup(&pointer{}, func(cleaning chan struct{}) {
		close(cleaning)
		<-forever
	}, cleaning)
	runtime.GC()
	<-cleaning
	finalizers++
}
