package goscan

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// frame is what an address on a stack means, see goelf.Frame.
type frame struct {
	functions                         []nameID // outermost first
	size                              uint64
	isGo, isTop, hidesCaller, injects bool
}

// frames remembers what addresses mean: all stacks together have few different ones.
type frames struct {
	process *Process
	known   map[uint64]*frame // by address<<1, with the lowest bit set for one that is returned to
	// recent are those that were asked for last, each in the place that its key leads to: all that most stacks have.
	recent [1 << recentBits]struct {
		key   uint64
		frame *frame
	}
	// What is left until the next scan begins, of lookups in the tables of the executable, and of the time that they may take.
	lookups int
	time    time.Duration
}

const recentBits = 9

// maxFrames bounds what is remembered. What is over it is forgotten as a whole: only a process that makes addresses up
// has so many.
const maxFrames = 1 << 18

// maxLookups and maxLookupTime bound the time of a scan. Programs have a few thousand addresses on all stacks, which take
// a few milliseconds; but an executable can be made such that each takes long.
const (
	maxLookups    = 1 << 17
	maxLookupTime = 5 * time.Second
)

func newFrames(p *Process) frames {
	f := frames{process: p, known: map[uint64]*frame{}}
	f.startScan()
	return f
}

func (f *frames) startScan() { f.lookups, f.time = maxLookups, maxLookupTime }

// mayLookUp tells whether the scan has lookups left, and takes them.
func (f *frames) mayLookUp(n int) bool {
	if f.lookups < n || f.time < 0 {
		f.lookups = 0
		return false
	}
	f.lookups -= n
	return true
}

// took notes how long lookups took that began then.
func (f *frames) took(start time.Time) { f.time -= time.Since(start) }

func (f *frames) at(key uint64) (*frame, error) {
	recent := &f.recent[key*0x9e3779b97f4a7c15>>(64-recentBits)] // Fibonacci hashing: addresses have few random bits
	if recent.frame != nil && recent.key == key {
		return recent.frame, nil
	}
	known, err := f.find(key)
	if known == nil || err != nil {
		return &frame{}, err
	}
	recent.key, recent.frame = key, known
	return known, nil
}

// find returns the frame if it is known, and looks it up if not. It is nil when the scan has no lookups left.
func (f *frames) find(key uint64) (*frame, error) {
	if known, ok := f.known[key]; ok {
		return known, nil
	}
	if !f.mayLookUp(1) {
		return nil, nil
	}
	start := time.Now()
	found, ok, err := f.process.functions.Frame(key>>1, key&1 == 1)
	f.took(start)
	if isDamage(err) { // as of what is no address: the goroutine ran while its stack was read
		ok, err = false, nil
	}
	if err != nil {
		return nil, err
	}
	added := &frame{size: found.Size, isGo: ok, isTop: found.IsTop, hidesCaller: found.HidesCaller, injects: found.IsInjected}
	for _, name := range found.Functions {
		added.functions = append(added.functions, f.process.names.id(name))
	}
	if len(f.known) >= maxFrames {
		clear(f.known)
		clear(f.recent[:])
	}
	f.known[key] = added
	return added, nil
}

// window is a piece of a stack that was read.
type window struct {
	start uint64 // address of the first byte
	bytes []byte
}

// stackReader reads words of one stack, from what was read of it already, or from memory.
type stackReader struct {
	memory memory
	hi     uint64
	window window
	own    []byte // the buffer of windows that it read itself
	budget *int64 // bytes that may still be read, of all stacks
	walked int    // frames, of all stacks
	// isExhausted tells that these did not suffice for a stack.
	isExhausted bool
}

// furtherWindow is how many bytes are read at once where a stack goes on after what was read with the others.
const furtherWindow = 64 << 10

