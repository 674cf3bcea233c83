// Package stackdepth makes a Go program export its own goroutines as a call tree in Prometheus metrics, and the memory
// limit that it will be killed at:
//
//	import "github.com/stackpressure/goroutines/collector/stackdepth"
//
//	prometheus.MustRegister(stackdepth.NewCollector())
//
// # Metrics
//
//	goroutine_calltree_goroutines{depth,function,node,parent}   live goroutines whose stack passes through this node
//	goroutine_stack_frames_max                                  frames of the deepest stack
//	cgroup_memory_limit_bytes                                   absent when there is no limit
//	cgroup_memory_usage_bytes                                   all that is charged to the cgroup
//	cgroup_memory_unreclaimable_bytes                           of it, without page cache
//	goroutine_stack_exporter_*                                  health of the above
//
// A program has some hundred nodes, at most 1,000; see package calltree for what a node is. The metrics with cgroup in
// their name exist on Linux, where a cgroup accounts memory, and are the same in all processes of that cgroup: take
// max, never sum.
//
// # Cost
//
// The stacks are read by runtime/pprof's goroutine profile, at most once in 15 seconds (see [WithMinInterval]) and
// only when they are scraped. It stops the program for less than a millisecond, and takes about 40 ms of processor time
// at 10,000 goroutines, 0.2 s at 100,000 and 2 s at 1,000,000: there, choose a longer interval.
package stackdepth
