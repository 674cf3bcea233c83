// Package goscan reads the goroutines of a running Go process from outside: how large the stack of each is and how much
// of it is used, what it waits for, and which functions are on it. The process is not stopped, not traced and not
// signalled, and nothing is written to it: process_vm_readv(2) copies the runtime's own list of goroutines and what of
// the stacks is in use, as package goelf says where things are.
//
// The process goes on meanwhile, so that what was read may not fit together. A goroutine's descriptor is read before and
// after its stack; only if it has not run in between is the stack taken; a deep one also if what has changed is near its
// leaf, see walker.rejoin. A goroutine that runs all the time is counted under its entry function, as running.
//
// Processes are untrusted: each length and pointer that they hold is checked before it is followed, what is read is
// bounded by the memory that they really have, and what is kept by limits of this package.
package goscan
