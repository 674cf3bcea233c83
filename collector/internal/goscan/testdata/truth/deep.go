package main

import (
	"os"
	"os/exec"
	"strconv"
)

// startDeep starts two goroutines whose stacks have at least so many bytes in use, as MB.
func startDeep(megabytes string) {
	n, err := strconv.Atoi(megabytes)
	if err != nil {
		panic(err)
	}
	for i := 0; i < 2; i++ {
		isDeep := make(chan struct{})
		go descend(n<<20/deepFrame, isDeep)
		<-isDeep
	}
}

// deepFrame is less than what a frame of descend takes.
const deepFrame = 4000

func descend(depth int, isDeep chan struct{}) int {
	var frame [deepFrame]byte
	frame[depth%deepFrame] = byte(depth)
	if depth == 0 {
		close(isDeep)
		<-forever
	}
	return descend(depth-1, isDeep) + int(frame[depth%deepFrame])
}

// fork starts children, and waits for them in goroutines.
func fork() {
	for i := 0; i < 5; i++ {
		child := exec.Command(os.Args[0], "zoo")
		in, err := child.StdinPipe() // open until this process ends
		if err != nil {
			panic(err)
		}
		keepOpen = append(keepOpen, in)
		if err := child.Start(); err != nil {
			panic(err)
		}
		go child.Wait()
	}
}

var keepOpen []any
