// Package treemetrics turns what is known of a process's goroutines and its memory into Prometheus metrics: the one place
// that knows their names and labels, so that the library, the probe and the agent emit the very same.
package treemetrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// Snapshot is the call tree of one process and how it came to be.
type Snapshot struct {
	Tree calltree.Tree
	// Taken is when the goroutines were read.
	Taken time.Time
	// Duration is how long reading them and building the tree took.
	Duration time.Duration
	// KnowsBytes tells that the tree has the bytes of stacks.
	KnowsBytes bool
	// IsElsewhere tells that another source exports the tree of this process, so that it is left out.
	IsElsewhere bool
}

var (
	goroutines = prometheus.NewDesc("goroutine_calltree_goroutines",
		"Live goroutines whose stack passes through this call-tree node.",
		[]string{"depth", "function", "node", "parent"}, nil)
	stackBytes = prometheus.NewDesc("goroutine_calltree_stack_bytes",
		"Stack memory reserved by the live goroutines whose stack passes through this call-tree node.",
		[]string{"depth", "function", "node", "parent"}, nil)
	framesMax = prometheus.NewDesc("goroutine_stack_frames_max",
		"Frames of the deepest goroutine stack, before recursion is folded.", nil, nil)
	timestamp = prometheus.NewDesc("goroutine_stack_exporter_snapshot_timestamp_seconds",
		"When the goroutine stacks were read, as Unix time.", nil, nil)
	duration = prometheus.NewDesc("goroutine_stack_exporter_snapshot_duration_seconds",
		"How long reading the goroutine stacks and building the call tree took.", nil, nil)
	droppedNodes = prometheus.NewDesc("goroutine_stack_exporter_dropped_nodes",
		"Call-tree nodes that were cut to keep the tree small, and are counted in (dropped) nodes.", nil, nil)
	truncated = prometheus.NewDesc("goroutine_stack_exporter_truncated_goroutines",
		"Live goroutines whose stack was cut off at its root end, under the (truncated) node.", nil, nil)
)

// Describe sends the descriptors of all metrics that [Collect] sends.
func Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{goroutines, stackBytes, framesMax, timestamp, duration, droppedNodes, truncated} {
		ch <- desc
	}
}

// Collect sends the snapshot's metrics: one series for each node, or two, and five more. At depth 1 the label parent is
// empty, which is the same to Prometheus as its absence.
func Collect(ch chan<- prometheus.Metric, s Snapshot) {
	gauge(ch, timestamp, float64(s.Taken.UnixMilli())/1000)
	gauge(ch, duration, s.Duration.Seconds())
	if s.IsElsewhere {
		return
	}
	for _, node := range s.Tree.Nodes {
		labels := []string{strconv.Itoa(node.Depth), node.Function, node.ID, node.Parent}
		gauge(ch, goroutines, float64(node.Goroutines), labels...)
		if s.KnowsBytes {
			gauge(ch, stackBytes, float64(node.StackBytes), labels...)
		}
	}
	gauge(ch, framesMax, float64(s.Tree.FramesMax))
	gauge(ch, droppedNodes, float64(s.Tree.DroppedNodes))
	gauge(ch, truncated, float64(s.Tree.TruncatedGoroutines))
}

func gauge(ch chan<- prometheus.Metric, desc *prometheus.Desc, value float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}
