package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// runTarget is a program with that many parked goroutines, of 20 different stacks of 5 to 24 functions: a real program
// has some tens to hundreds of different stacks however many goroutines it has. One in a hundred can be woken, and parks
// again at once: /wake. It prints its address when all are parked.
//
// At /work?seconds=S&spawns=N it works on all processors for that long, starts N goroutines a second meanwhile, and
// answers with how much work was done.
func runTarget(goroutines int) error {
	var parked sync.WaitGroup
	w := &waker{}
	w.woken = sync.NewCond(&w.mu)
	for i := 0; i < goroutines; i++ {
		leaf := park
		if i%100 == 0 {
			leaf = w.parkAgainAndAgain
		}
		parked.Add(1)
		go recurse(5+i%20, func() { parked.Done(); leaf() })
	}
	parked.Wait()
	http.HandleFunc("/wake", func(rw http.ResponseWriter, _ *http.Request) { w.wake() })
	http.HandleFunc("/work", func(rw http.ResponseWriter, r *http.Request) {
		seconds, err := strconv.ParseFloat(r.FormValue("seconds"), 64)
		spawns, err2 := strconv.Atoi(r.FormValue("spawns"))
		if err != nil || err2 != nil {
			http.Error(rw, "want seconds and spawns", http.StatusBadRequest)
			return
		}
		fmt.Fprint(rw, work(time.Duration(seconds*float64(time.Second)), spawns))
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, nil)
}

type waker struct {
	mu    sync.Mutex
	woken *sync.Cond
}

func (w *waker) parkAgainAndAgain() {
	w.mu.Lock()
	for {
		w.woken.Wait()
	}
}

func (w *waker) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.woken.Broadcast()
}

func park() { select {} }

//go:noinline
func recurse(depth int, leaf func()) {
	if depth > 2 {
		descend(depth-1, leaf)
		return
	}
	leaf()
}

//go:noinline
func descend(depth int, leaf func()) {
	if depth > 2 {
		recurse(depth-1, leaf)
		return
	}
	leaf()
}

// work returns how many units of work all processors did.
func work(d time.Duration, spawns int) int64 {
	var units atomic.Int64
	var workers sync.WaitGroup
	end := time.Now().Add(d)
	for i := 0; i < runtime.GOMAXPROCS(0); i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			x := uint64(1)
			for time.Now().Before(end) {
				for j := 0; j < 10_000; j++ {
					x = x*6364136223846793005 + 1442695040888963407
				}
				units.Add(1 + int64(x&0)) // so that x is needed
			}
		}()
	}
	if spawns > 0 {
		spawn(spawns, end)
	}
	workers.Wait()
	return units.Load()
}

// spawn starts goroutines that end at once, in hundredths of a second. It makes up for those that it came too late for, so that
// a target that is slowed down has as many to start.
func spawn(perSecond int, end time.Time) {
	begin, started := time.Now(), 0
	for now := range time.Tick(10 * time.Millisecond) {
		if now.After(end) {
			now = end
		}
		for due := int(now.Sub(begin).Seconds() * float64(perSecond)); started < due; started++ {
			go func() {}()
		}
		if now == end {
			return
		}
	}
}
