// Package pprofstacks reads the goroutine profile that net/http/pprof and runtime/pprof write as protocol buffer, as
// the stacks that package calltree takes.
//
// It decodes the few fields that it needs by itself: github.com/google/pprof/profile builds an object for everything
// in the file, so that a hostile answer of 16 kB makes it allocate 1.3 GiB, and it would be one more module in the
// programs that link our library. The tests check one against the other.
package pprofstacks
