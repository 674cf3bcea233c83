//go:build linux && (amd64 || arm64)

package runtimeprobes

import (
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// Other is the program counter under which counters keep what [Options].MaxFunctions left no room for. No function
// is there.
const Other uint64 = 0

// ErrExited tells that the process of a target has ended, or runs another executable.
var ErrExited = errors.New("the process has ended, or runs another executable")

// Layout is where the fields of runtime.g are in the target, in bytes from its beginning. It differs from one version of Go
// to the next.
type Layout struct {
	StackLo, StackHi uint32 // g.stack
	SchedSP          uint32 // g.sched.sp, and so on
	SchedPC          uint32
	SchedBP          uint32
	SchedLR          uint32 // of use on arm64 alone
	Goid             uint32
	Gopc             uint32 // where the goroutine was started
}

// LayoutOf returns the layout of an executable's runtime.g.
func LayoutOf(g goelf.GLayout) Layout {
	return Layout{
		StackLo: uint32(g.StackLo), StackHi: uint32(g.StackHi),
		SchedSP: uint32(g.SchedSP), SchedPC: uint32(g.SchedPC), SchedBP: uint32(g.SchedBP), SchedLR: uint32(g.SchedLR),
		Goid: uint32(g.GoID), Gopc: uint32(g.GoPC),
	}
}

// Target is a process to attach to, and what is known of its executable. A function is given by the offset of its first
// instruction in the file.
type Target struct {
	PID int // in the pid namespace of this process's /proc
	// Exe is the executable in which the functions were found. Attach opens it once more, so that it may be closed
	// afterwards, and refuses if the process has come to run another.
	Exe       *os.File
	Layout    Layout
	Copystack uint64 // runtime.copystack
	// Churn asks for creations and exits too.
	Churn    bool
	Newproc1 uint64 // runtime.newproc1, with Churn
	Gdestroy uint64 // runtime.gdestroy, with Churn
	// OnGrowth gets growth events, one at a time with those of all other targets, some 100 ms late. It should be quick, must
	// not close an attachment, and is not called after Close has returned. nil if counters are enough.
	OnGrowth func(GrowthEvent)
	// MinEventBytes is the size of the new stack from which growths are told. They are counted in any case.
	MinEventBytes uint64
	// MaxFrames is how many frames of the stack a growth event has at most: 1 to 128, and 128 unless set. One frame takes
	// some 80 ns of the target's time.
	MaxFrames int
}

// GrowthCount counts changes of the size of stacks.
type GrowthCount struct {
	Grows uint64
	Bytes uint64 // by which they grew together
}

// Totals are counters of one target since it was attached.
type Totals struct {
	Grows, GrowBytes     uint64 // by copystack to a larger stack
	Shrinks, ShrinkBytes uint64 // by copystack to a smaller one
	Creations, Exits     uint64 // seen within windows, not scaled
	EventsSent           uint64 // growth events
	EventsLost           uint64 // those for which there was no room in the ring
	EventsSkipped        uint64 // those beyond Options.EventsPerSecond
	Unreadable           uint64 // hits that count nowhere else, as a field of g could not be read
}

// Status says whether probes are attached, and if not, why.
type Status string

const (
	Off        Status = "off"         // not asked for
	Attached   Status = "attached"    //
	Resting    Status = "resting"     // between two windows
	OverBudget Status = "over budget" // hit more often than Options.HitsPerSecond allows; tried again
	Failed     Status = "failed"      // could not be attached again; tried again
	Exited     Status = "exited"      // the process has ended, or runs another executable
	Closed     Status = "closed"      //
)

// ProbeState is the state of one kind of probes of a target.
type ProbeState struct {
	Status  Status
	Reason  string    // for a person, "" if all is well
	RetryAt time.Time // of OverBudget and Failed
	// Detachments is how often they were over budget.
	Detachments uint64
}

// State is the state of a target's probes. What happens while they are off for their rate is not counted.
type State struct {
	Growth ProbeState
	Churn  ProbeState
}

// probe is one uprobe of one target.
type probe struct {
	function string
	site     uint64 // in the file
	program  *ebpf.Program
	link     link.Link // nil while detached
	since    time.Time // of link
}

// churnProbe is a probe that counts by program counter, and what its windows have amounted to.
type churnProbe struct {
	probe
	counts  *ebpf.Map
	counter churnCounter // guarded by Attachment.mu
}

// Attachment is the probes of one process. Safe for concurrent use.
type Attachment struct {
	probes     *Probes
	target     Target
	number     uint32
	exe        *os.File
	exeInfo    os.FileInfo
	executable *link.Executable
	pidfd      int

	totals       *ebpf.Map
	growthCounts *ebpf.Map
	// eventsAllowed belongs to watchGrowth, once it runs.
	eventsAllowed *ebpf.Map
	// growth belongs to watchGrowth, the others to watchChurn: nothing else attaches or detaches.
	growth           probe
	creations, exits churnProbe

	stop     context.CancelFunc
	watchers sync.WaitGroup

	delivery sync.Mutex
	muted    bool

	closing  sync.Once
	closeErr error

	mu          sync.Mutex
	state       State
	closed      bool
	periodStart time.Time // when what the next window stands for began
}

// Attach attaches the probes to a process, which takes some 20 ms. If there is an error, nothing is attached. Close it also
// when the process has ended, as it holds the executable and some 200 kB of kernel memory, 600 kB with Churn. To close
// takes some 100 to 300 ms.
func (p *Probes) Attach(t Target) (*Attachment, error) {
	if err := p.begin(); err != nil {
		return nil, err
	}
	defer p.attaching.Done()
	a := &Attachment{probes: p, target: t, pidfd: -1}
	if err := a.attach(); err != nil {
		return nil, errors.Join(fmt.Errorf("process %d: %w", t.PID, err), a.release())
	}
	return a, nil
}

func (a *Attachment) attach() error {
	if err := a.open(); err != nil {
		return err
	}
	if err := a.pickSites(); err != nil {
		return err
	}
	a.probes.add(a)
	if err := a.load(); err != nil {
		return err
	}
	if err := a.allowEvents(a.probes.options.EventsPerSecond); err != nil {
		return err
	}
	if err := a.install(&a.growth); err != nil {
		return err
	}
	a.state = State{Growth: ProbeState{Status: Attached}, Churn: ProbeState{Status: Off}}
	if a.target.Churn {
		if err := a.openWindow(); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	a.watchers.Add(1)
	go a.watchGrowth(ctx)
	if a.target.Churn {
		a.watchers.Add(1)
		go a.watchChurn(ctx)
	}
	return nil
}

// open takes hold of the process and of its executable. Both are held by descriptor from now on: a number or a path may
// come to mean another process or file, and a breakpoint at an offset of another file would destroy its code.
func (a *Attachment) open() (err error) {
	if a.pidfd, err = unix.PidfdOpen(a.target.PID, 0); err != nil {
		if errors.Is(err, unix.ESRCH) {
			return ErrExited
		}
		return fmt.Errorf("pidfd_open: %w", err)
	}
	if a.target.Exe == nil {
		return errors.New("give the executable in which the functions were found")
	}
	if a.exe, err = os.Open(fmt.Sprintf("/proc/self/fd/%d", a.target.Exe.Fd())); err != nil {
		return fmt.Errorf("opening the executable once more: %w", err)
	}
	a.target.Exe = nil // the caller's
	ours, err := a.exe.Stat()
	if err != nil {
		return fmt.Errorf("the executable: %w", err)
	}
	running, err := os.Stat(fmt.Sprintf("/proc/%d/exe", a.target.PID))
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("looking at its executable takes CAP_SYS_PTRACE: %w", err)
	}
	if err != nil {
		return fmt.Errorf("looking at its executable: %w", err)
	}
	if !os.SameFile(ours, running) {
		return errors.New("it runs another executable by now: look for the functions in that one")
	}
	a.exeInfo = ours
	a.executable, err = link.OpenExecutable(fmt.Sprintf("/proc/self/fd/%d", a.exe.Fd()))
	return err
}

// pickSites refuses an executable in which the given offsets do not look like functions.
func (a *Attachment) pickSites() error {
	if err := checkMachine(a.exe); err != nil {
		return err
	}
	a.growth = probe{function: "runtime.copystack", site: a.target.Copystack}
	a.creations.probe = probe{function: "runtime.newproc1", site: a.target.Newproc1}
	a.exits.probe = probe{function: "runtime.gdestroy", site: a.target.Gdestroy}
	wanted := []*probe{&a.growth}
	if a.target.Churn {
		wanted = append(wanted, &a.creations.probe, &a.exits.probe)
	}
	for _, p := range wanted {
		if p.site == 0 {
			return fmt.Errorf("%s: its offset is missing", p.function)
		}
		code := make([]byte, prologueBytes)
		n, err := a.exe.ReadAt(code, int64(p.site))
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: offset %#x: %w", p.function, p.site, err)
		}
		offset, err := PickSite(code[:n], runtime.GOARCH)
		if err != nil {
			return fmt.Errorf("%s: offset %#x: %w", p.function, p.site, err)
		}
		p.site += offset
	}
	l := a.target.Layout
	if l.StackLo == l.StackHi || l.SchedPC == 0 || l.SchedSP == 0 || l.SchedBP == 0 || l.Goid == 0 || l.Gopc == 0 {
		return fmt.Errorf("the layout of runtime.g is incomplete: %+v", l)
	}
	if a.target.MaxFrames == 0 {
		a.target.MaxFrames = maxFrames
	}
	if a.target.MaxFrames < 0 || a.target.MaxFrames > maxFrames {
		return fmt.Errorf("MaxFrames is %d: it has to be 1 to %d", a.target.MaxFrames, maxFrames)
	}
	return nil
}

