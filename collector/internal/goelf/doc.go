// Package goelf reads from a Go executable what is needed to understand the memory of a process that runs it: which
// function an address is in, what was inlined there and how large its frame is; where the runtime keeps its goroutines;
// and where in a goroutine's descriptor each field is.
//
// It works on stripped, position-independent and externally linked executables of the Go versions in layouts.json, for
// amd64 and arm64, as all that it needs the runtime needs itself at run time. It knows nothing of processes: their memory
// comes as an io.ReaderAt.
//
// Executables are untrusted. Nothing here is as large as a number in the file says, but as what is really there; and what
// does not fit together is an error, never a guess.
package goelf
