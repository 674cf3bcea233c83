// Command deepen has a goroutine that is 20,000 calls deep and goes one deeper each millisecond.
package main

import (
	"fmt"
	"time"
)

func main() {
	go deepen(0)
	select {}
}

func deepen(levels int) byte {
	var frame [1000]byte
	frame[levels%len(frame)] = byte(levels)
	if levels == 20_000 {
		fmt.Println("deep")
	}
	if levels > 20_000 {
		time.Sleep(time.Millisecond)
	}
	return deepen(levels+1) + frame[levels%len(frame)]
}