// checkMachine refuses 32-bit executables, which pass arguments on the stack, and those of another architecture. It reads
// the ELF header alone, as debug/elf is not meant for files that want to do harm.
func checkMachine(exe io.ReaderAt) error {
	var header [20]byte
	if _, err := exe.ReadAt(header[:], 0); err != nil {
		return fmt.Errorf("reading the ELF header: %w", err)
	}
	want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH]
	class, machine := elf.Class(header[elf.EI_CLASS]), elf.Machine(binary.LittleEndian.Uint16(header[18:])) // e_machine
	if class != elf.ELFCLASS64 || machine != want {
		return fmt.Errorf("its executable is for %v (%v), and only %v can be probed here", machine, class, want)
	}
	return nil
}

// load makes the target's own copy of the programs and of the counters.
func (a *Attachment) load() error {
	spec := a.probes.spec.Copy()
	settings := bpfTargetSettings{
		Target:        a.number,
		MinEventBytes: a.target.MinEventBytes,
		WakeupBytes:   uint64(a.probes.options.RingBytes / 4),
	}
	if a.target.OnGrowth != nil {
		settings.MaxFrames = uint32(a.target.MaxFrames)
	}
	l := a.target.Layout
	settings.G.StackLo, settings.G.StackHi = l.StackLo, l.StackHi
	settings.G.SchedSp, settings.G.SchedPc, settings.G.SchedBp, settings.G.SchedLr = l.SchedSP, l.SchedPC, l.SchedBP, l.SchedLR
	settings.G.Goid, settings.G.Gopc = l.Goid, l.Gopc
	if err := spec.Variables["settings"].Set(settings); err != nil {
		return fmt.Errorf("setting the constants of the eBPF programs: %w", err)
	}
	if !a.target.Churn {
		for _, name := range []string{"newproc1", "gdestroy"} {
			delete(spec.Programs, name)
		}
		for _, name := range []string{"creation_counts", "exit_counts"} {
			delete(spec.Maps, name)
		}
	}
	if a.probes.multi {
		for _, p := range spec.Programs {
			p.AttachType = ebpf.AttachTraceUprobeMulti
		}
	}
	loaded, err := ebpf.NewCollectionWithOptions(spec, ebpf.CollectionOptions{
		MapReplacements: map[string]*ebpf.Map{"events": a.probes.events},
	})
	if errors.Is(err, unix.EPERM) {
		return bpfNotPermitted(err)
	}
	if err != nil {
		return fmt.Errorf("loading the eBPF programs: %w", err)
	}
	defer loaded.Close() // but for what is taken out here
	a.growth.program = loaded.DetachProgram("copystack")
	a.growthCounts = loaded.DetachMap("grow_counts")
	a.totals = loaded.DetachMap("totals_of_target")
	a.eventsAllowed = loaded.DetachMap("events_allowed")
	a.creations.program, a.creations.counts = loaded.DetachProgram("newproc1"), loaded.DetachMap("creation_counts")
	a.exits.program, a.exits.counts = loaded.DetachProgram("gdestroy"), loaded.DetachMap("exit_counts")
	return nil
}

