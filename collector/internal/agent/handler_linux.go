//go:build amd64 || arm64

package agent

import (
	"bytes"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/stackpressure/goroutines/collector/internal/cgroupmem"
	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes"
	"github.com/stackpressure/goroutines/collector/internal/scrape"
	"github.com/stackpressure/goroutines/collector/internal/treemetrics"
)

// ServeHTTP answers /probe?process=PID-STARTTIME[&debug=true], and for who finds pods by Prometheus' own discovery and not by
// /sd, /probe?container_id=ID: of the Go process of a container of this host, the one that was started first if it has more.
//
//	400   no process is named
//	404   the agent knows none of that name: it has ended, was left out, or never was
//	200   anything else: probe_success tells whether the process's goroutines could be read
func (a *Agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	query := r.URL.Query()
	var p *process
	var ok bool
	switch id, container := query.Get("process"), query.Get("container_id"); {
	case (id == "") == (container == ""):
		http.Error(w, "give one of the parameters process and container_id: /probe?process=PID-STARTTIME, as listed at /sd", http.StatusBadRequest)
		return
	case id != "":
		p, ok = a.lookup(id)
	default:
		_, bare, found := strings.Cut(container, "://") // as Kubernetes has it: containerd://4e5f…
		if !found {
			bare = container
		}
		p, ok = a.ofContainer(bare)
	}
	if !ok {
		http.Error(w, "no such process: it has ended, is left out by a filter, or is not Go's; /sd lists those that there are", http.StatusNotFound)
		return
	}
	timeout, err := scrape.Timeout(r.Header, a.options.TimeoutOffset)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case <-p.first:
	case <-time.After(timeout):
	case <-r.Context().Done():
	}
	answer := a.answer(p, start)
	if answer.reading.cause != "" {
		a.metrics.probeErrors.WithLabelValues(answer.reading.cause).Inc()
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(answer)
	if query.Get("debug") == "true" {
		scrape.WriteDebug(w, answer.log(p), registry)
		return
	}
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// answer is what a probe tells Prometheus.
type answer struct {
	reading  reading
	churn    treemetrics.Churn
	memory   cgroupmem.Memory
	accounts bool // the memory is there
	attached bool // uprobes are, or were, so that there is a state
	state    runtimeprobes.State
	totals   runtimeprobes.Totals
	errors   []error // of what is left out
	duration time.Duration
}

func (a *Agent) answer(p *process, start time.Time) answer {
	latest := p.latest.Load()
	if latest == nil {
		latest = &reading{cause: notYet, text: "the process has not been read yet: its turn comes when the agent has read others, within its share of a processor"}
	}
	answer := answer{reading: *latest}
	if latest.cause == "" {
		var err error
		if answer.churn, err = p.churn(); err != nil {
			answer.errors = append(answer.errors, err)
		}
		if answer.memory, answer.accounts, err = a.options.Cgroups.Process(p.found.PID); err != nil {
			answer.errors = append(answer.errors, err)
		}
		answer.state, answer.totals, answer.attached = p.state()
	}
	answer.duration = time.Since(start)
	return answer
}

var (
	attached = prometheus.NewDesc("goroutine_stack_exporter_uprobes_attached",
		"Whether uprobes count what happens in the process now: 0 when they were detached as they were hit too often.", []string{"kind"}, nil)
	detachments = prometheus.NewDesc("goroutine_stack_exporter_uprobe_detachments_total",
		"How often uprobes were detached as they were hit too often. What happens meanwhile is not counted.", []string{"kind"}, nil)
	shrinks = prometheus.NewDesc("goroutine_stack_exporter_stack_shrinks_total",
		"Stacks that the garbage collector made smaller.", nil, nil)
)

// Describe implements prometheus.Collector.
func (a answer) Describe(ch chan<- *prometheus.Desc) {
	treemetrics.DescribeProbe(ch)
	treemetrics.Describe(ch)
	treemetrics.DescribeStacks(ch)
	treemetrics.DescribeMemory(ch)
	ch <- attached
	ch <- detachments
	ch <- shrinks
}

// Collect implements prometheus.Collector.
func (a answer) Collect(ch chan<- prometheus.Metric) {
	treemetrics.CollectProbe(ch, a.reading.cause, a.duration)
	if a.reading.cause != "" {
		return
	}
	treemetrics.Collect(ch, a.reading.snapshot)
	treemetrics.CollectStacks(ch, a.reading.stacks)
	treemetrics.CollectChurn(ch, a.churn)
	if a.accounts {
		treemetrics.CollectMemory(ch, a.memory)
	}
	if !a.attached {
		return
	}
	ch <- prometheus.MustNewConstMetric(shrinks, prometheus.CounterValue, float64(a.totals.Shrinks))
	for kind, state := range map[string]runtimeprobes.ProbeState{"growth": a.state.Growth, "churn": a.state.Churn} {
		if state.Status == runtimeprobes.Off {
			continue
		}
		is := 0.0
		if state.Status == runtimeprobes.Attached || state.Status == runtimeprobes.Resting {
			is = 1
		}
		ch <- prometheus.MustNewConstMetric(attached, prometheus.GaugeValue, is, kind)
		ch <- prometheus.MustNewConstMetric(detachments, prometheus.CounterValue, float64(state.Detachments), kind)
	}
}

// log says how the probe went, for debug=true.
func (a answer) log(p *process) string {
	var text bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})).
		With("process", p.found.ID(), "command", p.found.Command, "go", p.found.GoVersion)
	if a.reading.cause != "" {
		logger.Warn("Probe failed", "cause", a.reading.cause, "err", a.reading.text)
		return text.String()
	}
	logger.Debug("Probe succeeded", "age", time.Since(a.reading.snapshot.Taken).Round(time.Millisecond), "scan", a.reading.snapshot.Duration,
		"nodes", strconv.Itoa(len(a.reading.snapshot.Tree.Nodes)), "tree_elsewhere", a.reading.snapshot.IsElsewhere,
		"growth_probes", a.state.Growth, "churn_probes", a.state.Churn)
	for _, err := range a.errors {
		logger.Warn("Metrics are left out", "err", err)
	}
	return text.String()
}
