//go:build go1.23

package main

import "iter"

// startNewer starts what Go 1.22 does not have: goroutines of iterators.
func startNewer() {
	next, _ := iter.Pull(numbers)
	next()
	next()
	keep = append(keep, next)
	// One that another goroutine waits in.
	blocked, _ := iter.Pull(func(yield func(int) bool) {
		yield(1)
		<-forever
	})
	blocked()
	go blocked()
	// One that was never asked.
	unasked, _ := iter.Pull(numbers)
	keep = append(keep, unasked)
	go func() {
		for n := range numbers {
			if n == 3 {
				<-forever
			}
		}
	}()
	startCleanup()
}

var keep []func() (int, bool)

func numbers(yield func(int) bool) {
	for i := 0; ; i++ {
		if !yield(i) {
			return
		}
	}
}
