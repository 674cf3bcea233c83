package goscan

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand"
	"os"
	"strings"
	"testing"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// fake is the memory of a process that a test makes up. The executable is a real one that does not move, so that its file
// says what its variables are before the process runs; all the rest is in regions.
type fake struct {
	executable        *goelf.Executable
	functions         *goelf.Functions
	allgs             goelf.AllGs
	regions           []*region
	started           image
	residentN         uint64
	virtualN          uint64
	reads, bytesRead  int
	before            func() // called before each reading
	gs, list, globals *region
	main              *fakeG
	frames            map[string]fakeFrame // by function
	entries           map[string]uint64
}

type region struct {
	start uint64
	bytes []byte
}

func (r *region) put(address, word uint64) {
	binary.LittleEndian.PutUint64(r.bytes[address-r.start:], word)
}

// Where a fake process has its goroutines, their list, and their stacks.
const (
	fakeGs     = 0xc0_0000_0000
	fakeList   = 0xc1_0000_0000
	fakeStacks = 0xc2_0000_0000
)

// newFake makes up a process that has no goroutine but that of main.
func newFake(t testing.TB) *fake { return newFakeOf(t, local) }

func newFakeOf(t testing.TB, b build) *fake {
	t.Helper()
	f := &fake{residentN: 1 << 30, virtualN: 2 << 30}
	f.of(t, b)
	f.started = image{vector: []byte("as it was started"), entry: f.executable.Entry}
	f.started.phdr, _ = f.executable.HeadersAddress()
	least, most := min(f.allgs.Length, f.allgs.Pointer), max(f.allgs.Length, f.allgs.Pointer)
	f.globals = f.region(least, int(most-least)+8)
	f.gs = f.region(fakeGs, 0)
	f.list = f.region(fakeList, 0)
	f.globals.put(f.allgs.Pointer, fakeList)
	f.main = f.add(t, &fakeG{stack: []string{"runtime.main", "main.main"}})
	return f
}

// known are the programs that fakes were made of.
var known = map[build]*fake{}

// of takes what is the same for all fakes of a program.
func (f *fake) of(t testing.TB, b build) {
	t.Helper()
	k := known[b]
	if k == nil {
		file, err := os.Open(program(t, b)) // until the tests end
		if err != nil {
			t.Fatal(err)
		}
		k = &fake{frames: map[string]fakeFrame{}, entries: map[string]uint64{}}
		if k.executable, err = goelf.Open(file); err != nil {
			t.Fatal(err)
		}
		if k.functions, err = k.executable.OpenFunctions(addressReader{k}, 0); err != nil {
			t.Fatal(err)
		}
		if k.allgs, err = k.functions.FindAllGs(); err != nil {
			t.Fatal(err)
		}
		known[b] = k
	}
	f.executable, f.functions, f.allgs, f.frames, f.entries = k.executable, k.functions, k.allgs, k.frames, k.entries
}

func (f *fake) region(start uint64, size int) *region {
	r := &region{start, make([]byte, size)}
	f.regions = append(f.regions, r)
	return r
}

func (f *fake) read(spans []span, into []byte) (int, error) {
	if len(spans) > maxSpans {
		panic("more pieces than the kernel takes")
	}
	if f.before != nil {
		f.before()
	}
	f.reads++
	done := 0
	for _, s := range spans {
		n := f.copy(s.address, into[done:][:s.length])
		done += n
		if n < s.length {
			break
		}
	}
	f.bytesRead += done
	return done, nil
}

// copy returns how many of the bytes are in one region, or in the file.
func (f *fake) copy(address uint64, into []byte) int {
	for _, r := range f.regions {
		if address >= r.start && address-r.start < uint64(len(r.bytes)) {
			return copy(into, r.bytes[address-r.start:])
		}
	}
	if b, err := f.executable.ReadAddress(address, len(into)); err == nil {
		return copy(into, b)
	}
	return 0
}

