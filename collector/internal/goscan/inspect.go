package goscan

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// Inspection is what one goroutine does at this moment.
type Inspection struct {
	ID      uint64
	Size    int64  // bytes reserved for its stack
	Used    int64  // bytes of it in use; -1 where not known, as it runs
	State   string // see Snapshot.Waits
	Creator string // function with the go statement, "" of the main goroutine
	Parent  uint64 // id of the goroutine that ran it; 0 where there was none
	Wait    time.Duration
	// Turns are the stack, root first, without anything left out but what Frames tells. One that runs has the two frames
	// that the call tree gives it.
	Turns []Turn
	// Frames is how many frames the stack has: more than all of Turns if those in the middle were left out.
	Frames    int
	Truncated bool // the root end of the stack could not be read
}

// Turn is a part of a stack: one to four functions that were called one by the next, and so often in a row.
type Turn struct {
	Functions []string
	Times     int
}

// Errors of Inspect that the process goes on after.
var (
	ErrEnded = errors.New("the goroutine has ended")
	ErrRan   = errors.New("the goroutine ran each time that its stack was read")
)

const (
	maxTurn  = 4   // functions of one Turn, as calltree.Fold has it
	maxTurns = 500 // at either end of a stack
	// maxInspected is how many bytes of a stack are read at most: those that the runtime lets one have, unless told otherwise.
	maxInspected = 1 << 30
)

// Inspect reads the goroutine with the id once more, with its whole stack. Errors are [ErrEnded] when the last scan did
// not know it or it has ended since, [ErrRan] when its stack could not be read between two times that it ran, and those of
// [Process.Scan].
func (p *Process) Inspect(id uint64) (*Inspection, error) {
	place := -1
	for i := range p.buffers.list {
		if p.records.at(i).goid == id && id != 0 {
			place = i
			break
		}
	}
	if place < 0 {
		return nil, fmt.Errorf("goroutine %d: %w", id, ErrEnded)
	}
	address := p.buffers.list[place]
	for attempt := 0; attempt < attempts; attempt++ {
		inspection, err := p.inspect(id, address)
		if !errors.Is(err, ErrRan) {
			return inspection, err
		}
	}
	return nil, fmt.Errorf("goroutine %d: %w", id, ErrRan)
}

func (p *Process) inspect(id, address uint64) (*Inspection, error) {
	d, parent, err := p.readDescriptor(id, address)
	if err != nil {
		return nil, err
	}
	now, err := monotonic()
	if err != nil {
		return nil, err
	}
	size, _ := d.size()
	origin, err := p.origins.id(d.goPC, d.startPC)
	if err != nil {
		return nil, err
	}
	found := &Inspection{
		ID: d.goid, Size: int64(size), Used: -1, State: d.status.String(), Creator: p.origins.all[origin].creator, Parent: parent,
	}
	if p.hasOurClock() {
		found.Wait = d.wait(now)
	}
	if d.status == Waiting || d.status == leaked {
		found.State = p.waitReason(d.waitReason)
	}
	if !d.hasKnownStack() {
		found.Turns = []Turn{{[]string{p.names.text[p.origins.all[origin].entry], calltree.Running}, 1}}
		found.Frames = 2
		return found, p.isSame()
	}
	found.Used = int64(d.hi - d.sp)
	path, complete, err := p.walkOne(&d)
	if err != nil {
		return nil, err
	}
	later, _, err := p.readDescriptor(id, address)
	if err != nil {
		return nil, err
	}
	if !d.isSameMoment(&later) {
		return nil, ErrRan
	}
	found.Frames, found.Truncated = len(path), !complete
	for _, t := range bothEnds(turns(path), maxTurns) {
		found.Turns = append(found.Turns, Turn{p.text(t.names), t.times})
	}
	return found, p.isSame()
}

// readDescriptor reads that of the goroutine with the id, which is or was at the address.
func (p *Process) readDescriptor(id, address uint64) (d descriptor, parent uint64, err error) {
	g := make([]byte, p.layout.Size())
	n, err := p.memory.read([]span{{address, len(g)}}, g)
	if err != nil {
		return descriptor{}, 0, err
	}
	if n < len(g) {
		return descriptor{}, 0, failed(Implausible, "a goroutine would be at %#x, where no memory is", address)
	}
	d = decode(p.layout, g)
	if d.goid != id || d.status == idle || d.status == dead || d.status == deadExtra {
		return descriptor{}, 0, fmt.Errorf("goroutine %d: %w", id, ErrEnded)
	}
	if !d.isConsistent(address) {
		return descriptor{}, 0, ErrRan
	}
	return d, u64(g[p.layout.ParentGoID:]), nil
}

// walkOne returns all functions on the stack of a goroutine, root first.
func (p *Process) walkOne(d *descriptor) (path []nameID, complete bool, err error) {
	budget := int64(min(d.hi-d.sp, maxInspected))
	w := walker{process: p, reader: stackReader{memory: p.memory, hi: d.hi, budget: &budget}}
	if complete, err = w.collectAll(d); err != nil {
		return nil, false, err
	}
	for i := len(w.addresses) - 1; i >= 0; i-- {
		f, err := p.frames.at(w.addresses[i])
		if err != nil {
			return nil, false, err
		}
		path = append(path, f.functions...)
	}
	return path, complete, nil
}

// turn is a Turn of numbers.
type turn struct {
	names []nameID
	times int
}

// turns returns the path with what repeats itself counted. Of cycles of different lengths that repeat at one place, the
// one that covers most counts, and of those the shortest.
func turns(path []nameID) []turn {
	var all []turn
	for at := 0; at < len(path); {
		length, times := 1, 1
		for n := 1; n <= maxTurn; n++ {
			if again := repetitions(path[at:], n); again > 1 && again*n > length*times {
				length, times = n, again
			}
		}
		all = append(all, turn{path[at : at+length], times})
		at += length * times
	}
	return all
}

// repetitions returns how often the first n names come at the start of the path.
func repetitions(path []nameID, n int) int {
	times := 0
	for at := 0; at+n <= len(path) && slices.Equal(path[at:at+n], path[:n]); at += n {
		times++
	}
	return times
}

// bothEnds returns the first n and the last n.
func bothEnds(all []turn, n int) []turn {
	if len(all) <= 2*n {
		return all
	}
	return append(slices.Clone(all[:n]), all[len(all)-n:]...)
}
