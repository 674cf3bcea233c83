package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	parkedGoroutines = 3000
	churners         = 40
	// Each churner has at most these goroutines beside itself.
	spawnedByEach = 5
)

var (
	paused   atomic.Bool
	gate     = make(chan struct{})
	gateLock sync.RWMutex
)

// startChurn starts goroutines that stay where they are, and others that start, end, grow and shrink all the time.
func startChurn() {
	for i := 0; i < parkedGoroutines; i++ {
		go parked(i % 10)
	}
	for i := 0; i < churners; i++ {
		go churn(i)
	}
	go func() {
		for {
			time.Sleep(20 * time.Millisecond)
			pass()
			runtime.GC() // shrinks stacks
		}
	}()
}

func parked(depth int) {
	if depth == 0 {
		<-forever
	}
	parked(depth - 1)
}

// pass waits while the churn is paused.
func pass() {
	if paused.Load() {
		gateLock.RLock()
		c := gate
		gateLock.RUnlock()
		<-c
	}
}

func pauseChurn() { paused.Store(true) }

func resumeChurn() {
	gateLock.Lock()
	paused.Store(false)
	close(gate)
	gate = make(chan struct{})
	gateLock.Unlock()
}

func churn(i int) {
	for n := i; ; n++ {
		pass()
		done := make(chan int, spawnedByEach)
		for j := 0; j < spawnedByEach; j++ {
			if n%2 == 0 {
				go spawned(n%17*j, done)
			} else {
				go spawnedToo(n%17, done)
			}
		}
		for j := 0; j < spawnedByEach; j++ {
			<-done
		}
		grow(n % 200)
		if n%50 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

func spawned(depth int, done chan int) {
	pass()
	done <- grow(depth)
}

func spawnedToo(depth int, done chan int) {
	if depth%3 == 0 {
		runtime.Gosched()
	}
	done <- growOther(depth)
}

func grow(depth int) int {
	var frame [200]byte
	frame[depth] = 1
	if depth == 0 {
		runtime.Gosched()
		return int(frame[0])
	}
	return growOther(depth-1) + int(frame[depth])
}

//go:noinline
func growOther(depth int) int {
	if depth <= 0 {
		time.Sleep(time.Microsecond)
		return 0
	}
	return grow(depth-1) + 1
}
