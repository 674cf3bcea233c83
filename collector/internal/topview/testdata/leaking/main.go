// Command leaking is a target: a Go program that has one goroutine more each hundredth of a second.
package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	go descend(1000)
	go leak()
	time.Sleep(100 * time.Millisecond)
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin) // the test ends the program by closing this, also when the test panics
}

func leak() {
	for {
		go leaked()
		time.Sleep(10 * time.Millisecond)
	}
}

func leaked() { select {} }

//go:noinline
func descend(n int) int {
	if n == 0 {
		select {}
	}
	return descend(n-1) + 1
}