// word returns the word at an address of the stack. ok is false if there is none.
func (r *stackReader) word(address uint64) (word uint64, ok bool, err error) {
	if address%8 != 0 || address >= r.hi || r.hi-address < 8 {
		return 0, false, nil
	}
	if address < r.window.start || address-r.window.start > uint64(len(r.window.bytes)) || uint64(len(r.window.bytes))-(address-r.window.start) < 8 {
		length := int(min(furtherWindow, r.hi-address))
		if *r.budget < int64(length) {
			r.isExhausted = true
			return 0, false, nil
		}
		if r.own == nil {
			r.own = make([]byte, furtherWindow)
		}
		n, err := r.memory.read([]span{{address, length}}, r.own[:length])
		if err != nil {
			return 0, false, err
		}
		*r.budget -= int64(n)
		r.window = window{address, r.own[:n]}
		if n < 8 {
			return 0, false, nil
		}
	}
	return u64(r.window.bytes[address-r.window.start:]), true, nil
}

const (
	// maxRead and maxWalks bound the time of a scan: what is read of all stacks, in bytes, and the frames that are walked over.
	// Both take some seconds. A million goroutines have 4 GB of stacks and 20 million frames.
	maxRead  = 8 << 30
	maxWalks = 32 << 20
)

// maxWalk bounds the frames of one stack, those of inlined calls included: 32 MB of addresses. One that is deeper is cut
// off at its root end.
const maxWalk = 4 << 20

// walker walks over stacks, one after the other.
type walker struct {
	process   *Process
	reader    stackReader
	addresses []uint64 // keys of frames.at, leaf first
	leaf      []uint64 // the same of a second walk, see rejoin
	bytes     []byte   // of the addresses
	path      []nameID
}

// walk returns the stack of the goroutine, whose words come from the reader.
//
// It goes by the sizes of the frames, as the runtime's own traceback does (runtime.unwinder), and so is exact also where
// a function has no frame pointer: at its first instructions, and in small ones without a frame.
func (w *walker) walk(d *descriptor) (walked, error) {
	complete, err := w.collectAll(d)
	if err != nil {
		return walked{}, err
	}
	return w.known(complete)
}

// collectAll notes the addresses of the whole stack. complete is false if it did not get to the root.
func (w *walker) collectAll(d *descriptor) (complete bool, err error) {
	w.addresses = w.addresses[:0]
	return w.collect(d, func(_, key uint64) (goOn bool) {
		w.addresses = append(w.addresses, key)
		return true
	})
}

// known returns the stack of the addresses, which it keeps if it is new.
func (w *walker) known(complete bool) (walked, error) {
	t := &w.process.stacks
	w.bytes = w.bytes[:0]
	for _, address := range w.addresses {
		w.bytes = binary.LittleEndian.AppendUint64(w.bytes, address)
	}
	if !complete {
		w.bytes = append(w.bytes, 1)
	}
	key := maphash.Bytes(t.seed, w.bytes)
	known, ok := t.byAddresses[key]
	if ok {
		return known, nil
	}
	added, err := w.intern(!complete)
	added.isComplete = complete
	if err == nil && len(t.byAddresses) < maxAddresses {
		t.byAddresses[key] = added
	}
	return added, err
}

