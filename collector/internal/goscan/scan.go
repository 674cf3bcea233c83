package goscan

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// Snapshot is what a scan found. Bytes are those reserved: what counts against a memory limit.
type Snapshot struct {
	Taken    time.Time
	Duration time.Duration
	CPU      time.Duration // user and system time of this process for the scan

	// Goroutines that are live and not the runtime's own, as runtime.NumGoroutine counts.
	Goroutines int64
	// Stacks are the distinct stacks of these, with recursion folded. Together they have all of the goroutines and bytes.
	Stacks []calltree.Stack
	// FramesMax is how many frames the deepest stack had before recursion was folded.
	FramesMax int
	// Sizes is how many of the goroutines have a stack of that many bytes.
	Sizes map[int64]int64
	// Waits is how many of them are in that state, in the words of Go's tracebacks: what a goroutine waits for, or
	// "running", "runnable", "syscall", "preempted".
	Waits map[string]int64
	// SystemBytes are of the stacks of the runtime's own goroutines, DeadBytes of those that were kept for new goroutines
	// when theirs ended.
	SystemBytes, DeadBytes int64
	// Largest are the goroutines with the largest stacks, at most ten.
	Largest []Goroutine
	// Running is how many goroutines ran all the time, so that they are counted under (running).
	Running int64
	// Unreadable is how many of the runtime's descriptors could not be read, or made no sense, each time that they were tried.
	Unreadable int64
}

// Goroutine is one goroutine at the last scan.
type Goroutine struct {
	ID      uint64
	Size    int64  // bytes reserved for its stack
	Used    int64  // bytes of it in use; -1 where not known, as it runs
	Growth  int64  // bytes by which Used grew since the scan before
	State   string // see Snapshot.Waits
	Creator string // function with the go statement, "" of the main goroutine
	Start   string // entry function
	// Stack are the functions on its stack, root first, with recursion folded.
	Stack     []string
	Truncated bool // Stack lacks its root end
}

// What a scan reads.
type Depth int

const (
	Sizes  Depth = iota // descriptors alone: the Snapshot has no Stacks, and FramesMax is 0
	Stacks              // and the stacks of goroutines that have run since the last scan of this depth
)

const (
	// batchGoroutines is how many descriptors are read at once, in at most maxSpans pieces.
	batchGoroutines = 2048
	// batchStacks is how many stacks are read at once.
	batchStacks = 512
	// firstWindow is how much of each is read with the others: all of most stacks.
	firstWindow = 4096
	// neighbour is how far apart two descriptors may start and still be read as one piece: a runtime.g takes 424 to 480 bytes,
	// and those that were made one after the other are side by side.
	neighbour = 512
	// attempts is how often a goroutine is tried that ran while it was read.
	attempts = 4
)

// changed is a goroutine whose stack has to be read.
type changed struct {
	index int
	d     descriptor
	// isFollowed tells that its stack was right when d was read, after it: see follow.
	isFollowed bool
}

// scan is one scan under way.
type scan struct {
	p          *Process
	depth      Depth
	list       []uint64
	walker     walker
	budget     int64
	pending    []changed // stacks to read
	again      []int     // goroutines that ran meanwhile
	stackBytes []byte
	dead       int64
	reserved   uint64 // bytes of all stacks, as they were when first read
	virtual    uint64 // bytes of address space, when that was last needed
	unreadable int64
}

// Scan reads all goroutines of the process. The Snapshot's slices and maps are the caller's own.
//
// An error is an *[Error] when the process is gone or cannot be true; the Process is of no use any more then.
func (p *Process) Scan(depth Depth) (*Snapshot, error) {
	runtime.LockOSThread() // as CPU time is a thread's
	defer runtime.UnlockOSThread()
	start, cpu := time.Now(), threadCPU()
	s := &scan{p: p, depth: depth}
	snapshot, err := s.run()
	if err != nil {
		if gone := p.isSame(); gone != nil { // which is why what was read made no sense
			return nil, gone
		}
		return nil, err
	}
	snapshot.Taken = start
	snapshot.Duration = time.Since(start)
	snapshot.CPU = threadCPU() - cpu
	return snapshot, nil
}