// install attaches one probe. The kernel refuses what it cannot probe, and filters by the process's memory, so
// that the program runs for all its threads and for nothing else that runs the same file.
func (a *Attachment) install(p *probe) error {
	var l link.Link
	var err error
	if a.probes.multi {
		l, err = a.executable.UprobeMulti(nil, p.program, &link.UprobeMultiOptions{Addresses: []uint64{p.site}, PID: uint32(a.target.PID)})
	} else {
		l, err = a.executable.Uprobe(p.function, p.program, &link.UprobeOptions{Address: p.site, PID: a.target.PID})
	}
	if a.exited() {
		// The number may be another process's by now.
		if err == nil {
			l.Close()
		}
		return ErrExited
	}
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		return fmt.Errorf("%s: attaching is not permitted any more: keep the capabilities that New had: %w", p.function, err)
	}
	if err != nil {
		return fmt.Errorf("%s: attaching at offset %#x: %w", p.function, p.site, err)
	}
	p.link, p.since = l, time.Now()
	return nil
}

// remove detaches probes, at the same time, as the kernel waits for each, some 90 ms, until nothing can be in its program
// any more.
func (a *Attachment) remove(probes ...*probe) {
	var removals sync.WaitGroup
	for _, p := range probes {
		if p.link == nil {
			continue
		}
		removals.Add(1)
		go func() {
			defer removals.Done()
			if err := p.link.Close(); err != nil {
				a.probes.options.Logger.Error("A probe may still be attached.", "pid", a.target.PID, "function", p.function, "err", err)
			}
			p.link = nil
		}()
	}
	removals.Wait()
}

