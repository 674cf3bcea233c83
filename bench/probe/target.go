package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"
)

// tick is how often the target's own goroutine wants to run.
const tick = time.Millisecond

// runTarget is a program with that many parked goroutines, of 20 different stacks of 5 to 24 functions: a real program
// has some tens to hundreds of different stacks however many goroutines it has. It prints its address, tells at /pause
// by how much a goroutine that wakes every millisecond was late at most since the last request, and collects garbage
// at /gc.
func runTarget(goroutines int) error {
	for i := 0; i < goroutines; i++ {
		go recurse(5 + i%20)
	}
	var worst atomic.Int64
	go func() {
		for {
			before := time.Now()
			time.Sleep(tick)
			late := int64(time.Since(before) - tick)
			for old := worst.Load(); late > old && !worst.CompareAndSwap(old, late); old = worst.Load() {
			}
		}
	}()
	http.HandleFunc("/pause", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strconv.FormatInt(worst.Swap(0), 10))
	})
	http.HandleFunc("/gc", func(http.ResponseWriter, *http.Request) { runtime.GC() })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, nil)
}

//go:noinline
func recurse(depth int) {
	if depth > 2 {
		descend(depth - 1)
		return
	}
	select {}
}

//go:noinline
func descend(depth int) {
	if depth > 2 {
		recurse(depth - 1)
		return
	}
	select {}
}
