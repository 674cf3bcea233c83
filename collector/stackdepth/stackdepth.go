package stackdepth

import (
	"bytes"
	"io"
	"log/slog"
	"runtime/pprof"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/cgroupmem"
	"github.com/stackpressure/goroutines/collector/internal/pprofstacks"
	"github.com/stackpressure/goroutines/collector/internal/treemetrics"
)

var depthDesc = prometheus.NewDesc("stack_depth_goroutines_total",
	"Live goroutines whose stack has this function at this depth of the call tree. A gauge.",
	[]string{"depth", "function"}, nil)

// Causes of errors, values of the label cause.
const (
	profileCause = "profile"
	cgroupCause  = "cgroup"
)

// Option changes what [NewCollector] returns.
type Option func(*collector)

// WithMinInterval sets how old a snapshot of the goroutines may get before a scrape takes a new one; 15 seconds unless
// set. Several Prometheus servers then cost no more than one. Set it to no more than the interval of the scrapes.
func WithMinInterval(interval time.Duration) Option {
	return func(c *collector) { c.minInterval = interval }
}

// WithDepthMetric exports stack_depth_goroutines_total{depth,function} too, which is goroutine_calltree_goroutines summed
// without node and parent. Leave it out where Prometheus has the recording rule of that name: both would make the same
// series.
func WithDepthMetric() Option {
	return func(c *collector) { c.depthMetric = true }
}

// WithLogger sets where errors are logged, each once until it changes; slog.Default() unless set.
func WithLogger(logger *slog.Logger) Option {
	return func(c *collector) { c.logger = logger }
}

// NewCollector returns a collector of the goroutines of this program and of the memory of its cgroup.
//
// It is safe for concurrent use; concurrent scrapes share one snapshot. What cannot be read is left out of the scrape
// and counted in goroutine_stack_exporter_errors_total, by cause: "profile" or "cgroup"; the error itself is logged.
func NewCollector(options ...Option) prometheus.Collector {
	c := &collector{
		minInterval:  15 * time.Second,
		logger:       slog.Default(),
		writeProfile: func(w io.Writer) error { return pprof.Lookup("goroutine").WriteTo(w, 0) },
		memory:       cgroupmem.Reader{Proc: "/proc"}.Self,
		now:          time.Now,
		builder:      calltree.NewBuilder(),
		logged:       map[string]string{},
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goroutine_stack_exporter_errors_total",
			Help: "Failures to read the goroutine stacks (profile) or the cgroup's memory (cgroup).",
		}, []string{"cause"}),
	}
	for _, cause := range []string{profileCause, cgroupCause} {
		c.errors.WithLabelValues(cause)
	}
	for _, option := range options {
		option(c)
	}
	return c
}

type collector struct {
	minInterval  time.Duration
	depthMetric  bool
	logger       *slog.Logger
	writeProfile func(io.Writer) error
	memory       func() (memory cgroupmem.Memory, ok bool, err error)
	now          func() time.Time
	errors       *prometheus.CounterVec

	mu      sync.Mutex // held while a snapshot is taken, so that concurrent scrapes wait for it
	builder *calltree.Builder
	last    treemetrics.Snapshot // Taken is zero before the first

	logMu  sync.Mutex
	logged map[string]string // the last error, by cause
}

// Describe implements [prometheus.Collector].
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	treemetrics.Describe(ch)
	if c.depthMetric {
		ch <- depthDesc
	}
	treemetrics.DescribeMemory(ch)
	c.errors.Describe(ch)
}

// Collect implements [prometheus.Collector].
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	if snapshot, err := c.snapshot(); err != nil {
		c.fail(profileCause, err)
	} else {
		treemetrics.Collect(ch, snapshot)
		if c.depthMetric {
			collectDepths(ch, snapshot.Tree)
		}
	}
	if memory, ok, err := c.memory(); err != nil {
		c.fail(cgroupCause, err)
	} else if ok {
		treemetrics.CollectMemory(ch, memory)
	}
	c.errors.Collect(ch)
}

func (c *collector) fail(cause string, err error) {
	c.errors.WithLabelValues(cause).Inc()
	c.logMu.Lock()
	defer c.logMu.Unlock()
	if c.logged[cause] != err.Error() {
		c.logged[cause] = err.Error()
		c.logger.Warn("stackdepth: metrics are left out of the scrape", "cause", cause, "err", err)
	}
}

// snapshot returns the last snapshot, or takes a new one when that is due.
func (c *collector) snapshot() (treemetrics.Snapshot, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.now()
	// Scrapes come a little early or late. Were one that is early given the last snapshot, every second would be.
	due := c.minInterval - c.minInterval/10
	if !c.last.Taken.IsZero() && taken.Sub(c.last.Taken) < due {
		return c.last, nil
	}
	var profile bytes.Buffer
	if err := c.writeProfile(&profile); err != nil {
		return treemetrics.Snapshot{}, err
	}
	stacks, err := pprofstacks.Parse(&profile)
	if err != nil {
		return treemetrics.Snapshot{}, err
	}
	tree := c.builder.Build(stacks, taken)
	c.last = treemetrics.Snapshot{Tree: tree, Taken: taken, Duration: c.now().Sub(taken)}
	return c.last, nil
}

func collectDepths(ch chan<- prometheus.Metric, tree calltree.Tree) {
	type depth struct {
		depth    int
		function string
	}
	goroutines := map[depth]int64{}
	for _, node := range tree.Nodes {
		goroutines[depth{node.Depth, node.Function}] += node.Goroutines
	}
	for d, n := range goroutines {
		ch <- prometheus.MustNewConstMetric(depthDesc, prometheus.GaugeValue, float64(n), strconv.Itoa(d.depth), d.function)
	}
}