// exited tells whether the process has ended, even if its number is in use again, or runs another executable.
func (a *Attachment) exited() bool {
	running, err := os.Stat(fmt.Sprintf("/proc/%d/exe", a.target.PID))
	if err == nil && !os.SameFile(a.exeInfo, running) {
		return true
	}
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(a.pidfd), Events: unix.POLLIN}}, 0)
		if !errors.Is(err, unix.EINTR) {
			return err == nil && n == 1
		}
	}
}

// watchGrowth keeps the probe of copystack within its budget until ctx ends or the process does.
func (a *Attachment) watchGrowth(ctx context.Context) {
	defer a.watchers.Done()
	o := a.probes.options
	backOff := backOff{options: o}
	events := eventBudget{perSecond: o.EventsPerSecond, left: o.EventsPerSecond}
	seen, at := hits{}, time.Now()
	for wait(ctx, o.CheckEvery) {
		if a.exited() {
			a.remove(&a.growth)
			a.set(&a.state.Growth, ProbeState{Status: Exited, Reason: ErrExited.Error()})
			return
		}
		now, elapsed := a.hits(), time.Since(at)
		if err := a.allowEvents(float64(now.events) + events.after(elapsed, now.events)); err != nil {
			o.Logger.Error("Growth events may stop; counters go on.", "pid", a.target.PID, "err", err)
		}
		if rate := float64(now.growth-seen.growth) / elapsed.Seconds(); rate > o.HitsPerSecond {
			attached := time.Since(a.growth.since)
			a.remove(&a.growth)
			reason := fmt.Sprintf("stacks grew or shrank %.0f times a second, and %.0f are allowed", rate, o.HitsPerSecond)
			pause, first := backOff.after(attached)
			if !a.sitOut(ctx, &a.state.Growth, ProbeState{Status: OverBudget, Reason: reason}, pause, first,
				func() error { return a.install(&a.growth) }) {
				return
			}
			now = a.hits()
		}
		seen, at = now, time.Now()
	}
}

