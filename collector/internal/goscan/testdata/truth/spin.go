package main

import (
	"bytes"
	"encoding/json"
	"os"
	"runtime"
	"runtime/pprof"
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

// runFresh starts goroutines that never run, as main does not let the only processor go. It writes its goroutine profile
// as an answer before.
func runFresh() {
	runtime.GOMAXPROCS(1)
	c := make(chan struct{})
	for i := 0; i < 10; i++ {
		go freshPlain()
		go freshWith(c, i)
		go value{}.park(i)
		go func() { <-c }()
		go receive[int](c)
	}
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 0); err != nil {
		panic(err)
	}
	text, _ := json.Marshal(answer{Goroutines: runtime.NumGoroutine(), Profile: profile.Bytes()})
	text = append(text, '\n')
	for len(text) > 0 { // not by os.Stdout, which lets others run
		n, _, _ := syscall.RawSyscall(syscall.SYS_WRITE, 1, address(text), uintptr(len(text)))
		text = text[n:]
	}
	for sink >= 0 { // GODEBUG=asyncpreemptoff=1
	}
	os.Exit(sink)
}

func freshPlain() { <-forever }

func freshWith(c chan struct{}, i int) { <-c }
