//go:build amd64 || arm64

package agent

import (
	"cmp"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/discovery"
	"github.com/stackpressure/goroutines/collector/internal/goelf"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes"
	"github.com/stackpressure/goroutines/collector/internal/treemetrics"
)

// Causes for which a process is not read, beside those of goelf and goscan.
const (
	notYet = "not_yet" // its turn has not come
	failed = "failed"  // anything that is not foreseen
)

// library is a function that every program has that exports its own call tree by our library.
const library = "github.com/stackpressure/goroutines/collector/stackdepth.NewCollector"

// The functions of the runtime that are probed.
const (
	copystack = "runtime.copystack"
	newproc1  = "runtime.newproc1"
	gdestroy  = "runtime.gdestroy"
)

// reading is what a process last said.
type reading struct {
	snapshot treemetrics.Snapshot
	stacks   treemetrics.Stacks
	cause    string // why there is neither, "" if there are
	text     string
}

// process is one process that is read. Only the agent's loop calls its methods, but for those that say otherwise.
type process struct {
	found   *discovery.Process
	agent   *Agent
	scanner *goscan.Process // nil before the first attempt, and while it fails
	builder *calltree.Builder
	scanned time.Time // the last attempt
	wait    time.Duration
	refresh time.Time // when the largest stacks were read last

	first  chan struct{} // closed when there is a reading
	latest atomic.Pointer[reading]
	grown  grown

	mu         sync.Mutex // of what follows, which probes read too
	attachment *runtimeprobes.Attachment
	functions  *goelf.Functions
	names      map[uint64]string // of functions, by program counter
	elsewhere  bool
	grows      counters
	growBytes  counters
	creations  counters
	exits      counters
}

func newProcess(a *Agent, found *discovery.Process) *process {
	return &process{
		found: found, agent: a, builder: calltree.NewBuilder(), wait: a.options.Interval,
		first: make(chan struct{}), names: map[uint64]string{},
	}
}

// scan reads the goroutines, and publishes what it found or why it could not.
func (p *process) scan() {
	defer func() { p.scanned = time.Now() }()
	snapshot, err := p.read()
	if err != nil {
		p.fail(err)
		return
	}
	p.wait = p.agent.options.Interval
	tree := p.builder.Build(snapshot.Stacks, snapshot.Taken)
	tree.FramesMax = snapshot.FramesMax // of before recursion was folded
	took := time.Since(snapshot.Taken)
	p.agent.metrics.scans.Inc()
	p.agent.metrics.duration.Observe(took.Seconds())
	p.publish(&reading{
		snapshot: treemetrics.Snapshot{Tree: tree, Taken: snapshot.Taken, Duration: took, KnowsBytes: true, IsElsewhere: p.elsewhere},
		stacks: treemetrics.Stacks{
			Sizes: snapshot.Sizes, SystemBytes: snapshot.SystemBytes, DeadBytes: snapshot.DeadBytes, Waits: snapshot.Waits,
			Largest: largest(snapshot.Largest),
		},
	})
	p.refresh = time.Now()
}

func (p *process) read() (*goscan.Snapshot, error) {
	if p.scanner == nil {
		if err := p.open(); err != nil {
			return nil, err
		}
	}
	snapshot, err := p.scanner.Scan(goscan.Stacks)
	if err != nil {
		p.scanner = nil
	}
	return snapshot, err
}

// open finds the runtime in the process. The executable's tables are read again for each process, and not kept: that takes
// some milliseconds, and processes come and go seldom.
func (p *process) open() error {
	executable, err := goelf.Open(p.found.Exe)
	if err != nil {
		return err
	}
	scanner, err := goscan.Open(p.agent.options.Proc, p.found.PID, executable)
	if err != nil {
		return err
	}
	functions, err := scanner.Functions().Find(library, copystack, newproc1, gdestroy)
	if err != nil {
		return err
	}
	_, links := functions[library]
	p.mu.Lock()
	p.functions = scanner.Functions()
	p.elsewhere = links && !p.agent.options.ForceTrees
	p.mu.Unlock()
	p.scanner = scanner
	if p.elsewhere {
		p.agent.logger(p).Info("The program links our library: its call tree is left to that, and only what else the agent knows is exported. " +
			"If it does not register the library's collector, use --agent.force-trees")
	}
	p.attach(executable, functions)
	return nil
}