// watchChurn opens and closes windows until ctx ends or the process does. The first one is open.
func (a *Attachment) watchChurn(ctx context.Context) {
	defer a.watchers.Done()
	o := a.probes.options
	backOff := backOff{options: o}
	rest := time.Duration(rand.Float64() * float64(o.Period-o.Window)) // so that not all targets' windows coincide
	for {
		why, err := a.holdWindow(ctx)
		attached := time.Since(a.creations.since)
		a.closeWindow()
		if errors.Is(err, ErrExited) {
			a.set(&a.state.Churn, ProbeState{Status: Exited, Reason: ErrExited.Error()})
			return
		}
		if err != nil {
			return
		}
		trouble := ProbeState{Status: OverBudget, Reason: why}
		if why == "" {
			a.set(&a.state.Churn, ProbeState{Status: Resting})
			if !wait(ctx, rest) {
				return
			}
			rest = o.Period - o.Window
			err := a.openWindow()
			if err == nil {
				continue
			}
			trouble = ProbeState{Status: Failed, Reason: err.Error()}
		}
		pause, first := backOff.after(attached)
		if !a.sitOut(ctx, &a.state.Churn, trouble, pause, first, func() error {
			// The next window stands for itself alone: what happened meanwhile was nothing like it.
			a.mu.Lock()
			a.periodStart = time.Time{}
			a.mu.Unlock()
			return a.openWindow()
		}) {
			return
		}
	}
}

// holdWindow returns when the window is over, or before that if it has to be closed because of why. The error is that of
// ctx, or ErrExited.
func (a *Attachment) holdWindow(ctx context.Context) (why string, err error) {
	o := a.probes.options
	seen, at := a.hits().churn, time.Now()
	for {
		step := o.CheckEvery
		if !a.always() {
			step = min(step, o.Window-time.Since(at))
		}
		if step <= 0 {
			return "", nil
		}
		if !wait(ctx, step) {
			return "", ctx.Err()
		}
		if a.exited() {
			return "", ErrExited
		}
		stands := o.Period // for which the hits of this window are the only ones
		if a.always() {
			stands = time.Since(at)
		}
		now := a.hits().churn
		if rate := float64(now-seen) / stands.Seconds(); rate > o.HitsPerSecond {
			return fmt.Sprintf("starts and ends of goroutines would be seen %.0f times a second on average, and %.0f are allowed",
				rate, o.HitsPerSecond), nil
		}
		if a.always() {
			seen, at = now, time.Now()
		}
	}
}

// always tells whether there is but one window, which does not end.
func (a *Attachment) always() bool { return a.probes.options.Window == a.probes.options.Period }

func (a *Attachment) openWindow() error {
	if err := a.install(&a.creations.probe); err != nil {
		return err
	}
	if err := a.install(&a.exits.probe); err != nil {
		a.remove(&a.creations.probe)
		return err
	}
	a.mu.Lock()
	if a.periodStart.IsZero() {
		a.periodStart = a.creations.since
	}
	a.mu.Unlock()
	a.set(&a.state.Churn, ProbeState{Status: Attached})
	return nil
}

// closeWindow takes in what was counted and detaches.
func (a *Attachment) closeWindow() {
	ended := time.Now()
	a.mu.Lock()
	period := ended.Sub(a.periodStart)
	a.periodStart = ended
	a.mu.Unlock()
	for _, p := range []*churnProbe{&a.creations, &a.exits} {
		window := time.Since(p.since)
		if a.always() {
			period = window
		}
		a.takeIn(p, window, period)
	}
	a.remove(&a.creations.probe, &a.exits.probe)
	// What was counted while they were being detached is in no window.
	a.takeIn(&a.creations, 0, 0)
	a.takeIn(&a.exits, 0, 0)
}

// takeIn reads the counts of a probe at the end of a window that stands for a period.
func (a *Attachment) takeIn(p *churnProbe, window, period time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	seen, err := a.seen(p)
	if err != nil {
		a.probes.options.Logger.Error("The counts of a window are missing.", "pid", a.target.PID, "function", p.function, "err", err)
		return
	}
	p.counter.add(seen, window, period)
}

