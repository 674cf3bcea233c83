package probe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stackpressure/goroutines/collector/internal/treemetrics"
)

// metrics are the exporter's own, at its /metrics.
type metrics struct {
	probes   *prometheus.CounterVec
	errors   *prometheus.CounterVec
	inFlight prometheus.Gauge
	duration prometheus.Histogram
	size     prometheus.Histogram
}

// How a probe came by its answer.
const (
	byProfile = "profile"
	byCache   = "cache"
)

func newMetrics(registerer prometheus.Registerer, p *Prober) metrics {
	m := metrics{
		probes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goroutine_stack_exporter_probes_total",
			Help: "Probes that were answered with a call tree, by where it came from: a profile that was read for it, or the cache.",
		}, []string{"source"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goroutine_stack_exporter_probe_errors_total",
			Help: "Probes that failed, by cause.",
		}, []string{"cause"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "goroutine_stack_exporter_profiles_in_flight",
			Help: "Profiles that are being read now.",
		}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "goroutine_stack_exporter_profile_duration_seconds",
			Help:    "Time to read a profile and build its call tree.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
		size: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "goroutine_stack_exporter_profile_size_bytes",
			Help:    "Size of the profiles that were read, as they were sent.",
			Buckets: prometheus.ExponentialBuckets(1<<10, 4, 9), // 1 KiB to 64 MiB
		}),
	}
	for _, source := range []string{byProfile, byCache} {
		m.probes.WithLabelValues(source)
	}
	for _, cause := range causes {
		m.errors.WithLabelValues(string(cause))
	}
	registerer.MustRegister(m.probes, m.errors, m.inFlight, m.duration, m.size,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "goroutine_stack_exporter_targets",
			Help: "Targets that were probed in the last 15 minutes.",
		}, func() float64 { return p.countTargets(func(*state) bool { return true }) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "goroutine_stack_exporter_targets_up",
			Help: "Of these, targets whose last profile could be read.",
		}, func() float64 { return p.countTargets(func(s *state) bool { return s.up }) }))
	return m
}

func (p *Prober) countTargets(which func(*state) bool) (count float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep(time.Now())
	for _, s := range p.targets {
		if which(s) {
			count++
		}
	}
	return count
}

func (m metrics) countReading(r reading) {
	if r.failure == nil {
		m.duration.Observe(r.snapshot.Duration.Seconds())
		m.size.Observe(float64(r.bytes))
	}
}

func (m metrics) countProbe(r reading, cached bool) {
	switch {
	case r.failure != nil:
		m.errors.WithLabelValues(string(r.failure.cause)).Inc()
	case cached:
		m.probes.WithLabelValues(byCache).Inc()
	default:
		m.probes.WithLabelValues(byProfile).Inc()
	}
}

// answer is what a probe tells Prometheus.
type answer struct {
	reading  reading
	duration time.Duration
}

// Describe implements prometheus.Collector.
func (a answer) Describe(ch chan<- *prometheus.Desc) {
	treemetrics.DescribeProbe(ch)
	treemetrics.Describe(ch)
}

// Collect implements prometheus.Collector.
func (a answer) Collect(ch chan<- prometheus.Metric) {
	var cause string
	if a.reading.failure != nil {
		cause = string(a.reading.failure.cause)
	}
	treemetrics.CollectProbe(ch, cause, a.duration)
	if cause == "" {
		treemetrics.Collect(ch, a.reading.snapshot)
	}
}
