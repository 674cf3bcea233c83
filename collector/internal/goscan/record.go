package goscan

import (
	"math/bits"
	"strings"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// Status is what a goroutine does (runtime._Gidle and following, the same numbers since Go 1.14).
type Status uint8

const (
	idle      Status = 0 // being made
	Runnable  Status = 1
	Running   Status = 2
	Syscall   Status = 3
	Waiting   Status = 4
	dead      Status = 6
	copystack Status = 8 // its stack is being moved
	Preempted Status = 9
	leaked    Status = 10 // since Go 1.26: the garbage collector has found it unreachable; it waits for ever
	deadExtra Status = 11 // since Go 1.26: of a thread that C code made, between two calls of Go

	scanBit = 0x1000 // runtime._Gscan: the garbage collector looks at its stack
)

func (s Status) String() string {
	switch s {
	case Runnable:
		return "runnable"
	case Running, copystack:
		return "running"
	case Syscall:
		return "syscall"
	case Waiting, leaked:
		return "waiting"
	case Preempted:
		return "preempted"
	}
	return "dead"
}

// descriptor is what is read of a runtime.g.
type descriptor struct {
	status               Status
	goid                 uint64
	lo, hi               uint64
	sp, pc, lr           uint64 // where it goes on; of a system call, where it was made
	isSyscall            bool
	self                 uint64
	goPC, startPC        uint64
	waitReason, sequence uint8
	waitSince            int64
}

func decode(layout *goelf.GLayout, g []byte) descriptor {
	d := descriptor{
		status:     Status(u32(g[layout.AtomicStatus:]) &^ scanBit),
		goid:       u64(g[layout.GoID:]),
		lo:         u64(g[layout.StackLo:]),
		hi:         u64(g[layout.StackHi:]),
		self:       u64(g[layout.SchedG:]),
		goPC:       u64(g[layout.GoPC:]),
		startPC:    u64(g[layout.StartPC:]),
		waitReason: g[layout.WaitReason],
		sequence:   g[layout.TrackingSeq],
		waitSince:  int64(u64(g[layout.WaitSince:])),
	}
	if status := u32(g[layout.AtomicStatus:]) &^ scanBit; status > 0xff {
		d.status = 0xff
	}
	if sp := u64(g[layout.SyscallSP:]); sp != 0 {
		d.sp, d.pc, d.isSyscall = sp, u64(g[layout.SyscallPC:]), true
	} else {
		d.sp, d.pc, d.lr = u64(g[layout.SchedSP:]), u64(g[layout.SchedPC:]), u64(g[layout.SchedLR:])
	}
	return d
}

// maxStack is the largest stack that is believed, in bytes: the runtime ends programs at 1 GB, unless told otherwise
// (debug.SetMaxStack). A record has 32 bits for the words of it that are in use.
const maxStack = 1 << 34

// size returns the bytes of the stack that are reserved; ok is false if they cannot be: stacks have sizes that are powers
// of two, from 2 kB on (runtime.stackMin).
func (d *descriptor) size() (size uint64, ok bool) {
	size = d.hi - d.lo
	return size, d.hi > d.lo && bits.OnesCount64(size) == 1 && size >= 2048 && size <= maxStack
}

// hasKnownStack tells whether the place where the goroutine goes on is in its descriptor, not in a processor's registers.
func (d *descriptor) hasKnownStack() bool {
	switch d.status {
	case Runnable, Waiting, Preempted, leaked:
		return true
	case Syscall:
		return d.isSyscall
	}
	return false
}

// isConsistent tells whether the descriptor at the address can be true.
func (d *descriptor) isConsistent(address uint64) bool {
	_, ok := d.size()
	return ok && d.self == address && d.goid != 0 && d.status <= deadExtra &&
		(!d.hasKnownStack() || d.sp >= d.lo && d.sp <= d.hi && d.sp%8 == 0)
}

// isSameMoment tells whether the goroutine has not run between two readings of its descriptor. The sequence number is
// raised whenever it stops to run (runtime.casgstatus).
func (d *descriptor) isSameMoment(later *descriptor) bool {
	return d.goid == later.goid && d.lo == later.lo && d.hi == later.hi && d.sp == later.sp && d.pc == later.pc &&
		d.sequence == later.sequence && d.hasKnownStack() && later.hasKnownStack()
}

// mayRunUnnoticed tells that the goroutine may have run although it is where it was, with the same sequence number: since
// Go 1.26 system calls that are over soon do not raise it, nor do those coroutines that switch to each other directly
// (runtime.coroswitch).
func (p *Process) mayRunUnnoticed(d *descriptor) bool {
	return d.isSyscall || d.status == Waiting && p.waitReason(d.waitReason) == "coroutine"
}

// record is what is kept of a live goroutine between scans. There may be millions.
type record struct {
	goid     uint64 // 0 if there is no live one in this place of the list
	sp       uint64
	used     uint32 // bytes/8, 0 if not known
	before   uint32 // used, at the scan before
	frames   uint32 // of its stack, before recursion is folded
	stack    stackID
	origin   originID
	status   Status
	wait     uint8
	sizeLog2 uint8
	sequence uint8
}

func (r *record) size() int64 { return 1 << r.sizeLog2 }

// recordOf returns what is kept of a live goroutine whose descriptor is consistent. before is its record of the last scan,
// or anything else; if it has not run since then, it still has that stack.
func (p *Process) recordOf(d *descriptor, before record) (record, error) {
	size, _ := d.size()
	r := record{goid: d.goid, sp: d.sp, origin: before.origin, status: d.status, wait: d.waitReason, sizeLog2: uint8(bits.TrailingZeros64(size)), sequence: d.sequence}
	if before.goid != d.goid {
		var err error
		if r.origin, err = p.origins.id(d.goPC, d.startPC); err != nil {
			return record{}, err
		}
	}
	if !d.hasKnownStack() {
		return r, nil
	}
	r.used = uint32((d.hi - d.sp) / 8)
	r.before = r.used
	if before.goid == d.goid {
		r.before = before.used
		if before.sp == d.sp && before.sizeLog2 == r.sizeLog2 && before.sequence == d.sequence {
			r.stack, r.frames = before.stack, before.frames
		}
	}
	return r, nil
}

// records are those of a process, in the order of its list, in pieces: a slice of all would be copied as it grows.
type records struct {
	pieces []*[recordsPerPiece]record
}

const recordsPerPiece = 4096

func (r *records) grow(n int) {
	for len(r.pieces)*recordsPerPiece < n {
		r.pieces = append(r.pieces, new([recordsPerPiece]record))
	}
}

func (r *records) at(i int) *record { return &r.pieces[i/recordsPerPiece][i%recordsPerPiece] }

// origins are where goroutines come from: pairs of a go statement and an entry function, of which programs have few.
type origins struct {
	process *Process
	ids     map[[2]uint64]originID
	all     []origin
}

type originID uint32

const (
	// maxOrigins bounds those of a process that makes them up. The one that stands for all more is 0.
	maxOrigins = 1 << 16
	// lookupsOfOrigin is how many lookups one may take: the code of a wrapper is looked at instruction by instruction.
	lookupsOfOrigin = 32
)

type origin struct {
	goPC, startPC uint64
	creator       string // function with the go statement; "" of main's goroutine, and those of the runtime's start
	entry         nameID // entry function; where that is a compiler's wrapper, what it calls, as code or a stack has told
	isLearned     bool   // a stack has told
	isSystem      bool   // the runtime's own
	// mayRunUser tells that it is the runtime's own as long as it does not run a finalizer or a clean-up.
	mayRunUser bool
}

func newOrigins(p *Process) origins {
	return origins{process: p, ids: map[[2]uint64]originID{}, all: []origin{{entry: p.names.id(calltree.Unknown)}}}
}

func (o *origins) id(goPC, startPC uint64) (originID, error) {
	key := [2]uint64{goPC, startPC}
	if id, ok := o.ids[key]; ok {
		return id, nil
	}
	if len(o.all) == maxOrigins || !o.process.frames.mayLookUp(lookupsOfOrigin) {
		return 0, nil
	}
	defer o.process.frames.took(time.Now())
	start, ok, err := o.process.functions.Lookup(startPC)
	if err != nil && !isDamage(err) {
		return 0, err
	}
	entry := calltree.PrintedName(start.Name)
	if ok {
		if wrapped, ok, err := o.process.functions.Wrapped(start); err != nil && !isDamage(err) {
			return 0, err
		} else if ok {
			entry = wrapped
		}
	}
	added := origin{goPC: goPC, startPC: startPC, entry: o.process.names.id(entry)}
	if goPC != 0 {
		frame, ok, err := o.process.functions.Frame(goPC, true)
		if err != nil && !isDamage(err) { // as of what is no address
			return 0, err
		}
		if ok && len(frame.Functions) > 0 {
			added.creator = frame.Functions[len(frame.Functions)-1]
		}
	}
	added.isSystem, added.mayRunUser = isSystem(start.Name)
	id := originID(len(o.all))
	o.all = append(o.all, added)
	o.ids[key] = id
	return id, nil
}

// learn notes what stacks of that origin begin with.
func (o *origins) learn(id originID, s *stack) {
	if origin := &o.all[id]; id != 0 && !origin.isLearned && !s.truncated && len(s.path) > 0 {
		origin.entry, origin.isLearned = s.path[0], true
	}
}

// isSystem mirrors runtime.isSystemGoroutine, by names.
func isSystem(start string) (isSystem, mayRunUser bool) {
	switch start {
	case "runtime.main", "runtime.corostart", "runtime.handleAsyncEvent":
		return false, false
	case "runtime.runfinq", "runtime.runFinalizers", "runtime.runCleanups":
		return true, true
	}
	return strings.HasPrefix(start, "runtime."), false
}
