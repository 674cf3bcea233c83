//go:build cgo

package main

/*
#include <unistd.h>

extern void calledByC(int);

static void block(void) { for (;;) pause(); }
static void callGo(int n) { calledByC(n); }
*/
import "C"

// startC starts goroutines in C code, and in Go code that C code called.
func startC() {
	for i := 0; i < 2; i++ {
		go C.block()
	}
	go func() {
		insideGo(3)
	}()
	for i := 0; i < 3; i++ {
		go C.callGo(C.int(i))
	}
}

func insideGo(n int) {
	if n > 0 {
		insideGo(n - 1)
	}
	C.block()
}

//export calledByC
func calledByC(n C.int) {
	if n > 0 {
		C.callGo(n - 1)
		return
	}
	<-forever
}
