//go:build linux && (amd64 || arm64)

// Package probecost measures what the probes of package runtimeprobes cost the process that they are in, on this
// machine: uprobes cost several times as much on one as on another, and traps more in a virtual machine.
package probecost

import (
	"bufio"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes"
)

// Costs is what Measure returns. Times are medians of CPU time of the process that is hit.
type Costs struct {
	// SpawnNs is how long it takes to start a goroutine and to end it, in nanoseconds, with no probe.
	SpawnNs float64 `json:"spawn_ns"`
	// UprobeNsEntry is what one hit of an eBPF program that does nothing costs at the entry of a function, in nanoseconds.
	UprobeNsEntry float64 `json:"uprobe_ns_entry"`
	// UprobeNsSite is the same at the instruction that [runtimeprobes.PickSite] chooses.
	UprobeNsSite float64 `json:"uprobe_ns_site"`
	// UprobeNsOurs is what one hit of our own programs costs there, which count creations and exits by function.
	UprobeNsOurs float64 `json:"uprobe_ns_ours"`
	// GrowthEventsPerSecond is how many growth events, each with a stack of 128 frames or less, were received in a second
	// without losing one. It is no more than the target could make on this machine.
	GrowthEventsPerSecond float64 `json:"growth_events_per_second"`
}

// Options say how thoroughly Measure measures. The zero value takes some ten seconds.
type Options struct {
	Rounds int           // of each measurement in turn, so that a slow moment meets all alike; 7 unless set
	Spawns int           // goroutines in each measurement, 20,000 unless set
	Growth time.Duration // for how long stacks grow in each try, 2 s unless set
}

// spawnHits is how many probes one goroutine hits: newproc1 and gdestroy.
const spawnHits = 2

// Measure compiles the target with the go command, in a temporary folder, runs and probes it. The working directory has to
// be in the collector's module.
func Measure(ctx context.Context, o Options) (costs Costs, err error) {
	if o.Rounds == 0 {
		o.Rounds = 7
	}
	if o.Spawns == 0 {
		o.Spawns = 20_000
	}
	if o.Growth == 0 {
		o.Growth = 2 * time.Second
	}
	dir, err := os.MkdirTemp("", "probecost")
	if err != nil {
		return costs, err
	}
	defer os.RemoveAll(dir)
	t, err := start(ctx, dir)
	if err != nil {
		return costs, err
	}
	defer func() { err = errors.Join(err, t.end()) }()
	if err := t.measureSpawns(o, &costs); err != nil {
		return costs, err
	}
	costs.GrowthEventsPerSecond, err = t.measureGrowths(o)
	return costs, err
}

// measureSpawns measures how much longer goroutines take with each kind of probes.
func (t *target) measureSpawns(o Options, costs *Costs) error {
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Type:         ebpf.Kprobe,
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
		License:      "MIT",
	})
	if err != nil {
		return fmt.Errorf("an eBPF program that does nothing: %w", err)
	}
	defer program.Close()
	executable, err := link.OpenExecutable(t.exe.Name())
	if err != nil {
		return err
	}
	// Attached for good, so that no measurement waits for attaching.
	probes, err := runtimeprobes.New(runtimeprobes.Options{HitsPerSecond: math.MaxFloat64, Window: time.Hour, Period: time.Hour})
	if err != nil {
		return err
	}
	defer probes.Close()

	nothing := func() (io.Closer, error) { return closers(nil), nil }
	atEntry := func() (io.Closer, error) { return t.attachAt(executable, program, t.newproc1, t.gdestroy) }
	atSite := func() (io.Closer, error) {
		newproc1, err := t.site(t.newproc1)
		if err != nil {
			return nil, err
		}
		gdestroy, err := t.site(t.gdestroy)
		if err != nil {
			return nil, err
		}
		return t.attachAt(executable, program, newproc1, gdestroy)
	}
	ours := func() (io.Closer, error) {
		return probes.Attach(runtimeprobes.Target{
			PID: t.cmd.Process.Pid, Exe: t.exe, Layout: t.layout,
			Copystack: t.copystack, Newproc1: t.newproc1, Gdestroy: t.gdestroy, Churn: true,
		})
	}

	spawn := func(attach func() (io.Closer, error)) (ns float64, err error) {
		attached, err := attach()
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, attached.Close()) }()
		total, err := t.tell("spawn %d", o.Spawns)
		return float64(total) / float64(o.Spawns), err
	}
	if _, err := spawn(nothing); err != nil { // its first goroutines are dearer
		return err
	}
	var without, entry, site, own []float64
	for round := 0; round < o.Rounds; round++ {
		for _, m := range []struct {
			attach  func() (io.Closer, error)
			results *[]float64
		}{{nothing, &without}, {atEntry, &entry}, {atSite, &site}, {ours, &own}} {
			ns, err := spawn(m.attach)
			if err != nil {
				return err
			}
			*m.results = append(*m.results, ns)
		}
	}
	costs.SpawnNs = median(without)
	costs.UprobeNsEntry = (median(entry) - costs.SpawnNs) / spawnHits
	costs.UprobeNsSite = (median(site) - costs.SpawnNs) / spawnHits
	costs.UprobeNsOurs = (median(own) - costs.SpawnNs) / spawnHits
	return nil
}

