//go:build linux && (amd64 || arm64)

package runtimeprobes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// ErrClosed is returned by what is used after its Close.
var ErrClosed = errors.New("the probes are closed")

// Options are the same for all targets. The zero value is what a production host should have.
type Options struct {
	// HitsPerSecond is how often the probes of one target may be hit, for copystack and for the two churn probes each, on
	// average over a CheckEvery or a Period. 20,000 unless set: some 3 % of a core, see package probecost.
	HitsPerSecond float64
	// EventsPerSecond is how many growth events of one target are sent at most, on average and at once; the others are
	// counted alone. 1,000 unless set: some 1 % of a core, as a stack of 128 frames takes 10 µs to walk.
	EventsPerSecond float64
	// CheckEvery is how often that is looked at, and whether the target still runs. 250 ms unless set.
	CheckEvery time.Duration
	// A target's probes that were hit too often are detached for BackOff, 30 s unless set, twice as long each time that this
	// follows at once, up to MaxBackOff, 10 min unless set.
	BackOff, MaxBackOff time.Duration
	// Window is for how long out of each Period the churn probes are attached: 100 ms of 10 s unless set. If they are
	// equal, the probes stay attached and the counts are exact.
	Window, Period time.Duration
	// MaxFunctions is how many program counters each counter of a target tells apart, 2,048 unless set. What no longer
	// fits is counted under [Other]. An entry takes some 80 bytes of kernel memory, from the beginning.
	MaxFunctions int
	// RingBytes is the room for growth events of all targets between two readings, which are 100 ms apart at most. A power of
	// two and whole pages, 4 MiB unless set. An event takes 1,088 bytes.
	RingBytes int
	// Logger is told once when a target's probes are detached for their rate, or fail. slog.Default() unless set.
	Logger *slog.Logger
}

// readEvery is how often the ring is read. The kernel side does not wake the reader before the ring is a quarter full:
// a wake-up for each event would cost the target more than the event does.
const readEvery = 100 * time.Millisecond

