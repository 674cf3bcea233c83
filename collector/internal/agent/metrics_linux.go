//go:build amd64 || arm64

package agent

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes"
)

// causes are all for which a process may not be read.
var causes = []string{
	failed, notYet, goscan.Gone, goscan.NotPermitted, goscan.Implausible,
	goelf.NotGo, goelf.UnsupportedArch, goelf.UnsupportedVersion, goelf.NoTables, goelf.Damaged,
}

// metrics are the agent's own, at its /metrics.
type metrics struct {
	scans         prometheus.Counter
	duration      prometheus.Histogram
	errors        *prometheus.CounterVec
	probeErrors   *prometheus.CounterVec
	probeFailures prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer, a *Agent) metrics {
	m := metrics{
		scans: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "goroutine_stack_exporter_scans_total",
			Help: "Readings of all goroutines of a process.",
		}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "goroutine_stack_exporter_scan_duration_seconds",
			Help:    "Time to read all goroutines of a process and build its call tree.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goroutine_stack_exporter_scan_errors_total",
			Help: "Attempts to read a process that failed, by cause.",
		}, []string{"cause"}),
		probeErrors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goroutine_stack_exporter_probe_errors_total",
			Help: "Probes that failed, by cause.",
		}, []string{"cause"}),
		probeFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "goroutine_stack_exporter_uprobe_errors_total",
			Help: "Processes to which no uprobes could be attached.",
		}),
	}
	for _, cause := range causes {
		m.errors.WithLabelValues(cause)
		m.probeErrors.WithLabelValues(cause)
	}
	registerer.MustRegister(m.scans, m.duration, m.errors, m.probeErrors, m.probeFailures, processMetrics{a},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "goroutine_stack_exporter_targets",
			Help: "Processes that are to be read.",
		}, func() float64 { return a.count(func(*process) bool { return true }) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "goroutine_stack_exporter_targets_up",
			Help: "Of these, processes whose goroutines could be read the last time.",
		}, func() float64 {
			return a.count(func(p *process) bool { r := p.latest.Load(); return r != nil && r.cause == "" })
		}))
	return m
}

func (a *Agent) count(which func(*process) bool) (count float64) {
	for _, p := range a.all() {
		if which(p) {
			count++
		}
	}
	return count
}

// processMetrics are added up over all processes.
type processMetrics struct{ agent *Agent }

var (
	skipped = prometheus.NewDesc("goroutine_stack_exporter_processes_skipped",
		"Go processes that are not read, by cause.", []string{"cause"}, nil)
	uprobes = prometheus.NewDesc("goroutine_stack_exporter_uprobe_targets",
		"Processes by what their uprobes do, of the kinds growth (of stacks) and churn (creations and exits).", []string{"kind", "status"}, nil)
)

// Describe implements prometheus.Collector.
func (m processMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- skipped
	ch <- uprobes
}

var statuses = []runtimeprobes.Status{
	runtimeprobes.Off, runtimeprobes.Attached, runtimeprobes.Resting, runtimeprobes.OverBudget, runtimeprobes.Failed,
}

// Collect implements prometheus.Collector.
func (m processMetrics) Collect(ch chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	byCause := map[string]int{}
	growth, churn := map[runtimeprobes.Status]int{}, map[runtimeprobes.Status]int{}
	for _, p := range m.agent.all() {
		switch r := p.latest.Load(); {
		case r == nil:
			byCause[notYet]++
		case r.cause != "":
			byCause[r.cause]++
		}
		if state, _, ok := p.state(); ok {
			growth[state.Growth.Status]++
			churn[state.Churn.Status]++
		}
	}
	for _, cause := range causes {
		gauge(skipped, byCause[cause], cause)
	}
	if m.agent.options.Probes == nil {
		return
	}
	for _, status := range statuses {
		gauge(uprobes, growth[status], "growth", string(status))
		gauge(uprobes, churn[status], "churn", string(status))
	}
}
