//go:build amd64 || arm64

package agent

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"

	"github.com/stackpressure/goroutines/collector/internal/cgroupmem"
	"github.com/stackpressure/goroutines/collector/internal/discovery"
	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes"
)

// Options are what the command line decides.
type Options struct {
	Finder *discovery.Finder
	// Probes count growth, and with Churn creations and exits. nil where eBPF may not be used.
	Probes *runtimeprobes.Probes
	Churn  bool
	// ForceTrees exports the trees of programs too that export theirs by our library.
	ForceTrees bool
	// Interval is the least time between two readings of a process. Large processes, or many, are read less often.
	Interval time.Duration
	// CPUShare is how much of one processor the agent may use on average: 0.02 for two percent.
	CPUShare float64
	// TimeoutOffset is what is left of Prometheus' scrape time-out to answer it.
	TimeoutOffset time.Duration
	Proc          string // where procfs is mounted, "/proc"
	Cgroups       cgroupmem.Reader
	Logger        *slog.Logger
	Registerer    prometheus.Registerer
}

const (
	// tick is how often the agent looks for new processes, and at the largest stacks.
	tick = time.Second
	// maxWait is when a process that cannot be read is tried again, at the latest.
	maxWait = 5 * time.Minute
)

// Agent reads the processes that its finder knows.
type Agent struct {
	options Options
	metrics metrics
	budget  budget

	mu        sync.RWMutex
	processes map[string]*process // by discovery.Process.ID
}

// New returns an agent that has read nothing yet. Its metrics are registered with the options' Registerer.
func New(options Options) *Agent {
	a := &Agent{options: options, budget: budget{share: options.CPUShare}, processes: map[string]*process{}}
	a.metrics = newMetrics(options.Registerer, a)
	return a
}

// Run reads processes until the context ends. Close the options' Probes then, which detaches from all at the same time.
func (a *Agent) Run(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		a.round(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// round looks which processes there are, and reads those whose turn it is, for as long as the budget allows.
func (a *Agent) round(ctx context.Context) {
	a.find()
	a.budget.update(time.Now(), usedCPU())
	for _, p := range a.inTurn() {
		if ctx.Err() != nil || !a.budget.isLeft() {
			return
		}
		switch now := time.Now(); {
		case p.scanned.IsZero() || now.Sub(p.scanned) >= p.wait:
			p.scan()
		case now.Sub(p.refresh) >= tick-tick/10:
			p.refreshLargest()
		}
		a.budget.update(time.Now(), usedCPU())
	}
}

// find takes the processes from the finder.
func (a *Agent) find() {
	found, err := a.options.Finder.Refresh()
	if err != nil {
		a.options.Logger.Error("Processes cannot be found", "err", err)
		return
	}
	var gone []*process
	a.mu.Lock()
	there := make(map[string]bool, len(found))
	for _, f := range found {
		there[f.ID()] = true
		known := a.processes[f.ID()]
		if known != nil && known.found.Generation == f.Generation {
			continue
		}
		if known != nil { // it runs another program now, or has other labels
			gone = append(gone, known)
		}
		a.processes[f.ID()] = newProcess(a, f)
	}
	for id, p := range a.processes {
		if !there[id] {
			gone = append(gone, p)
			delete(a.processes, id)
		}
	}
	a.mu.Unlock()
	for _, p := range gone {
		go p.close() // the kernel takes some 100 ms
	}
}

func (a *Agent) all() []*process {
	a.mu.RLock()
	defer a.mu.RUnlock()
	processes := make([]*process, 0, len(a.processes))
	for _, p := range a.processes {
		processes = append(processes, p)
	}
	return processes
}

// inTurn returns the processes, first those that have not been read for the longest time.
func (a *Agent) inTurn() []*process {
	processes := a.all()
	slices.SortFunc(processes, func(a, b *process) int {
		return cmp.Or(a.scanned.Compare(b.scanned), cmp.Compare(a.found.PID, b.found.PID))
	})
	return processes
}

// lookup returns the process that has the [discovery.Process.ID].
func (a *Agent) lookup(id string) (*process, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	p, ok := a.processes[id]
	return p, ok
}

// ofContainer returns the process of the container that was started first.
func (a *Agent) ofContainer(id string) (first *process, ok bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, p := range a.processes {
		if p.found.Labels["container_id"] == id && (first == nil || p.found.StartTime < first.found.StartTime) {
			first = p
		}
	}
	return first, first != nil
}

func (a *Agent) logger(p *process) *slog.Logger {
	return a.options.Logger.With("process", p.found.ID(), "command", p.found.Command)
}

// usedCPU returns the processor time that this process has had, user and system.
func usedCPU() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