// seen returns the counts of a probe as they are in the kernel.
func (a *Attachment) seen(p *churnProbe) (map[uint64]uint64, error) {
	seen, err := readCounts[uint64](p.counts)
	if err != nil {
		return nil, err
	}
	totals, err := a.readTotals()
	if err != nil {
		return nil, err
	}
	other := totals.OtherCreations
	if p == &a.exits {
		other = totals.OtherExits
	}
	if other > 0 {
		seen[Other] = other
	}
	return seen, nil
}

// sitOut leaves a kind of probes detached for a while, and for longer when again fails. It returns false when ctx ends or
// the process has. Only the first pause of a row of them is a warning.
func (a *Attachment) sitOut(ctx context.Context, kind *ProbeState, trouble ProbeState, pause time.Duration, first bool, again func() error) bool {
	for {
		trouble.RetryAt = time.Now().Add(pause)
		a.set(kind, trouble)
		level := slog.LevelDebug
		if first {
			level = slog.LevelWarn
		}
		a.probes.options.Logger.Log(ctx, level, "Probes are detached for a while.", "pid", a.target.PID, "why", trouble.Reason, "for", pause)
		if !wait(ctx, pause) {
			return false
		}
		err := again()
		if err == nil {
			a.set(kind, ProbeState{Status: Attached})
			return true
		}
		if errors.Is(err, ErrExited) {
			a.set(kind, ProbeState{Status: Exited, Reason: err.Error()})
			return false
		}
		trouble = ProbeState{Status: Failed, Reason: err.Error()}
		first, pause = trouble.Reason != kind.Reason, a.probes.options.MaxBackOff
	}
}

// set changes the state of one kind of probes.
func (a *Attachment) set(kind *ProbeState, s ProbeState) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s.Detachments = kind.Detachments
	if s.Status == OverBudget {
		s.Detachments++
	}
	*kind = s
}

// Growth returns how often, by program counter, the runtime grew a stack as a call needed more room than there was. The
// counter is in the function that was called, after its call of morestack. The counts never go down and include those of
// which no event could be sent.
func (a *Attachment) Growth() (map[uint64]GrowthCount, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, ErrClosed
	}
	counts, err := readCounts[bpfGrowCount](a.growthCounts)
	if err != nil {
		return nil, err
	}
	totals, err := a.readTotals()
	if err != nil {
		return nil, err
	}
	growth := make(map[uint64]GrowthCount, len(counts)+1)
	for pc, n := range counts {
		growth[pc] = GrowthCount{Grows: n.Grows, Bytes: n.Bytes}
	}
	if totals.OtherGrows > 0 {
		growth[Other] = GrowthCount{Grows: totals.OtherGrows, Bytes: totals.OtherGrowBytes}
	}
	return growth, nil
}

// Creations returns how many goroutines were started, by the program counter of the go statement, which is that of its
// return address. It has no entries without [Target].Churn. The newest window counts when it has ended.
func (a *Attachment) Creations() (map[uint64]ChurnCount, error) { return a.churn(&a.creations) }

// Exits returns how many goroutines ended, by the same program counters as Creations.
func (a *Attachment) Exits() (map[uint64]ChurnCount, error) { return a.churn(&a.exits) }

func (a *Attachment) churn(p *churnProbe) (map[uint64]ChurnCount, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, ErrClosed
	}
	if !a.target.Churn {
		return map[uint64]ChurnCount{}, nil
	}
	if a.always() {
		seen, err := a.seen(p)
		if err != nil {
			return nil, err
		}
		p.counter.add(seen, a.probes.options.Window, a.probes.options.Period)
	}
	return p.counter.snapshot(), nil
}

// Totals returns what the probes saw, whatever the program counters.
func (a *Attachment) Totals() (Totals, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return Totals{}, ErrClosed
	}
	t, err := a.readTotals()
	return Totals{
		Grows: t.Grows, GrowBytes: t.GrowBytes,
		Shrinks: t.Shrinks, ShrinkBytes: t.ShrinkBytes,
		Creations: t.Creations, Exits: t.Exits,
		EventsSent: t.EventsSent, EventsLost: t.EventsLost, EventsSkipped: t.EventsSkipped,
		Unreadable: t.Unreadable,
	}, err
}

// State returns whether the probes are attached, and if not, why.
func (a *Attachment) State() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

// Close detaches from the process, if it still runs, and forgets the counters.
func (a *Attachment) Close() error {
	a.closing.Do(func() { a.closeErr = a.release() })
	return a.closeErr
}

