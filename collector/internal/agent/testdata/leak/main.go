// Command leak has goroutines that wait for ever, as many as its first argument says, and one that goes deep and comes
// back. At each line of its input it starts as many goroutines as the line says, which end at once.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
)

func main() {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	for i := 0; i < n; i++ {
		go leak()
	}
	go deep()
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			panic(err)
		}
		start(n)
		fmt.Println("started", n)
	}
}

func leak() { select {} }

// deep has the largest stack: 256 kB of one that was grown to hold it.
func deep() {
	descend(1000)
	select {}
}

//go:noinline
func descend(levels int) byte {
	var frame [200]byte
	if levels > 0 {
		return descend(levels-1) + frame[levels%len(frame)]
	}
	select {}
}

func start(n int) {
	ended := make(chan bool)
	for i := 0; i < n; i++ {
		go func() { ended <- true }()
	}
	for i := 0; i < n; i++ {
		<-ended
	}
}
