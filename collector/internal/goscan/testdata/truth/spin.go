package main

import (
	"os"
	"runtime"
	"syscall"
)

const spinners = 8

var sink int

// startSpinners starts more goroutines that never stop to run than there are processors.
func startSpinners() {
	runtime.GOMAXPROCS(2)
	for i := 0; i < spinners; i++ {
		go spinOuter(i)
	}
}

func spinOuter(i int) { spinMiddle(i) }

//go:noinline
func spinMiddle(i int) {
	if i%2 == 0 {
		spinInner(&i) // no call in its loop: only a signal stops it
	}
	for {
		spinCalling(i)
	}
}

//go:noinline
func spinInner(i *int) {
	for *i >= 0 {
		*i = (*i + 2) % 1000
	}
}

//go:noinline
func spinCalling(i int) int {
	var frame [100]int
	return frame[i] + spinLeaf(i)
}

//go:noinline
func spinLeaf(i int) int { return i + 1 }

// runFresh starts goroutines that never run, as main does not let the only processor go: its environment has
// GODEBUG=asyncpreemptoff=1.
func runFresh() {
	runtime.GOMAXPROCS(1)
	c := make(chan struct{})
	ready := []byte("{}\n") // an answer; not by os.Stdout, which lets others run
	runtime.Gosched()
	for i := 0; i < 10; i++ {
		go freshPlain()
		go freshWith(c, i)
		go value{}.park(i)
		go func() { <-c }()
		go receive[int](c)
	}
	syscall.RawSyscall(syscall.SYS_WRITE, 1, address(ready), uintptr(len(ready)))
	for sink >= 0 {
	}
	os.Exit(sink)
}

func freshPlain() { <-forever }

func freshWith(c chan struct{}, i int) { <-c }
