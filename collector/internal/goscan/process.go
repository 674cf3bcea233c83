package goscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// Causes of an [Error], beside those of goelf.
const (
	Gone         = "gone"          // the process has ended, or runs another program now
	NotPermitted = "not_permitted" // the rights to read its memory are missing
	Implausible  = "implausible"   // what is in its memory cannot be true
)

// Error says why a process cannot be read. Its Cause is one of those here or in goelf.
type Error = goelf.Error

func failed(cause, format string, args ...any) error {
	return &Error{Cause: cause, Text: fmt.Sprintf(format, args...)}
}

// Process is a Go process whose goroutines can be read. It is not safe for concurrent use.
type Process struct {
	memory     memory
	executable *goelf.Executable
	functions  *goelf.Functions
	layout     *goelf.GLayout
	image      image
	allgs      goelf.AllGs // addresses in the process

	names   names
	frames  frames
	stacks  stackTable
	records records
	origins origins
	buffers buffers
	// candidates had the largest stacks at the last scan.
	candidates []ranked
}

// Open prepares to read the process, which has to run the executable. proc is where procfs is mounted, "/proc".
//
// Errors are *[Error]: the process is gone, its memory may not be read, or something in it is not as the runtime of its
// version would leave it.
func Open(proc string, pid int, executable *goelf.Executable) (*Process, error) {
	return open(newProcessMemory(proc, pid), executable)
}

