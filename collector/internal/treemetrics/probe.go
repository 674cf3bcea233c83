package treemetrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	success = prometheus.NewDesc("probe_success",
		"Whether the target's goroutines could be read: 1, or 0 without any call tree.", nil, nil)
	probeDuration = prometheus.NewDesc("probe_duration_seconds",
		"How long the probe took, close to zero when the call tree had been read before.", nil, nil)
	probeError = prometheus.NewDesc("goroutine_stack_exporter_probe_error",
		"1 for the cause for which the probe failed; absent when it did not.", []string{"cause"}, nil)
)

// DescribeProbe sends the descriptors of all metrics that [CollectProbe] sends.
func DescribeProbe(ch chan<- *prometheus.Desc) {
	ch <- success
	ch <- probeDuration
	ch <- probeError
}

// CollectProbe sends how a probe went. cause is why it failed, "" if it did not.
func CollectProbe(ch chan<- prometheus.Metric, cause string, took time.Duration) {
	gauge(ch, probeDuration, took.Seconds())
	if cause != "" {
		gauge(ch, success, 0)
		gauge(ch, probeError, 1, cause)
		return
	}
	gauge(ch, success, 1)
}
