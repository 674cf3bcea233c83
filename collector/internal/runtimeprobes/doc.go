// Package runtimeprobes counts stack growths, goroutine creations and goroutine exits of unmodified Go processes, by
// eBPF uprobes in Go's runtime:
//
//	runtime.copystack   always; which function's call needed a larger stack, by how much, and the goroutine's stack then
//	runtime.newproc1    on request and for a window out of each period; which go statement
//	runtime.gdestroy    likewise; which go statement had started the goroutine that ends
//
// Who does what:
//
//	site.go                  where in a function to probe, so that a hit costs a quarter of what it costs at the entry
//	runtimeprobes.bpf.c      what runs in the kernel, in the target's time (go generate makes bpf_*_bpfel.{go,o} of it)
//	supported_linux.go       whether this machine can do it, and what to do if not
//	probes_linux.go          what all targets share: the ring of growth events and who reads it
//	attachment_linux.go      one target: its copy of the programs, its rate budget, its windows
//	churn.go, event.go       pure: from windows to counters, from bytes to events
//	probecost/               measures what all that costs the target on this machine
//
// The package finds nothing by itself: functions come as file offsets and fields of runtime.g as a [Layout]. Program counters
// are as the process has them (its load bias included). It never uses uretprobes, which overwrite return addresses on
// stacks that copystack moves, nor bpf_get_stackid, as all three functions run on another stack (g0).
//
// Each target has its own copy of the programs and counters, which nothing but the kernel's own filter leads hits to. So
// it does not matter in which pid namespace the target is, as long as /proc shows it.
//
// It needs Linux 5.8, amd64 or arm64. arm64 is compiled, and its sites are tested on real code, but has not been run on
// arm64 hardware.
package runtimeprobes
