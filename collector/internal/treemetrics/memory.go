package treemetrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/stackpressure/goroutines/collector/internal/cgroupmem"
)

var (
	limit = prometheus.NewDesc("cgroup_memory_limit_bytes",
		"Least memory limit of the process's cgroup and its visible ancestors.", nil, nil)
	usage = prometheus.NewDesc("cgroup_memory_usage_bytes",
		"Memory charged to the cgroup that has the least limit, page cache included.", nil, nil)
	unreclaimable = prometheus.NewDesc("cgroup_memory_unreclaimable_bytes",
		"Memory charged to the cgroup that has the least limit, without page cache: anonymous, shared and kernel memory.", nil, nil)
)

// DescribeMemory sends the descriptors of all metrics that [CollectMemory] sends.
func DescribeMemory(ch chan<- *prometheus.Desc) {
	ch <- limit
	ch <- usage
	ch <- unreclaimable
}

// CollectMemory sends the metrics of a process's control group. Without a limit, that one is absent.
func CollectMemory(ch chan<- prometheus.Metric, memory cgroupmem.Memory) {
	if memory.Limit > 0 {
		gauge(ch, limit, float64(memory.Limit))
	}
	gauge(ch, usage, float64(memory.Usage))
	gauge(ch, unreclaimable, float64(memory.Unreclaimable))
}