// measureGrowths has stacks grow as fast as they can, and if events are lost, more slowly until none is.
func (t *target) measureGrowths(o Options) (perSecond float64, err error) {
	probes, err := runtimeprobes.New(runtimeprobes.Options{HitsPerSecond: math.MaxFloat64, EventsPerSecond: math.MaxFloat64})
	if err != nil {
		return 0, err
	}
	defer probes.Close()
	var told atomic.Uint64
	attachment, err := probes.Attach(runtimeprobes.Target{
		PID: t.cmd.Process.Pid, Exe: t.exe, Layout: t.layout, Copystack: t.copystack,
		OnGrowth: func(runtimeprobes.GrowthEvent) { told.Add(1) },
	})
	if err != nil {
		return 0, err
	}
	for rate := 0.0; ; rate *= 0.8 {
		before, err := attachment.Totals()
		if err != nil {
			return 0, err
		}
		started := time.Now()
		if _, err := t.tell("grow %d %.0f", o.Growth.Milliseconds(), rate); err != nil {
			return 0, err
		}
		lasted := time.Since(started)
		after, err := attachment.Totals()
		if err != nil {
			return 0, err
		}
		for told.Load() < after.EventsSent { // those still in the ring
			time.Sleep(time.Millisecond)
		}
		sent := float64(after.EventsSent - before.EventsSent)
		if after.EventsLost == before.EventsLost {
			return sent / lasted.Seconds(), nil
		}
		if sent == 0 {
			return 0, errors.New("all growth events were lost")
		}
		if rate == 0 {
			rate = float64(after.Grows-before.Grows) / lasted.Seconds()
		}
	}
}

// target is the program ./target, running.
type target struct {
	cmd                           *exec.Cmd
	stdin                         io.WriteCloser
	stdout                        *bufio.Reader
	exe                           *os.File
	layout                        runtimeprobes.Layout
	copystack, newproc1, gdestroy uint64 // file offsets
}

func start(ctx context.Context, dir string) (*target, error) {
	path := filepath.Join(dir, "target")
	build := exec.CommandContext(ctx, "go", "build", "-o", path,
		"github.com/stackpressure/goroutines/collector/internal/runtimeprobes/probecost/target")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling the target: %w\n%s", err, out)
	}
	t := &target{cmd: exec.CommandContext(ctx, path)}
	t.cmd.Stderr = os.Stderr
	var err error
	if t.exe, err = os.Open(path); err != nil {
		return nil, err
	}
	if err := t.find(); err != nil {
		return nil, errors.Join(err, t.exe.Close())
	}
	stdout, err := t.cmd.StdoutPipe()
	if err == nil {
		t.stdout = bufio.NewReader(stdout)
		t.stdin, err = t.cmd.StdinPipe()
	}
	if err == nil {
		err = t.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, t.exe.Close())
	}
	return t, nil
}

// find looks up the functions by the symbols that the target was linked with.
func (t *target) find() error {
	executable, err := goelf.Open(t.exe)
	if err != nil {
		return err
	}
	file, err := elf.NewFile(t.exe)
	if err != nil {
		return err
	}
	symbols, err := file.Symbols()
	if err != nil {
		return err
	}
	wanted := map[string]*uint64{"runtime.copystack": &t.copystack, "runtime.newproc1": &t.newproc1, "runtime.gdestroy": &t.gdestroy}
	for _, s := range symbols {
		if offset := wanted[s.Name]; offset != nil {
			*offset, _ = executable.FileOffset(s.Value)
		}
	}
	t.layout = runtimeprobes.LayoutOf(executable.Layout.G)
	return nil
}

// site returns the file offset of the site in a function.
func (t *target) site(function uint64) (uint64, error) {
	code := make([]byte, 64)
	if _, err := t.exe.ReadAt(code, int64(function)); err != nil {
		return 0, err
	}
	at, err := runtimeprobes.PickSite(code, runtime.GOARCH)
	return function + at, err
}

// attachAt attaches a program at file offsets.
func (t *target) attachAt(executable *link.Executable, program *ebpf.Program, offsets ...uint64) (closers, error) {
	var links closers
	for _, offset := range offsets {
		l, err := executable.Uprobe("", program, &link.UprobeOptions{Address: offset, PID: t.cmd.Process.Pid})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("a uprobe at offset %#x: %w", offset, err), links.Close())
		}
		links = append(links, l)
	}
	return links, nil
}

// tell gives the target a command and returns its answer.
func (t *target) tell(format string, args ...any) (int64, error) {
	if _, err := fmt.Fprintf(t.stdin, format+"\n", args...); err != nil {
		return 0, fmt.Errorf("the target does not listen: %w", err)
	}
	line, err := t.stdout.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("the target does not answer: %w", err)
	}
	return strconv.ParseInt(strings.TrimSpace(line), 10, 64)
}

// end has the target end by itself.
func (t *target) end() error {
	return errors.Join(t.stdin.Close(), t.cmd.Wait(), t.exe.Close())
}

type closers []io.Closer

func (c closers) Close() error {
	var errs []error
	for _, closer := range c {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}
