// Command target does what it is told to on its standard input, a line each, and knows exactly how often it did it. Each
// answer is a line of numbers. It is compiled with every version of Go that the tests know, the oldest being 1.22.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

func main() {
	debug.SetGCPercent(-1) // stacks shrink when told to, and new ones start with 2 KiB
	var held goroutines
	var stopStorm chan struct{}
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var command string
		var n, depth int
		fmt.Sscan(input.Text(), &command, &n, &depth)
		switch command {
		case "grow":
			fmt.Println(held.grow(n, depth))
		case "shrink":
			runtime.GC()
			fmt.Println(held.moved())
		case "release":
			held.release()
			fmt.Println(0)
		case "spawn":
			spawn(n)
			fmt.Println(n)
		case "storm":
			stopStorm = make(chan struct{})
			for i := 0; i < n; i++ {
				go storm(depth, stopStorm)
			}
			fmt.Println(0)
		case "calm":
			close(stopStorm)
			fmt.Println(0)
		case "exec":
			// Another program, which also ends with its input.
			fmt.Println(0)
			if err := syscall.Exec("/bin/cat", []string{"cat"}, nil); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		default:
			fmt.Println(-1)
		}
	}
}

// goroutines that have grown and now wait.
type goroutines struct {
	resume   []chan chan bool // a goroutine answers whether its stack has moved since it was last asked
	released sync.WaitGroup
}

// grow starts n goroutines, makes each call itself depth times, and returns how often their stacks moved. They wait
// afterwards, with little on their stacks.
func (g *goroutines) grow(n, depth int) int64 {
	var grown atomic.Int64
	var done sync.WaitGroup
	for i := 0; i < n; i++ {
		resume := make(chan chan bool)
		g.resume = append(g.resume, resume)
		done.Add(1)
		g.released.Add(1)
		go grower(depth, &grown, &done, resume, &g.released)
	}
	done.Wait()
	return grown.Load()
}

func (g *goroutines) moved() (moved int) {
	answer := make(chan bool)
	for _, resume := range g.resume {
		resume <- answer
		if <-answer {
			moved++
		}
	}
	return moved
}

func (g *goroutines) release() {
	for _, resume := range g.resume {
		close(resume)
	}
	g.released.Wait()
	g.resume = nil
}

//go:noinline
func grower(depth int, grown *atomic.Int64, done *sync.WaitGroup, resume chan chan bool, released *sync.WaitGroup) {
	defer released.Done()
	var anchor [8]byte // on the stack, so that its address changes whenever the stack is moved
	moves, _ := recurse(depth, &anchor, uintptr(unsafe.Pointer(&anchor)))
	grown.Add(moves)
	at := uintptr(unsafe.Pointer(&anchor))
	done.Done()
	for answer := range resume {
		now := uintptr(unsafe.Pointer(&anchor))
		answer <- now != at
		at = now
	}
	anchor[0] = 1
}

// recurse returns how often anchor was elsewhere than a call earlier. It calls nothing but itself.
//
//go:noinline
func recurse(depth int, anchor *[8]byte, at uintptr) (moves int64, end uintptr) {
	if now := uintptr(unsafe.Pointer(anchor)); now != at {
		moves, at = 1, now
	}
	if depth == 0 {
		return moves, at
	}
	more, at := recurse(depth-1, anchor, at)
	return moves + more + int64(anchor[depth&7]), at
}

//go:noinline
func spawn(n int) {
	var done sync.WaitGroup
	done.Add(n)
	for i := 0; i < n; i++ {
		go done.Done()
		if i%100 == 99 {
			runtime.Gosched()
		}
	}
	done.Wait()
}

// storm has one stack after the other grow until stop is closed.
func storm(depth int, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		done := make(chan struct{})
		go func() {
			swell(depth)
			close(done)
		}()
		<-done
	}
}

//go:noinline
func swell(depth int) int {
	if depth == 0 {
		return 0
	}
	return 1 + swell(depth-1)
}