func (s *scan) run() (*Snapshot, error) {
	p := s.p
	resident, err := p.memory.resident()
	if err != nil {
		return nil, err
	}
	s.budget = int64(min(resident, maxRead))
	s.walker = walker{process: p, reader: stackReader{memory: p.memory, budget: &s.budget}}
	p.frames.startScan()
	if s.list, err = p.list(); err != nil {
		return nil, err
	}
	p.records.grow(len(s.list))
	all := make([]int, 0, batchGoroutines)
	for i := range s.list {
		if all = append(all, i); len(all) == batchGoroutines || i == len(s.list)-1 {
			if err := s.read(all, false); err != nil {
				return nil, err
			}
			all = all[:0]
		}
	}
	for attempt := 1; attempt < attempts; attempt++ {
		if err := s.checkUnreadable(); err != nil {
			return nil, err
		}
		again := s.again
		s.again, s.unreadable = nil, 0
		for len(again) > 0 {
			n := min(len(again), batchGoroutines)
			if err := s.read(again[:n], true); err != nil {
				return nil, err
			}
			again = again[n:]
		}
	}
	if err := s.checkUnreadable(); err != nil {
		return nil, err
	}
	for _, i := range s.again {
		if r := p.records.at(i); r.goid != 0 { // has run in all attempts
			s.setRunning(r)
		}
	}
	if err := p.isSame(); err != nil {
		return nil, err
	}
	snapshot := s.snapshot()
	return snapshot, s.checkReserved(uint64(snapshot.allBytes()))
}

// checkReserved fails if the process has not that many bytes of address space. No stack is part of another, so that there is
// room for all, but where goroutines are in the list twice, or make their stacks up.
func (s *scan) checkReserved(sum uint64) (err error) {
	if sum <= s.virtual {
		return nil
	}
	if s.virtual, err = s.p.memory.virtual(); err != nil {
		return err
	}
	if sum > s.virtual {
		return failed(Implausible, "its stacks would have %d bytes, in an address space of %d", sum, s.virtual)
	}
	return nil
}

// checkUnreadable fails if more than a few goroutines make no sense. Those few may be caught in the middle of a change.
func (s *scan) checkUnreadable() error {
	if s.unreadable > 16 && s.unreadable > int64(len(s.list)/100) {
		return failed(Implausible, "%d of %d goroutines cannot be as they are in its memory: is the runtime of %s a modified one?",
			s.unreadable, len(s.list), s.p.executable.GoVersion)
	}
	return nil
}

// allBytes returns the bytes of all stacks.
func (s *Snapshot) allBytes() int64 {
	sum := s.SystemBytes + s.DeadBytes
	for size, n := range s.Sizes {
		sum += size * n
	}
	return sum
}

// read reads the descriptors of the goroutines with these places in the list, ascending, and then the stacks of those that
// have run since the last scan. again tells that they were read before in this scan.
func (s *scan) read(indexes []int, again bool) error {
	p := s.p
	size := p.layout.Size()
	for len(indexes) > 0 {
		spans, offsets, total := s.pieces(indexes, size)
		buffer := p.buffers.bytes(total)
		n, err := p.memory.read(spans, buffer)
		if err != nil {
			return err
		}
		done := 0
		for ; done < len(offsets) && offsets[done]+size <= n; done++ {
			if err := s.take(indexes[done], buffer[offsets[done]:][:size], again); err != nil {
				return err
			}
		}
		if done < len(offsets) { // goroutines are never freed
			return failed(Implausible, "a goroutine would be at %#x, where no memory is", s.list[indexes[done]])
		}
		indexes = indexes[done:]
		if err := s.readPending(); err != nil {
			return err
		}
	}
	return nil
}

// pieces returns which memory holds the descriptors of as many of the goroutines as can be read at once, and where in
// what is read each then is.
func (s *scan) pieces(indexes []int, size int) (spans []span, offsets []int, total int) {
	spans, offsets = s.p.buffers.spans[:0], make([]int, 0, len(indexes))
	for _, i := range indexes {
		address := s.list[i]
		if n := len(spans); n > 0 {
			last := &spans[n-1]
			start := last.address + uint64(last.length) - uint64(size) // of the descriptor before
			if apart := address - start; address > start && apart <= neighbour {
				last.length += int(apart)
				total += int(apart)
				offsets = append(offsets, total-size)
				continue
			}
			if n == maxSpans {
				break
			}
		}
		spans = append(spans, span{address, size})
		total += size
		offsets = append(offsets, total-size)
	}
	s.p.buffers.spans = spans
	return spans, offsets, total
}