func (f *fake) resident() (uint64, error) { return f.residentN, nil }
func (f *fake) virtual() (uint64, error)  { return f.virtualN, nil }
func (f *fake) image() (image, error)     { return f.started, nil }

// fakeG is a goroutine that a test makes up. What is zero is as add fills it in.
type fakeG struct {
	index    int
	goid     uint64
	status   Status
	stack    []string // functions, root first
	size     uint64   // of the stack
	sequence uint8
	wait     uint8
	address  uint64
	lo, sp   uint64
}

// fakeFrame is a place in a function to which a call returns, where its frame has that size.
type fakeFrame struct{ pc, size uint64 }

// frame returns the first place in a function at which it has a frame.
func (f *fake) frame(t testing.TB, name string) fakeFrame {
	t.Helper()
	if known, ok := f.frames[name]; ok {
		return known
	}
	for pc := f.entry(t, name) + 4; ; pc++ {
		frame, ok, err := f.functions.Frame(pc, true)
		if !ok || err != nil {
			t.Fatalf("%s has no frame: %v", name, err)
		}
		if frame.Size > 0 {
			f.frames[name] = fakeFrame{pc, frame.Size}
			return f.frames[name]
		}
	}
}

func (f *fake) entry(t testing.TB, name string) uint64 {
	t.Helper()
	if entry, ok := f.entries[name]; ok {
		return entry
	}
	found, err := f.functions.Find(name)
	if err != nil || found[name].Entry == 0 {
		t.Fatalf("the program has no function %s: %v", name, err)
	}
	f.entries[name] = found[name].Entry
	return found[name].Entry
}

// add adds a goroutine to the list.
func (f *fake) add(t testing.TB, g *fakeG) *fakeG {
	t.Helper()
	const apart = 512
	g.index = len(f.list.bytes) / 8
	if g.goid == 0 {
		g.goid = uint64(g.index) + 1
	}
	if g.size == 0 {
		g.size = 2048
	}
	if g.status == 0 {
		g.status = Waiting
	}
	g.address = fakeGs + uint64(len(f.gs.bytes))
	f.gs.bytes = append(f.gs.bytes, make([]byte, apart)...)
	f.list.bytes = binary.LittleEndian.AppendUint64(f.list.bytes, g.address)
	f.globals.put(f.allgs.Length, uint64(g.index)+1)
	g.lo = fakeStacks + uint64(g.index)<<20
	f.write(t, g)
	return g
}

// write writes the descriptor and the stack of a goroutine, which is made larger if its frames need that.
func (f *fake) write(t testing.TB, g *fakeG) {
	t.Helper()
	layout := f.executable.Layout.G
	usesLR := f.executable.Arch.UsesLR()
	var frames []fakeFrame
	total := uint64(0)
	for i := len(g.stack) - 1; i >= 0; i-- {
		frame := f.frame(t, g.stack[i])
		frames = append(frames, frame)
		if total += frame.size; !usesLR {
			total += 8
		}
	}
	frames = append(frames, fakeFrame{f.entry(t, "runtime.goexit") + 4, 0})
	for total+64 > g.size {
		g.size *= 2
	}
	hi := g.lo + g.size
	g.sp = hi - total
	f.dropRegion(g.lo)
	stack := f.region(g.lo, int(g.size))
	at := g.sp
	for i, frame := range frames[:len(frames)-1] {
		if usesLR { // the return address is at the lower end of the frame
			stack.put(at, frames[i+1].pc)
			at += frame.size
		} else { // above it
			stack.put(at+frame.size, frames[i+1].pc)
			at += frame.size + 8
		}
	}
	put := func(offset, word uint64) { f.gs.put(g.address+offset, word) }
	put(layout.StackLo, g.lo)
	put(layout.StackHi, hi)
	put(layout.SchedSP, g.sp)
	put(layout.SchedPC, frames[0].pc)
	put(layout.SchedG, g.address)
	put(layout.GoID, g.goid)
	put(layout.StartPC, f.entry(t, g.stack[0]))
	offset := g.address - f.gs.start
	binary.LittleEndian.PutUint32(f.gs.bytes[offset+layout.AtomicStatus:], uint32(g.status))
	f.gs.bytes[offset+layout.WaitReason] = g.wait
	f.gs.bytes[offset+layout.TrackingSeq] = g.sequence
}

