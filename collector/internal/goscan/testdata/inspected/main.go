// Command inspected is a target: it has a goroutine with a deep stack, one that runs, and one that ends when it is told so.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"time"
)

var (
	held  = make(chan int)
	brief = make(chan int)
)

func main() {
	go odd(501)
	go end()
	go spin()
	go func() {
		for { // a garbage collection notes that goroutines wait
			time.Sleep(50 * time.Millisecond)
			runtime.GC()
		}
	}()
	time.Sleep(100 * time.Millisecond) // all wait, or else the scan finds them runnable
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin) // the test ends the program by closing this, also when the test panics
	for lines.Scan() {
		before := runtime.NumGoroutine()
		close(brief)
		for runtime.NumGoroutine() == before {
			time.Sleep(time.Millisecond)
		}
		fmt.Println("ended")
	}
}

//go:noinline
func odd(n int) int { return even(n-1) + 1 }

//go:noinline
func even(n int) int {
	if n == 0 {
		return <-held
	}
	return odd(n-1) + 2
}

func end() { <-brief }

func spin() {
	for {
	}
}