// take notes what the descriptor of a goroutine says.
func (s *scan) take(i int, g []byte, again bool) error {
	p := s.p
	d := decode(p.layout, g)
	if size, ok := d.size(); ok && !again && d.status != idle {
		s.reserved += size
		if err := s.checkReserved(s.reserved); err != nil {
			return err
		}
	}
	r := p.records.at(i)
	switch d.status {
	case idle:
		r.goid = 0
		return nil
	case dead, deadExtra:
		r.goid = 0
		if size, ok := d.size(); ok {
			s.dead += int64(size)
		}
		return nil
	}
	if !d.isConsistent(s.list[i]) { // for now, or for good
		r.goid = 0
		s.unreadable++
		s.again = append(s.again, i)
		return nil
	}
	before := *r
	if again {
		before.used = before.before // which this scan has not changed
	}
	after, err := p.recordOf(&d, before)
	if err != nil {
		return err
	}
	*r = after
	if !d.hasKnownStack() {
		if s.depth == Stacks {
			if d.status == Syscall { // it is about to begin or to end
				s.again = append(s.again, i)
			}
			s.setRunning(r)
		}
		return nil
	}
	switch {
	case r.stack != 0 && !p.mayRunUnnoticed(&d): // it has not run
	case s.depth == Stacks:
		s.pending = append(s.pending, changed{index: i, d: d})
	}
	return nil
}

func (s *scan) setRunning(r *record) {
	entry := s.p.origins.all[r.origin].entry
	r.stack = s.p.stacks.intern([]nameID{entry, s.p.names.id(calltree.Running)}, false, false)
	r.frames = 2
	r.sp = 0 // so that no later scan takes this for its stack
}

// readPending reads the stacks of the goroutines that are pending, and notes them if they have not run meanwhile.
func (s *scan) readPending() error {
	for len(s.pending) > 0 {
		n, err := s.readStacks(s.pending)
		if err != nil {
			return err
		}
		s.pending = s.pending[:copy(s.pending, s.pending[n:])]
	}
	return nil
}

// readStacks reads the stacks of the first of these goroutines, and returns of how many.
func (s *scan) readStacks(goroutines []changed) (done int, err error) {
	p := s.p
	goroutines = goroutines[:min(len(goroutines), batchStacks)]
	spans := p.buffers.spans[:0]
	total := 0
	for _, c := range goroutines {
		length := int(min(firstWindow, c.d.hi-c.d.sp))
		spans = append(spans, span{c.d.sp, length})
		total += length
	}
	p.buffers.spans = spans
	if cap(s.stackBytes) < total {
		s.stackBytes = make([]byte, batchStacks*firstWindow)
	}
	n := 0
	if int64(total) <= s.budget {
		if n, err = p.memory.read(spans, s.stackBytes[:total]); err != nil {
			return 0, err
		}
		s.budget -= int64(n)
	}
	results := make([]walked, len(goroutines))
	at := 0
	for i := range goroutines {
		end := at + spans[i].length
		s.walker.reader.hi = goroutines[i].d.hi
		s.walker.reader.window = window{spans[i].address, s.stackBytes[min(at, n):min(end, n)]}
		at = end
		if results[i], err = s.walker.walk(&goroutines[i].d); err != nil {
			return 0, err
		}
		if len(s.walker.addresses) >= deep && results[i].isComplete {
			if results[i], err = s.follow(&goroutines[i], results[i]); err != nil {
				return 0, err
			}
		}
	}
	return len(goroutines), s.confirm(goroutines, results)
}

// follow looks whether a goroutine has run while its deep stack was walked. If so, and if what has changed is near the leaf, it
// returns the stack that it has now, and makes the goroutine's descriptor that of now.
func (s *scan) follow(c *changed, before walked) (walked, error) {
	p := s.p
	g := make([]byte, p.layout.Size())
	n, err := p.memory.read([]span{{s.list[c.index], len(g)}}, g)
	if err != nil || n < len(g) {
		return before, err
	}
	now := decode(p.layout, g)
	if c.d.isSameMoment(&now) || !now.isConsistent(s.list[c.index]) || !now.hasKnownStack() || now.goid != c.d.goid || now.lo != c.d.lo || now.hi != c.d.hi {
		return before, nil
	}
	stack, ok, err := s.walker.rejoin(&c.d, &now)
	if !ok || err != nil {
		return before, err
	}
	r := p.records.at(c.index)
	last := *r
	last.used = last.before // which this scan has not changed
	if *r, err = p.recordOf(&now, last); err != nil {
		return before, err
	}
	c.d, c.isFollowed = now, true
	return stack, nil
}

// confirm notes the stacks of the goroutines that have not run since their descriptors were read.
func (s *scan) confirm(goroutines []changed, results []walked) error {
	p := s.p
	size := p.layout.Size()
	indexes := make([]int, len(goroutines))
	for i, c := range goroutines {
		indexes[i] = c.index
	}
	for len(indexes) > 0 {
		spans, offsets, total := s.pieces(indexes, size)
		buffer := p.buffers.bytes(total)
		n, err := p.memory.read(spans, buffer)
		if err != nil {
			return err
		}
		done := len(offsets)
		for i, offset := range offsets {
			r := p.records.at(indexes[i])
			if offset+size <= n {
				if later := decode(p.layout, buffer[offset:][:size]); goroutines[i].isFollowed || goroutines[i].d.isSameMoment(&later) {
					r.stack, r.frames = results[i].stack, results[i].frames
					if s.walker.reader.isExhausted && p.stacks.stacks[r.stack].truncated {
						r.sp = 0 // so that the next scan reads it again
					}
					p.origins.learn(r.origin, &p.stacks.stacks[r.stack])
					continue
				}
			}
			s.again = append(s.again, indexes[i])
		}
		indexes, goroutines, results = indexes[done:], goroutines[done:], results[done:]
	}
	return nil
}