// release undoes whatever attach has done so far.
func (a *Attachment) release() error {
	if a.stop != nil {
		a.stop()
		a.watchers.Wait()
	}
	a.remove(&a.growth, &a.creations.probe, &a.exits.probe)
	if a.number != 0 {
		a.probes.remove(a)
	}
	a.delivery.Lock()
	a.muted = true
	a.delivery.Unlock()

	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for _, kind := range []*ProbeState{&a.state.Growth, &a.state.Churn} {
		*kind = ProbeState{Status: Closed, Detachments: kind.Detachments}
	}
	errs := []error{
		a.growth.program.Close(), a.creations.program.Close(), a.exits.program.Close(),
		a.growthCounts.Close(), a.creations.counts.Close(), a.exits.counts.Close(), a.totals.Close(),
		a.eventsAllowed.Close(),
	}
	if a.exe != nil {
		errs = append(errs, a.exe.Close())
	}
	if a.pidfd >= 0 {
		errs = append(errs, unix.Close(a.pidfd))
	}
	return errors.Join(errs...)
}

// deliver calls the target's callback unless the attachment was closed.
func (a *Attachment) deliver(e GrowthEvent) {
	a.delivery.Lock()
	defer a.delivery.Unlock()
	if a.muted {
		return
	}
	e.PID = a.target.PID
	a.target.OnGrowth(e)
}

func (a *Attachment) readTotals() (t bpfTotals, err error) {
	if err := a.totals.Lookup(uint32(0), &t); err != nil {
		return t, fmt.Errorf("reading the totals: %w", err)
	}
	return t, nil
}

// allowEvents sets how many growth events may have been sent.
func (a *Attachment) allowEvents(n float64) error {
	if err := a.eventsAllowed.Put(uint32(0), uint64(min(n, math.MaxInt64))); err != nil {
		return fmt.Errorf("allowing growth events: %w", err)
	}
	return nil
}

// hits are how often the probes were hit, and how many events were sent.
type hits struct{ growth, churn, events uint64 }

// hits returns how often the probes were hit. If it could not be read, the difference to what was read before is so large
// that the probes are detached.
func (a *Attachment) hits() hits {
	t, _ := a.readTotals()
	return hits{growth: t.Grows + t.Shrinks + t.Unreadable, churn: t.Creations + t.Exits, events: t.EventsSent}
}

// readCounts returns all entries of a hash map by program counter. As none is ever deleted, none is missed.
func readCounts[V any](m *ebpf.Map) (map[uint64]V, error) {
	keys := make([]uint64, m.MaxEntries())
	values := make([]V, len(keys))
	var cursor ebpf.MapBatchCursor
	n, err := m.BatchLookup(&cursor, keys, values, nil)
	if err != nil && !errors.Is(err, ebpf.ErrKeyNotExist) { // which says that there are no more
		return nil, fmt.Errorf("reading counters: %w", err)
	}
	counts := make(map[uint64]V, n)
	for i, pc := range keys[:n] {
		counts[pc] = values[i]
	}
	return counts, nil
}

// eventBudget says how many more events may be sent, so that they are no more than so many a second on average, and no
// more than that at once.
type eventBudget struct {
	perSecond float64
	left      float64
	sent      uint64
}

// after takes in that time has passed and that all in all so many events were sent.
func (b *eventBudget) after(elapsed time.Duration, sent uint64) (left float64) {
	b.left = max(0, b.left-float64(sent-b.sent))
	b.left = min(b.perSecond, b.left+b.perSecond*elapsed.Seconds())
	b.sent = sent
	return b.left
}

// backOff says how long probes stay detached.
type backOff struct {
	options Options
	last    time.Duration
}

// after returns the pause for probes that were attached for so long: the shortest, or if that is not longer than
// they were detached before, twice the last one. It says also whether the pause is the first of a row.
func (b *backOff) after(attached time.Duration) (pause time.Duration, first bool) {
	first = b.last == 0 || attached > b.last
	if first {
		b.last = b.options.BackOff
	} else {
		b.last *= 2
	}
	b.last = min(b.last, b.options.MaxBackOff)
	return b.last, first
}
