// Command target is the program of which package probecost measures by how much probes slow it down. It does what it
// is told to on its standard input, a line each, and answers a number.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

func main() {
	debug.SetGCPercent(-1) // would take its time whenever it likes to
	cores := runtime.GOMAXPROCS(0)
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var command string
		var n, rate int
		fmt.Sscan(input.Text(), &command, &n, &rate)
		switch command {
		case "spawn":
			// On one core, so that the time of all probes adds up.
			runtime.GOMAXPROCS(1)
			fmt.Println(spawn(n).Nanoseconds())
		case "grow":
			runtime.GOMAXPROCS(cores)
			grow(time.Duration(n)*time.Millisecond, rate, cores)
			fmt.Println(0)
		default:
			fmt.Println(-1)
		}
		runtime.GC()
	}
}

// spawn starts n goroutines that end at once, and returns how much CPU time that took: unlike the time on the clock, it is
// not that of other processes too.
func spawn(n int) time.Duration {
	var done sync.WaitGroup
	done.Add(n)
	before := cpuTime()
	for i := 0; i < n; i++ {
		go done.Done()
		if i%100 == 99 {
			runtime.Gosched() // all of them run and end
		}
	}
	done.Wait()
	return cpuTime() - before
}

func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// grow has stacks grow for so long, on all cores, as often in a second as rate says, or as often as it can if that is 0.
func grow(long time.Duration, rate, cores int) {
	// From 2 KiB to 16 KiB: three times.
	const depth, growths = 200, 3
	var all sync.WaitGroup
	end := time.Now().Add(long)
	for core := 0; core < cores; core++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for next := time.Now(); next.Before(end) && time.Now().Before(end); {
				done := make(chan struct{})
				go func() {
					recurse(depth)
					close(done)
				}()
				<-done
				if rate == 0 {
					continue
				}
				next = next.Add(time.Second * time.Duration(growths*cores) / time.Duration(rate))
				if ahead := time.Until(next); ahead > time.Millisecond {
					time.Sleep(ahead)
				}
			}
		}()
	}
	all.Wait()
}

//go:noinline
func recurse(depth int) int {
	var frame [40]byte
	frame[depth%40] = 1
	if depth == 0 {
		return int(frame[0])
	}
	return recurse(depth-1) + int(frame[0])
}