// withDefaults returns the options with what was not set, or says what cannot be.
func (o Options) withDefaults() (Options, error) {
	for _, d := range []struct {
		field *time.Duration
		name  string
		usual time.Duration
	}{
		{&o.CheckEvery, "CheckEvery", 250 * time.Millisecond},
		{&o.BackOff, "BackOff", 30 * time.Second},
		{&o.MaxBackOff, "MaxBackOff", 10 * time.Minute},
		{&o.Window, "Window", 100 * time.Millisecond},
		{&o.Period, "Period", 10 * time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.usual
		}
		if *d.field < 0 {
			return o, fmt.Errorf("%s is %v: set it to more than 0, or leave it out", d.name, *d.field)
		}
	}
	if o.Window > o.Period {
		return o, fmt.Errorf("a window of %v does not fit into a period of %v", o.Window, o.Period)
	}
	if o.HitsPerSecond == 0 {
		o.HitsPerSecond = 20_000
	}
	if o.EventsPerSecond == 0 {
		o.EventsPerSecond = 1000
	}
	if o.MaxFunctions == 0 {
		o.MaxFunctions = 2048
	}
	if o.RingBytes == 0 {
		o.RingBytes = 4 << 20
	}
	if o.HitsPerSecond < 0 || o.EventsPerSecond < 0 || o.MaxFunctions < 0 || o.RingBytes < 0 {
		return o, errors.New("HitsPerSecond, EventsPerSecond, MaxFunctions and RingBytes must not be negative")
	}
	if page := os.Getpagesize(); o.RingBytes%page != 0 || o.RingBytes&(o.RingBytes-1) != 0 {
		return o, fmt.Errorf("RingBytes is %d: it has to be a power of two and a multiple of the page size %d", o.RingBytes, page)
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o, nil
}

// Probes is what the probes of all targets share. Safe for concurrent use.
type Probes struct {
	options Options
	multi   bool // attach by uprobe_multi links, else by perf events
	spec    *ebpf.CollectionSpec
	events  *ebpf.Map
	reader  *ringbuf.Reader
	done    chan struct{} // closed when the reader has ended

	attaching sync.WaitGroup // calls of Attach

	mu       sync.RWMutex
	closed   bool
	targets  map[uint32]*Attachment
	numbered uint32 // the last target's number
}

// New makes ready for targets. It fails as [Supported] says. Close it.
func New(options Options) (*Probes, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	multi, err := supported()
	if err != nil {
		return nil, err
	}
	spec, err := loadBpf()
	if err != nil {
		return nil, err
	}
	ring := spec.Maps["events"]
	ring.MaxEntries = uint32(options.RingBytes)
	for _, name := range []string{"grow_counts", "creation_counts", "exit_counts"} {
		spec.Maps[name].MaxEntries = uint32(options.MaxFunctions)
	}
	p := &Probes{options: options, multi: multi, spec: spec, targets: map[uint32]*Attachment{}, done: make(chan struct{})}
	if p.events, err = ebpf.NewMap(ring); err != nil {
		return nil, fmt.Errorf("a ring buffer of %d bytes: %w", options.RingBytes, err)
	}
	if p.reader, err = ringbuf.NewReader(p.events); err != nil {
		p.events.Close()
		return nil, fmt.Errorf("reading the ring buffer of growth events: %w", err)
	}
	go p.read()
	return p, nil
}

// MayNeedAdmin tells whether attaching needs CAP_SYS_ADMIN on some kernels that are like this one: where there are no
// uprobe_multi links that filter by process (before Linux 6.10), and perf events were restricted (see [Supported]).
func (p *Probes) MayNeedAdmin() bool { return !p.multi }

// Close closes all attachments, and detaches thereby. It must not be called by a growth callback.
func (p *Probes) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	p.mu.Unlock()
	p.attaching.Wait()

	p.mu.Lock()
	open := make([]*Attachment, 0, len(p.targets))
	for _, a := range p.targets {
		open = append(open, a)
	}
	p.mu.Unlock()

	// At the same time, as each only waits for the kernel: many take no longer than one.
	var closing errgroup.Group
	closing.SetLimit(64) // a thread each
	for _, a := range open {
		closing.Go(a.Close)
	}
	errs := []error{closing.Wait(), p.reader.Close()}
	<-p.done
	return errors.Join(append(errs, p.events.Close())...)
}

// begin lets an Attach begin, unless Close has. The caller calls attaching.Done.
func (p *Probes) begin() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.attaching.Add(1)
	return nil
}

// add gives the attachment its number and its events.
func (p *Probes) add(a *Attachment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Not 0, nor one that is in use after four billion attachments.
	for p.numbered++; p.numbered == 0 || p.targets[p.numbered] != nil; p.numbered++ {
	}
	a.number = p.numbered
	p.targets[a.number] = a
}

func (p *Probes) remove(a *Attachment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.targets, a.number)
}

// read gives events to the callbacks of their targets until the reader is closed.
func (p *Probes) read() {
	defer close(p.done)
	var record ringbuf.Record
	pcs := make([]uint64, 0, maxFrames)
	for {
		p.reader.SetDeadline(time.Now().Add(readEvery))
		boot := bootTime()
		for {
			err := p.reader.ReadInto(&record)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
			if errors.Is(err, ringbuf.ErrClosed) {
				return
			}
			if err != nil {
				p.options.Logger.Error("Growth events can no longer be read; counters go on.", "err", err)
				return
			}
			event, number, ktime, err := decodeEvent(record.RawSample, pcs)
			if err != nil {
				p.options.Logger.Error("A growth event that our own program did not write.", "err", err)
				continue
			}
			p.mu.RLock()
			a := p.targets[number]
			p.mu.RUnlock()
			if a != nil {
				event.Time = boot.Add(time.Duration(ktime))
				a.deliver(event)
			}
		}
	}
}

// bootTime is when CLOCK_MONOTONIC was 0, by the wall clock as it is set now.
func bootTime() time.Time {
	var t unix.Timespec
	// It cannot fail: the clock exists on every Linux.
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return time.Now().Add(-time.Duration(t.Nano()))
}

// wait returns false when ctx ends before d has passed.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