func open(m memory, executable *goelf.Executable) (*Process, error) {
	image, err := imageOf(m)
	if err != nil {
		return nil, err
	}
	bias := image.entry - executable.Entry
	if headers, ok := executable.HeadersAddress(); ok && headers+bias != image.phdr {
		return nil, failed(Implausible, "the process does not run this executable: its program headers are at %#x, not at %#x", image.phdr, headers+bias)
	}
	functions, err := openFunctions(m, executable, bias)
	if err != nil {
		return nil, err
	}
	allgs, err := functions.FindAllGs()
	if err != nil {
		return nil, err
	}
	p := &Process{
		memory:     m,
		executable: executable,
		functions:  functions,
		layout:     &executable.Layout.G,
		image:      image,
		allgs:      goelf.AllGs{Length: allgs.Length + bias, Pointer: allgs.Pointer + bias},
	}
	p.names = newNames()
	p.frames = newFrames(p)
	p.stacks = newStackTable()
	p.origins = newOrigins(p)
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// A process that was just started has neither its auxiliary vector, nor tables, where the dynamic linker has to fill them in, nor goroutines.
const (
	startAttempts = 50
	startInterval = 10 * time.Millisecond
)

func imageOf(m memory) (i image, err error) {
	for attempt := 0; attempt < startAttempts; attempt++ {
		if i, err = m.image(); err != nil || i.entry != 0 {
			return i, err
		}
		time.Sleep(startInterval)
	}
	return i, failed(Implausible, "the kernel has not told it where it starts")
}

func openFunctions(m memory, executable *goelf.Executable, bias uint64) (functions *goelf.Functions, err error) {
	for i := 0; i < startAttempts; i++ {
		functions, err = executable.OpenFunctions(addressReader{m}, bias)
		var e *Error
		if !errors.As(err, &e) || e.Cause != goelf.NoTables {
			return functions, err
		}
		time.Sleep(startInterval)
	}
	return nil, err
}

// Functions are those of the process, for who wants to look up more.
func (p *Process) Functions() *goelf.Functions { return p.functions }

// Executable is what the process runs.
func (p *Process) Executable() *goelf.Executable { return p.executable }

// check looks at the goroutine that runs main: it was the first to be made, so is the first in the list, has goid 1, and
// its entry function is runtime.main. If so, the list and the most important offsets are right.
func (p *Process) check() error {
	var last error
	for i := 0; i < startAttempts; i++ {
		if i > 0 {
			time.Sleep(startInterval)
		}
		list, err := p.list()
		if err != nil {
			return err
		}
		if len(list) == 0 {
			last = failed(Implausible, "the runtime has no goroutine yet")
			continue
		}
		g := make([]byte, p.layout.Size())
		if n, err := p.memory.read([]span{{list[0], len(g)}}, g); err != nil || n < len(g) {
			return failed(Implausible, "the first goroutine would be at %#x, where no memory is", list[0])
		}
		function, ok, err := p.functions.Lookup(u64(g[p.layout.StartPC:]))
		if err != nil {
			return err
		}
		if goid := u64(g[p.layout.GoID:]); ok && goid == 1 && function.Name == "runtime.main" && u64(g[p.layout.SchedG:]) == list[0] {
			return nil
		}
		last = failed(Implausible, "the first goroutine is not the one that runs main: its id is %d, its entry function %q. "+
			"Is the runtime of %s a modified one?", u64(g[p.layout.GoID:]), function.Name, p.executable.GoVersion)
	}
	return last
}

// isSame tells whether the process still runs the program that was opened.
func (p *Process) isSame() error {
	now, err := p.memory.image()
	if err != nil {
		return err
	}
	if !bytes.Equal(now.vector, p.image.vector) {
		return failed(Gone, "the process runs another program now")
	}
	return nil
}

// maxGoroutines bounds what a process can make the agent keep of its goroutines, dead ones included: 800 MB. As many take
// 40 GB themselves, but a process may map the same memory again and again.
const maxGoroutines = 16 << 20

// list reads the addresses of all goroutines. The runtime appends to the array, and moves to a larger one when it is
// full; the length is written last (runtime.allgadd). So the length is read first, and if the array moved, again.
func (p *Process) list() ([]uint64, error) {
	resident, err := p.memory.resident()
	if err != nil {
		return nil, err
	}
	var words [16]byte
	for attempt := 0; attempt < 5; attempt++ {
		length, err := p.word(p.allgs.Length, words[:8])
		if err != nil {
			return nil, err
		}
		pointer, err := p.word(p.allgs.Pointer, words[8:])
		if err != nil {
			return nil, err
		}
		if length > min(maxGoroutines, resident/uint64(p.layout.Size())) {
			return nil, failed(Implausible, "it would have %d goroutines in %d bytes of memory", length, resident)
		}
		if err := p.readList(pointer, int(length)); err != nil {
			return nil, err
		}
		again, err := p.word(p.allgs.Pointer, words[8:])
		if err != nil {
			return nil, err
		}
		if again == pointer {
			return p.buffers.list, nil
		}
	}
	return nil, failed(Implausible, "its list of goroutines moves all the time")
}

// readList reads the array, in pieces of a MiB, into buffers.list.
func (p *Process) readList(pointer uint64, length int) error {
	if cap(p.buffers.list) < length {
		p.buffers.list = make([]uint64, 0, length+length/4)
	}
	p.buffers.list = p.buffers.list[:0]
	chunk := p.buffers.bytes(min(8*length, 1<<20))
	for start := 0; start < length; start += len(chunk) / 8 {
		n := min(len(chunk)/8, length-start)
		got, err := p.memory.read([]span{{pointer + uint64(8*start), 8 * n}}, chunk[:8*n])
		if err != nil {
			return err
		}
		if got < 8*n {
			return failed(Implausible, "its list of goroutines is not in its memory")
		}
		for i := 0; i < n; i++ {
			p.buffers.list = append(p.buffers.list, u64(chunk[8*i:]))
		}
	}
	return nil
}

func (p *Process) word(address uint64, into []byte) (uint64, error) {
	n, err := p.memory.read([]span{{address, 8}}, into)
	if err != nil {
		return 0, err
	}
	if n < 8 {
		return 0, failed(Implausible, "no variable is at %#x", address)
	}
	return u64(into), nil
}

func u64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
func u32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// buffers are used for one read after the other.
type buffers struct {
	list  []uint64
	batch []byte
	spans []span
}

// bytes returns a buffer of n bytes, whose content is lost with the next.
func (b *buffers) bytes(n int) []byte {
	if cap(b.batch) < n {
		b.batch = make([]byte, n)
	}
	return b.batch[:n]
}
