// Command parked is a target: a Go program that serves net/http/pprof and has 25 goroutines in main.park.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
)

// parked is done when all goroutines are in main.park: one that has only been started has no such frame.
var parked sync.WaitGroup

func main() {
	parked.Add(25)
	for i := 0; i < 25; i++ {
		go work()
	}
	parked.Wait()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	go func() {
		// The test ends the program by closing its standard input, also when the test panics.
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	log.Fatal(http.Serve(listener, nil))
}

//go:noinline
func work() { park() }

//go:noinline
func park() {
	parked.Done()
	select {}
}