// snapshot adds the records up.
func (s *scan) snapshot() *Snapshot {
	p := s.p
	snapshot := &Snapshot{Sizes: map[int64]int64{}, Waits: map[string]int64{}, DeadBytes: s.dead, Unreadable: s.unreadable}
	for id := range p.stacks.stacks {
		s := &p.stacks.stacks[id]
		s.goroutines, s.bytes, s.isUsed = 0, 0, false
	}
	var sizes [64]int64
	var waits [256]int64
	var states [256]int64
	running := p.names.id(calltree.Running)
	top := ranking{most: candidates}
	for i, address := range s.list {
		r := p.records.at(i)
		if r.goid == 0 {
			continue
		}
		stack := &p.stacks.stacks[r.stack]
		stack.isUsed = true
		if p.isSystem(r) {
			snapshot.SystemBytes += r.size()
			continue
		}
		snapshot.Goroutines++
		stack.goroutines++
		stack.bytes += r.size()
		snapshot.FramesMax = max(snapshot.FramesMax, int(r.frames))
		sizes[r.sizeLog2]++
		if r.status == Waiting || r.status == leaked {
			waits[r.wait]++
		} else {
			states[r.status]++
		}
		if n := len(stack.path); n > 0 && stack.path[n-1] == running {
			snapshot.Running++
		}
		top.add(address, r)
	}
	for log2, n := range sizes {
		if n > 0 {
			snapshot.Sizes[1<<log2] = n
		}
	}
	for wait, n := range waits {
		if n > 0 {
			snapshot.Waits[p.waitReason(uint8(wait))] += n
		}
	}
	for status, n := range states {
		if n > 0 {
			snapshot.Waits[Status(status).String()] += n
		}
	}
	p.candidates = top.records
	snapshot.Largest = p.goroutines(ranking{records: top.records[:min(len(top.records), largest)]})
	if s.depth == Stacks {
		snapshot.Stacks = p.userStacks()
		p.stacks.sweep()
	}
	return snapshot
}

// userStacks returns the stacks of the goroutines that are not the runtime's own.
func (p *Process) userStacks() []calltree.Stack {
	var stacks []calltree.Stack
	for _, s := range p.stacks.stacks {
		if s.goroutines > 0 {
			stacks = append(stacks, calltree.Stack{Functions: p.text(s.path), Goroutines: s.goroutines, StackBytes: s.bytes, Truncated: s.truncated})
		}
	}
	return stacks
}

// isSystem tells whether the goroutine is the runtime's own.
func (p *Process) isSystem(r *record) bool {
	o := &p.origins.all[r.origin]
	return o.isSystem && !(o.mayRunUser && p.stacks.stacks[r.stack].isUser)
}

// goroutine returns what a record says.
func (p *Process) goroutine(r *record) Goroutine {
	o := &p.origins.all[r.origin]
	s := &p.stacks.stacks[r.stack]
	g := Goroutine{
		ID: r.goid, Size: r.size(), Used: int64(r.used) * 8, Growth: (int64(r.used) - int64(r.before)) * 8,
		Creator: o.creator, Start: p.names.text[o.entry], Stack: p.text(s.path), Truncated: s.truncated, State: r.status.String(),
	}
	switch r.status {
	case Waiting, leaked:
		g.State = p.waitReason(r.wait)
	case Running, copystack:
		g.Used, g.Growth = -1, 0
	}
	return g
}

func (p *Process) text(path []nameID) []string {
	functions := make([]string, len(path))
	for i, name := range path {
		functions[i] = p.names.text[name]
	}
	return functions
}

// waitReason returns what a waiting goroutine waits for.
func (p *Process) waitReason(number uint8) string {
	texts := p.executable.Layout.WaitReasons
	switch {
	case int(number) >= len(texts):
		return fmt.Sprintf("unknown (%d)", number)
	case number == 0: // it has just begun to wait
		return Waiting.String()
	}
	return texts[number]
}

// threadCPU returns the user and system time that this thread has had.
func threadCPU() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// isDamage tells whether an error is of what was read, not of reading.
func isDamage(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Cause == goelf.Damaged
}
