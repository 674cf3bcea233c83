package treemetrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// Stacks is what only who reads each goroutine's stack knows of a process. Sizes are bytes reserved.
type Stacks struct {
	// Sizes is how many live goroutines have a stack of that many bytes.
	Sizes map[int64]int64
	// SystemBytes are of the runtime's own goroutines, DeadBytes of ended ones, whose stacks wait for new ones.
	SystemBytes, DeadBytes int64
	// Waits is how many live goroutines wait for that, in the words of Go's tracebacks, or are in that state.
	Waits map[string]int64
	// Largest are the largest stacks, the largest first.
	Largest []Stack
}

// Stack is the stack of one goroutine.
type Stack struct {
	GoID     uint64
	Bytes    int64
	Function string // in which it started
}

// Churn are counters by function, of what has happened since the process was first seen. Nil ones are not exported: what
// would count them is not there.
type Churn struct {
	Grows, GrowBytes map[string]float64 // by the function whose call needed a larger stack
	Creations, Exits map[string]float64 // by the function with the go statement
}

var (
	sizes = prometheus.NewDesc("goroutine_stack_size_goroutines",
		"Live goroutines by the bytes reserved for their stack, a power of two.", []string{"size"}, nil)
	unattributed = prometheus.NewDesc("goroutine_stack_unattributed_bytes",
		"Stack memory of no live user goroutine: of the runtime's own (system), and of ended ones, kept for new ones (dead).", []string{"kind"}, nil)
	topBytes = prometheus.NewDesc("goroutine_stack_top_bytes",
		"The largest stacks by rank, with the function in which the goroutine started.", []string{"rank", "function"}, nil)
	topGoID = prometheus.NewDesc("goroutine_stack_top_goid",
		"The ids of the goroutines with the largest stacks, as in tracebacks.", []string{"rank"}, nil)
	waits = prometheus.NewDesc("goroutine_wait_goroutines",
		"Live goroutines by what they wait for, or by their state: running, runnable, syscall, preempted.", []string{"reason"}, nil)
	grows = prometheus.NewDesc("goroutine_stack_grows_total",
		"Growths of goroutine stacks, by the function whose call needed a larger one.", []string{"function"}, nil)
	growBytes = prometheus.NewDesc("goroutine_stack_grow_bytes_total",
		"Bytes by which goroutine stacks grew, by the function whose call needed a larger one.", []string{"function"}, nil)
	creations = prometheus.NewDesc("goroutine_creations_total",
		"Goroutines that were started, by the function with the go statement.", []string{"function"}, nil)
	exits = prometheus.NewDesc("goroutine_exits_total",
		"Goroutines that ended, by the function with the go statement that had started them.", []string{"function"}, nil)
)

// DescribeStacks sends the descriptors of all metrics that [CollectStacks] and [CollectChurn] send.
func DescribeStacks(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{sizes, unattributed, topBytes, topGoID, waits, grows, growBytes, creations, exits} {
		ch <- desc
	}
}

// CollectStacks sends the metrics of a process's stacks.
func CollectStacks(ch chan<- prometheus.Metric, s Stacks) {
	for size, n := range s.Sizes {
		gauge(ch, sizes, float64(n), strconv.FormatInt(size, 10))
	}
	gauge(ch, unattributed, float64(s.SystemBytes), "system")
	gauge(ch, unattributed, float64(s.DeadBytes), "dead")
	for reason, n := range s.Waits {
		gauge(ch, waits, float64(n), reason)
	}
	for i, stack := range s.Largest {
		rank := strconv.Itoa(i + 1)
		gauge(ch, topBytes, float64(stack.Bytes), rank, stack.Function)
		gauge(ch, topGoID, float64(stack.GoID), rank)
	}
}

// CollectChurn sends the counters.
func CollectChurn(ch chan<- prometheus.Metric, c Churn) {
	for desc, byFunction := range map[*prometheus.Desc]map[string]float64{
		grows: c.Grows, growBytes: c.GrowBytes, creations: c.Creations, exits: c.Exits,
	} {
		for function, n := range byFunction {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, n, function)
		}
	}
}
