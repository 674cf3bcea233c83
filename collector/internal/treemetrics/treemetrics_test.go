package treemetrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/stackpressure/goroutines/collector/calltree"
)

type collector Snapshot

func (collector) Describe(ch chan<- *prometheus.Desc) { Describe(ch) }

func (c collector) Collect(ch chan<- prometheus.Metric) { Collect(ch, Snapshot(c)) }

func TestASnapshotIsOneSeriesForEachNodeAndFiveMore(t *testing.T) {
	snapshot := collector{
		Tree: calltree.Tree{
			Nodes: []calltree.Node{
				{ID: "1fe8yhzhxxijf", Function: "main.serve", Depth: 1, Goroutines: 12},
				{ID: "0wyz4b8a9p4xq", Parent: "1fe8yhzhxxijf", Function: `main.(*Server[...]).read "x"`, Depth: 2, Goroutines: 5},
			},
			FramesMax:           130,
			DroppedNodes:        7,
			TruncatedGoroutines: 3,
		},
		Taken:    time.UnixMilli(1764000000250),
		Duration: 40 * time.Millisecond,
	}
	const want = `
# HELP goroutine_calltree_goroutines Live goroutines whose stack passes through this call-tree node.
# TYPE goroutine_calltree_goroutines gauge
goroutine_calltree_goroutines{depth="1",function="main.serve",node="1fe8yhzhxxijf",parent=""} 12
goroutine_calltree_goroutines{depth="2",function="main.(*Server[...]).read \"x\"",node="0wyz4b8a9p4xq",parent="1fe8yhzhxxijf"} 5
# HELP goroutine_stack_exporter_dropped_nodes Call-tree nodes that were cut to keep the tree small, and are counted in (dropped) nodes.
# TYPE goroutine_stack_exporter_dropped_nodes gauge
goroutine_stack_exporter_dropped_nodes 7
# HELP goroutine_stack_exporter_snapshot_duration_seconds How long reading the goroutine stacks and building the call tree took.
# TYPE goroutine_stack_exporter_snapshot_duration_seconds gauge
goroutine_stack_exporter_snapshot_duration_seconds 0.04
# HELP goroutine_stack_exporter_snapshot_timestamp_seconds When the goroutine stacks were read, as Unix time.
# TYPE goroutine_stack_exporter_snapshot_timestamp_seconds gauge
goroutine_stack_exporter_snapshot_timestamp_seconds 1.76400000025e+09
# HELP goroutine_stack_exporter_truncated_goroutines Live goroutines whose stack was cut off at its root end, under the (truncated) node.
# TYPE goroutine_stack_exporter_truncated_goroutines gauge
goroutine_stack_exporter_truncated_goroutines 3
# HELP goroutine_stack_frames_max Frames of the deepest goroutine stack, before recursion is folded.
# TYPE goroutine_stack_frames_max gauge
goroutine_stack_frames_max 130
`
	if err := testutil.CollectAndCompare(snapshot, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}
