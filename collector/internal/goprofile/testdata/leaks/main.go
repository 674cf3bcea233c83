// Command leaks is a target: a Go program that has 25 goroutines in main.park, and one a thousand calls deep.
package main

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// ready is done when all goroutines wait: one that has only been started has no such frame.
var ready sync.WaitGroup

func main() {
	ready.Add(26)
	for i := 0; i < 25; i++ {
		go park()
	}
	go dive(1000)
	ready.Wait()
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin) // the test ends the program by closing this, also when the test panics
}

//go:noinline
func park() {
	ready.Done()
	select {}
}

//go:noinline
func dive(n int) int {
	if n == 0 {
		park()
	}
	return dive(n-1) + 1
}
