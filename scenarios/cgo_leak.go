//go:build cgo

package main

/*
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What malloc gives is resident only once it is written.
static void *keep(size_t bytes) {
	void *block = malloc(bytes);
	if (block) memset(block, 1, bytes);
	return block;
}

// A call that never returns, as into a driver that hangs, with this much of its thread's C stack in use.
static void hang(void) {
	char work[256 << 10];
	memset(work, 1, sizeof work);
	__asm__ volatile("" : : "r"(work) : "memory");
	for (;;) pause();
}
*/
import "C"

import "context"

const withCgo = true

// keepInC allocates and writes bytes that Go's runtime does not know of.
func keepInC(bytes int) { C.keep(C.size_t(bytes)) }

// hangInC never returns, and keeps its thread with 256 KiB of C stack.
func hangInC() { C.hang() }

func runCgoLeak(ctx context.Context, cfg config) error {
	limiter := pace(cfg.Rate / entryKiB)
	for kept := entryKiB; kept <= cfg.Max && limiter.Wait(ctx) == nil; kept += entryKiB {
		keepInC(entryKiB << 10)
		makeGarbage(entryKiB << 10)
	}
	<-ctx.Done()
	return nil
}

func runCgoBlocked(ctx context.Context, cfg config) error {
	limiter := pace(cfg.Rate)
	for started := 0; started < cfg.Max && limiter.Wait(ctx) == nil; started++ {
		go callDriver()
	}
	<-ctx.Done()
	return nil
}

// callDriver holds an operating system's thread each time.
func callDriver() {
	hangInC()
}