// collect walks from the leaf to the root, and gives each frame's stack pointer and key of frames.at to visit, until that
// does not want to go on. complete is false if it did not get to the root.
func (w *walker) collect(d *descriptor, visit func(sp, key uint64) (goOn bool)) (complete bool, err error) {
	usesLR := w.process.executable.Arch.UsesLR()
	pc, sp, lr := d.pc, d.sp, d.lr
	isReturn := true
	frames := 0
	for innermost := true; frames < maxWalk; innermost = false {
		key := pc << 1
		if isReturn {
			key |= 1
		}
		f, err := w.process.frames.at(key)
		if err != nil || !f.isGo {
			w.reader.isExhausted = w.reader.isExhausted || w.process.frames.lookups == 0
			return false, err
		}
		if !visit(sp, key) {
			return false, nil
		}
		frames += max(1, len(f.functions))
		if w.reader.walked++; w.reader.walked > maxWalks {
			w.reader.isExhausted = true
			return false, nil
		}
		if f.isTop {
			return true, nil
		}
		if f.hidesCaller && !(innermost && d.isSyscall) { // those that write SP do so after the system call
			return false, nil
		}
		caller := f.caller(sp, usesLR)
		if caller < sp || caller > d.hi {
			return false, nil
		}
		at := caller - 8
		if usesLR {
			at = sp
		}
		if !usesLR || innermost && sp < caller || lr == 0 {
			var ok bool
			if lr, ok, err = w.reader.word(at); !ok || err != nil {
				return false, err
			}
		}
		if caller == sp && lr == pc {
			return false, nil // it would go on like this for ever
		}
		pc, sp, lr = lr, caller, 0
		isReturn = !f.injects
		if usesLR && f.injects {
			// A signal handler has put the register on the stack before it made up the call (runtime.unwinder.next).
			saved, ok, err := w.reader.word(sp)
			if !ok || err != nil {
				return false, err
			}
			sp += 16
			interrupted, err := w.process.frames.at(pc << 1)
			if err != nil {
				return false, err
			}
			if !interrupted.isGo {
				pc = saved
			} else if interrupted.size == 0 {
				lr = saved
			}
		}
	}
	return false, nil
}

// caller returns the stack pointer after the return from a frame.
func (f *frame) caller(sp uint64, usesLR bool) uint64 {
	if usesLR {
		return sp + f.size
	}
	return sp + f.size + 8
}

const (
	// deep is from how many frames on a stack is not given up because its goroutine ran while it was read. That takes
	// milliseconds, and recursion that runs away does not wait for it.
	deep = 256
	// rejoined is how many frames have to be as they were.
	rejoined = 64
)

// rejoin returns the stack of a goroutine that has run while its deep stack was walked, as it is now: d is its descriptor now,
// was the one before. It walks again, until it is on frames that are the very same, in the same places, as those of the
// first walk: what is below them, towards the root, is then as it was, unless the goroutine has returned through all of
// these frames meanwhile and gone the same way again from elsewhere. ok is false when there are none.
func (w *walker) rejoin(was, d *descriptor) (stack walked, ok bool, err error) {
	usesLR := w.process.executable.Arch.UsesLR()
	w.leaf = w.leaf[:0]
	w.reader.window = window{}
	i, at := 0, was.sp // in the first walk
	same := 0
	_, err = w.collect(d, func(sp, key uint64) (goOn bool) {
		for i < len(w.addresses) && at < sp {
			f, ok := w.process.frames.known[w.addresses[i]]
			if !ok { // it was forgotten
				return false
			}
			at = f.caller(at, usesLR)
			i++
		}
		if i < len(w.addresses) && at == sp && w.addresses[i] == key {
			same++
		} else {
			same = 0
		}
		w.leaf = append(w.leaf, key)
		return same < rejoined && len(w.leaf) < len(w.addresses)
	})
	if err != nil || same < rejoined {
		return walked{}, false, err
	}
	joined := append(w.leaf, w.addresses[i+1:]...)
	w.leaf, w.addresses = w.addresses, joined
	stack, err = w.known(true)
	return stack, err == nil, err
}

// intern folds the stack that was collected, and keeps it.
func (w *walker) intern(truncated bool) (walked, error) {
	w.path = w.path[:0]
	for i := len(w.addresses) - 1; i >= 0; i-- {
		f, err := w.process.frames.at(w.addresses[i])
		if err != nil {
			return walked{}, err
		}
		w.path = append(w.path, f.functions...)
	}
	isUser := slices.ContainsFunc(w.path, func(name nameID) bool {
		return !strings.HasPrefix(w.process.names.text[name], "runtime.")
	})
	id := w.process.stacks.intern(calltree.Fold(w.path), truncated, isUser)
	return walked{stack: id, frames: uint32(len(w.path))}, nil
}