// attach attaches the uprobes. What the scan tells does not depend on them, so that a failure is only logged.
func (p *process) attach(executable *goelf.Executable, functions map[string]goelf.Function) {
	if p.agent.options.Probes == nil || p.attachment != nil {
		return
	}
	bias := p.scanner.Functions().Module().Bias
	offset := func(name string) uint64 {
		offset, _ := executable.FileOffset(functions[name].Entry - bias)
		return offset // 0 if it is not there, which runtimeprobes tells of
	}
	attachment, err := p.agent.options.Probes.Attach(runtimeprobes.Target{
		PID:       p.found.PID,
		Exe:       p.found.Exe,
		Layout:    runtimeprobes.LayoutOf(executable.Layout.G),
		Copystack: offset(copystack), Newproc1: offset(newproc1), Gdestroy: offset(gdestroy),
		Churn:    p.agent.options.Churn,
		OnGrowth: func(e runtimeprobes.GrowthEvent) { p.grown.add(e.G) },
		// Smaller ones are not among the largest of a process that has any that matter.
		MinEventBytes: 32 << 10,
		MaxFrames:     1, // the scan reads the stack
	})
	if err != nil {
		p.agent.metrics.probeFailures.Inc()
		p.agent.logger(p).Warn("Growth of stacks is not counted for this process", "err", err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.attachment = attachment
}

// refreshLargest reads the largest stacks again.
func (p *process) refreshLargest() {
	before := p.latest.Load()
	if p.scanner == nil || before == nil || before.cause != "" {
		return
	}
	p.refresh = time.Now()
	goroutines, err := p.scanner.Largest(p.grown.take())
	if err != nil {
		return // the next scan tells why
	}
	now := *before
	now.stacks.Largest = largest(goroutines)
	p.latest.Store(&now)
}

// fail publishes why the process is not read, and when it is tried again.
func (p *process) fail(err error) {
	cause := failed
	var known *goscan.Error
	switch {
	case errors.As(err, &known):
		cause = known.Cause
	case errors.Is(err, fs.ErrClosed):
		cause = goscan.Gone
	}
	before := p.latest.Load()
	if before == nil || before.cause != cause {
		level := p.agent.logger(p).Warn
		if cause == goscan.Gone {
			level = p.agent.logger(p).Debug
		}
		level("The process is not read", "cause", cause, "err", err)
	}
	p.agent.metrics.errors.WithLabelValues(cause).Inc()
	// A process that has just started becomes readable within seconds, what cannot be read for its version never does.
	p.wait = min(cmp.Or(p.wait*2, time.Second), maxWait)
	p.publish(&reading{cause: cause, text: err.Error()})
}

func (p *process) publish(r *reading) {
	isFirst := p.latest.Load() == nil
	p.latest.Store(r)
	if isFirst {
		close(p.first)
	}
}

// close detaches from the process.
func (p *process) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.attachment != nil {
		if err := p.attachment.Close(); err != nil {
			p.agent.logger(p).Debug("Detaching failed", "err", err)
		}
	}
}

// churn returns the counters that the uprobes of the process keep. It may be called at any time.
func (p *process) churn() (treemetrics.Churn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.attachment == nil {
		return treemetrics.Churn{}, nil
	}
	growth, err := p.attachment.Growth()
	if err != nil {
		return treemetrics.Churn{}, err
	}
	grows, growBytes := map[string]float64{}, map[string]float64{}
	for pc, n := range growth {
		function := p.function(pc, outermost)
		grows[function] += float64(n.Grows)
		growBytes[function] += float64(n.Bytes)
	}
	churn := treemetrics.Churn{Grows: p.grows.bound(grows), GrowBytes: p.growBytes.bound(growBytes)}
	if !p.agent.options.Churn {
		return churn, nil
	}
	created, err := p.attachment.Creations()
	if err != nil {
		return treemetrics.Churn{}, err
	}
	ended, err := p.attachment.Exits()
	if err != nil {
		return treemetrics.Churn{}, err
	}
	churn.Creations = p.creations.bound(p.byFunction(created))
	churn.Exits = p.exits.bound(p.byFunction(ended))
	return churn, nil
}

func (p *process) byFunction(counts map[uint64]runtimeprobes.ChurnCount) map[string]float64 {
	byFunction := map[string]float64{}
	for pc, n := range counts {
		byFunction[p.function(pc, innermost)] += n.Scaled
	}
	return byFunction
}

// Which of the functions that are active at a program counter is meant: with a call that was inlined, there are several.
type position int

const (
	outermost position = iota // whose code it is: its frame is what a larger stack was needed for
	innermost                 // which has the go statement
)

// function returns the name of a function, by a return address in it.
func (p *process) function(pc uint64, which position) string {
	if pc == runtimeprobes.Other {
		return otherFunctions
	}
	key := pc<<1 | uint64(which)
	if name, ok := p.names[key]; ok {
		return name
	}
	name := calltree.Unknown
	if frame, ok, err := p.functions.Frame(pc, true); err == nil && ok && len(frame.Functions) > 0 {
		name = calltree.CleanName(frame.Functions[0])
		if which == innermost {
			name = calltree.CleanName(frame.Functions[len(frame.Functions)-1])
		}
	}
	p.names[key] = name
	return name
}

// state returns what the uprobes of the process do. It may be called at any time.
func (p *process) state() (state runtimeprobes.State, totals runtimeprobes.Totals, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.attachment == nil {
		return state, totals, false
	}
	totals, err := p.attachment.Totals()
	return p.attachment.State(), totals, err == nil
}

func largest(goroutines []goscan.Goroutine) []treemetrics.Stack {
	var stacks []treemetrics.Stack
	for _, g := range goroutines {
		stacks = append(stacks, treemetrics.Stack{GoID: g.ID, Bytes: g.Size, Function: g.Start})
	}
	return stacks
}

// grown are the goroutines whose stacks have grown since they were last asked for, by address.
type grown struct {
	mu        sync.Mutex
	addresses map[uint64]bool
}

// maxGrown is as many as are read again between two scans.
const maxGrown = 512

func (g *grown) add(address uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.addresses == nil {
		g.addresses = map[uint64]bool{}
	}
	if len(g.addresses) < maxGrown {
		g.addresses[address] = true
	}
}

func (g *grown) take() []uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	var addresses []uint64
	for address := range g.addresses {
		addresses = append(addresses, address)
	}
	clear(g.addresses)
	return addresses
}