func (f *fake) dropRegion(start uint64) {
	for i, r := range f.regions {
		if r.start == start {
			f.regions[i] = f.regions[len(f.regions)-1]
			f.regions = f.regions[:len(f.regions)-1]
			return
		}
	}
}

func (f *fake) open(t testing.TB) *Process {
	t.Helper()
	p, err := open(f, f.executable)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Functions that a fake's stacks are made of, in which many have the same first ones.
var fakeFunctions = []string{"main.parked", "main.churn", "main.grow", "main.serve", "main.know", "sort.Sort"}

func randomStack(random *rand.Rand) []string {
	stack := []string{fakeFunctions[random.Intn(3)]}
	for n := random.Intn(12); n > 0; n-- {
		stack = append(stack, fakeFunctions[random.Intn(len(fakeFunctions))])
	}
	return stack
}

// expected is the summary of what the goroutines are, see summary.
func expected(gs []*fakeG) map[string]int64 {
	all := map[string]int64{}
	for _, g := range gs {
		if g.status == dead {
			all["dead"] += int64(g.size)
			continue
		}
		path := "false " + strings.Join(folded(g.stack), "/")
		if g.status == Running {
			path = "false " + g.stack[0] + "/" + calltree.Running
			all["running"]++
		}
		all["goroutines"]++
		all["goroutines of "+path]++
		all["bytes of "+path] += int64(g.size)
		all[fmt.Sprint("of size ", g.size)]++
		if g.status != Running {
			all["frames"] = max(all["frames"], int64(len(g.stack)))
		} else {
			all["frames"] = max(all["frames"], 2)
		}
	}
	return all
}

// partOf returns what of a summary has a name that the other has too, or that begins so.
func partOf(s *Snapshot) map[string]int64 {
	all := summary(s)
	maps.DeleteFunc(all, func(name string, n int64) bool {
		return n == 0 || strings.HasPrefix(name, "waiting") || strings.Contains(name, "largest")
	})
	return all
}

func TestEachScanIsOfWhatGoroutinesAreThen(t *testing.T) { eachScan(t, local) }

// The executable is a real one for arm64, and the stacks are as its frames say; but no arm64 process is there to be read.
func TestEachScanIsOfWhatGoroutinesAreThenOnARM64(t *testing.T) { eachScan(t, arm64) }

func eachScan(t *testing.T, b build) {
	random := rand.New(rand.NewSource(1))
	for round := 0; round < 10; round++ {
		f := newFakeOf(t, b)
		gs := []*fakeG{f.main}
		for i := random.Intn(300); i > 0; i-- {
			gs = append(gs, f.add(t, &fakeG{stack: randomStack(random), size: 2048 << random.Intn(4)}))
		}
		p := f.open(t)
		for i := 0; i < 10; i++ {
			snapshot := scanned(t, p, Stacks)
			checkSums(t, snapshot)
			if got, want := partOf(snapshot), expected(gs); !maps.Equal(got, want) {
				t.Fatalf("round %d, scan %d:\n%s", round, i, difference(got, want))
			}
			if fresh := scanned(t, f.open(t), Stacks); !maps.Equal(partOf(fresh), partOf(snapshot)) {
				t.Fatalf("round %d, scan %d is not that of a process that was just opened:\n%s", round, i, difference(partOf(snapshot), partOf(fresh)))
			}
			for _, g := range gs[1:] {
				switch random.Intn(12) {
				case 0: // it ran, and stopped elsewhere or at the same place
					g.stack, g.sequence, g.status = append(g.stack[:1:1], randomStack(random)...), g.sequence+1, Waiting
				case 1: // its stack was moved to another of other size, without that it ran
					if g.status == Waiting {
						g.size, g.lo = 2048<<random.Intn(4), g.lo^(1<<19)
					}
				case 2:
					g.status, g.sequence = dead, g.sequence+1
				case 3: // it is the next goroutine
					g.goid, g.status, g.sequence, g.stack = g.goid+10000, Runnable, uint8(random.Intn(256)), randomStack(random)
				case 4:
					if g.status == Waiting {
						g.status = Running
					}
				}
				f.write(t, g)
			}
			for n := random.Intn(20); n > 0; n-- {
				gs = append(gs, f.add(t, &fakeG{stack: randomStack(random)}))
			}
		}
	}
}

func TestTheRuntimesOwnGoroutinesAreNoneOfTheProgramsWhereverTheyAre(t *testing.T) {
	f := newFake(t)
	wrapper := "runtime.gcenable.gowrap1"
	f.add(t, &fakeG{stack: []string{wrapper}})                   // has not run yet, so has the same empty stack as
	f.add(t, &fakeG{stack: []string{"main.startChurn.gowrap1"}}) // one of the program that has not
	p := f.open(t)
	snapshot := scanned(t, p, Stacks)
	checkSums(t, snapshot)
	if snapshot.Goroutines != 2 || snapshot.SystemBytes != 2048 || snapshot.allBytes() != 3*2048 {
		t.Errorf("%d goroutines, and %d bytes of the runtime's own, want 2 and 2048", snapshot.Goroutines, snapshot.SystemBytes)
	}
}

func TestADescriptorInTheMiddleOfAChangeIsReadAgain(t *testing.T) {
	f := newFake(t)
	g := f.add(t, &fakeG{stack: []string{"main.parked", "main.grow"}, size: 4096})
	p := f.open(t)
	layout := f.executable.Layout.G
	for _, change := range map[string]func(isTorn bool){
		"its stack is moved": func(isTorn bool) {
			f.write(t, g)
			if isTorn {
				f.gs.put(g.address+layout.StackHi, g.lo+3000)
			}
		},
		"its stack pointer is that of the old stack": func(isTorn bool) {
			f.write(t, g)
			if isTorn {
				f.gs.put(g.address+layout.SchedSP, g.lo-8)
			}
		},
	} {
		f.reads = 0
		f.before = func() { change(f.reads < 3) } // the length, the pointer, the array; then the descriptors
		snapshot := scanned(t, p, Stacks)
		f.before = nil
		if snapshot.Goroutines != 2 || snapshot.Unreadable != 0 {
			t.Errorf("%d goroutines, and %d unreadable, want 2 and 0", snapshot.Goroutines, snapshot.Unreadable)
		}
	}
}

func TestAGoroutineThatRunsBetweenReadingsIsReadAgain(t *testing.T) {
	f := newFake(t)
	g := f.add(t, &fakeG{stack: []string{"main.parked", "main.grow"}})
	p := f.open(t)
	other := []string{"main.parked", "main.serve"}
	f.reads = 0
	f.before = func() {
		if f.reads == 4 { // between its descriptor and its stack
			g.stack, g.sequence = other, g.sequence+1
			f.write(t, g)
		}
	}
	snapshot := scanned(t, p, Stacks)
	if want := int64(1); summary(snapshot)["goroutines of false main.parked/main.serve"] != want {
		t.Errorf("the stacks are %+v", snapshot.Stacks)
	}
	// One that does so each time is counted as running.
	f.before = func() {
		g.sequence++
		f.write(t, g)
	}
	snapshot = scanned(t, p, Stacks)
	if snapshot.Running != 1 || summary(snapshot)["goroutines of false main.parked/(running)"] != 1 {
		t.Errorf("%d ran, the stacks are %+v", snapshot.Running, snapshot.Stacks)
	}
	checkSums(t, snapshot)
}

func TestSystemCallsAndCoroutinesAreReadAlthoughTheSequenceNumberIsTheSame(t *testing.T) {
	f := newFake(t)
	coroutine := uint8(0)
	for i, text := range f.executable.Layout.WaitReasons {
		if text == "coroutine" {
			coroutine = uint8(i)
		}
	}
	g := f.add(t, &fakeG{stack: []string{"main.parked", "main.grow"}, wait: coroutine})
	p := f.open(t)
	scanned(t, p, Stacks)
	g.stack = []string{"main.parked", "main.serve"}
	f.write(t, g)
	if got := summary(scanned(t, p, Stacks)); got["goroutines of false main.parked/main.serve"] != 1 {
		t.Errorf("the snapshot is %v", got)
	}
	// A goroutine in a system call has its place in other fields.
	layout := f.executable.Layout.G
	inCall := func(functions ...string) {
		g.stack, g.status = functions, Syscall
		f.write(t, g)
		f.gs.put(g.address+layout.SyscallSP, g.sp)
		f.gs.put(g.address+layout.SyscallPC, f.frame(t, functions[len(functions)-1]).pc)
		f.gs.put(g.address+layout.SchedSP, g.sp-64) // it has gone on, on the way to the call
	}
	for _, leaf := range []string{"main.know", "main.grow", "main.churn"} {
		inCall("main.parked", leaf)
		if got := summary(scanned(t, p, Stacks)); got["goroutines of false main.parked/"+leaf] != 1 || got["waiting for syscall"] != 1 {
			t.Errorf("the snapshot is %v", got)
		}
	}
}

func TestTheFirstGoroutineIsTheOneThatRunsMain(t *testing.T) {
	for what, change := range map[string]func(f *fake, g uint64, layout *goelf.GLayout){
		"its id is not 1":           func(f *fake, g uint64, layout *goelf.GLayout) { f.gs.put(g+layout.GoID, 2) },
		"it starts elsewhere":       func(f *fake, g uint64, layout *goelf.GLayout) { f.gs.put(g+layout.StartPC, f.entries["main.churn"]) },
		"its buffer is another's":   func(f *fake, g uint64, layout *goelf.GLayout) { f.gs.put(g+layout.SchedG, g+8) },
		"there is none":             func(f *fake, g uint64, layout *goelf.GLayout) { f.globals.put(f.allgs.Length, 0) },
		"the list is nowhere":       func(f *fake, g uint64, layout *goelf.GLayout) { f.globals.put(f.allgs.Pointer, 8) },
		"the list is too long":      func(f *fake, g uint64, layout *goelf.GLayout) { f.globals.put(f.allgs.Length, 1<<60) },
		"the list has wild entries": func(f *fake, g uint64, layout *goelf.GLayout) { f.list.put(fakeList, 0xffff_8000_0000_0000) },
	} {
		f := newFake(t)
		f.entry(t, "main.churn")
		change(f, fakeGs, &f.executable.Layout.G)
		if _, err := open(f, f.executable); causeOf(err) != Implausible {
			t.Errorf("%s: the error is %v, want one of cause %s", what, err, Implausible)
		}
	}
}

func causeOf(err error) string {
	if e, ok := err.(*Error); ok {
		return e.Cause
	}
	return ""
}

func TestAnotherProgramInTheSameProcessIsNoticed(t *testing.T) {
	f := newFake(t)
	p := f.open(t)
	f.started.vector = []byte("as another was started")
	if _, err := p.Scan(Stacks); causeOf(err) != Gone {
		t.Errorf("the error is %v, want one of cause %s", err, Gone)
	}
	f.started.phdr += 64
	if _, err := open(f, f.executable); causeOf(err) != Implausible {
		t.Errorf("the error is %v, want one of cause %s", err, Implausible)
	}
}
