package goscan

import (
	"cmp"
	"container/heap"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// Order is what goroutines are sorted by. Those that are equal in it are sorted by id, ascending.
type Order int

const (
	BySize     Order = iota // bytes reserved; then those in use
	ByUsed                  // bytes in use
	ByGrowth                // change of the bytes in use since the scan before
	ByState                 // by text
	ByID                    // the order in which they were started, nearly
	ByCreator               // by text
	ByFunction              // by text, see Selected.Function
)

// Selection says which goroutines of the last scan are wanted.
type Selection struct {
	Order      Order
	Descending bool
	Limit      int // how many at most; never more than MaxSelected
	// Contains leaves those out that have no function on their stack, and no creator, with this text in its name. Letters are
	// compared without case.
	Contains string
}

// MaxSelected is the greatest number of goroutines that can be selected: their descriptors are read at once.
const MaxSelected = maxSpans

// Selected is a goroutine that was selected.
type Selected struct {
	Goroutine
	// Function is its first user frame, see FirstUserFrame.
	Function string
	// Wait is for how long, at least, it has waited or been in a system call; 0 where that is not known. The runtime notes no
	// more than the start of the first garbage collection that saw it so (runtime.g.waitsince).
	Wait time.Duration
}

// Totals are sums over goroutines, whatever the limit of the Selection.
type Totals struct {
	Goroutines, StackBytes int64 // of those that the Selection lets through; bytes reserved
	UsedBytes              int64 // bytes in use of all goroutines; of those that run, they are not known
}

// Goroutines returns the first goroutines of the last scan, in the order that is asked for. There may be millions to
// choose from: only those that are returned are made texts of.
func (p *Process) Goroutines(selection Selection) ([]Selected, Totals, error) {
	var totals Totals
	wants := p.filter(selection.Contains)
	chosen := &selectionHeap{less: p.less(selection), limit: max(0, min(selection.Limit, MaxSelected))}
	for i := range p.buffers.list {
		r := p.records.at(i)
		if r.goid == 0 || p.isSystem(r) {
			continue
		}
		totals.UsedBytes += int64(r.used) * 8
		if !wants(r) {
			continue
		}
		totals.Goroutines++
		totals.StackBytes += r.size()
		chosen.offer(candidate{i, r})
	}
	places := chosen.sorted()
	selected := make([]Selected, len(places))
	for i, place := range places {
		r := p.records.at(place)
		selected[i] = Selected{Goroutine: p.goroutine(r), Function: p.firstUserFrame(p.stacks.stacks[r.stack].path)}
	}
	return selected, totals, p.readWaits(places, selected)
}

// growth is what Goroutine.Growth is, in bytes.
func growth(r *record) int64 {
	if r.status == Running || r.status == copystack {
		return 0
	}
	return (int64(r.used) - int64(r.before)) * 8
}

// filter returns which goroutines have the text in a function's name. Each name is looked at once.
func (p *Process) filter(text string) func(*record) bool {
	if text == "" {
		return func(*record) bool { return true }
	}
	text = strings.ToLower(text)
	contains := func(name string) bool { return strings.Contains(strings.ToLower(name), text) }
	names := make([]bool, len(p.names.text))
	for i, name := range p.names.text {
		names[i] = contains(name)
	}
	stacks := make([]bool, len(p.stacks.stacks))
	for i, s := range p.stacks.stacks {
		stacks[i] = slices.ContainsFunc(s.path, func(name nameID) bool { return names[name] })
	}
	origins := make([]bool, len(p.origins.all))
	for i, o := range p.origins.all {
		origins[i] = contains(o.creator)
	}
	return func(r *record) bool { return stacks[r.stack] || origins[r.origin] }
}

// less returns a comparison of records: whether a comes before b.
func (p *Process) less(selection Selection) func(a, b *record) bool {
	var compare func(a, b *record) int
	switch selection.Order {
	case BySize:
		compare = func(a, b *record) int {
			if order := cmp.Compare(a.sizeLog2, b.sizeLog2); order != 0 {
				return order
			}
			return cmp.Compare(a.used, b.used)
		}
	case ByUsed:
		compare = func(a, b *record) int { return cmp.Compare(a.used, b.used) }
	case ByGrowth:
		compare = func(a, b *record) int { return cmp.Compare(growth(a), growth(b)) }
	case ByState:
		state := p.stateRanks()
		compare = func(a, b *record) int { return cmp.Compare(state(a), state(b)) }
	case ByCreator:
		creators := make([]string, len(p.origins.all))
		for i, o := range p.origins.all {
			creators[i] = o.creator
		}
		rank := ranks(creators)
		compare = func(a, b *record) int { return cmp.Compare(rank[a.origin], rank[b.origin]) }
	case ByFunction:
		functions := make([]string, len(p.stacks.stacks))
		for i, s := range p.stacks.stacks {
			functions[i] = p.firstUserFrame(s.path)
		}
		rank := ranks(functions)
		compare = func(a, b *record) int { return cmp.Compare(rank[a.stack], rank[b.stack]) }
	default:
		compare = func(a, b *record) int { return cmp.Compare(a.goid, b.goid) }
	}
	return func(a, b *record) bool {
		order := compare(a, b)
		if selection.Descending {
			order = -order
		}
		if order == 0 {
			return a.goid < b.goid
		}
		return order < 0
	}
}

// stateRanks returns numbers that are in the order of the states' texts.
func (p *Process) stateRanks() func(*record) int {
	const statuses = 256 // and as many reasons to wait
	texts := make([]string, 2*statuses)
	for i := 0; i < statuses; i++ {
		texts[i] = Status(i).String()
		texts[statuses+i] = p.waitReason(uint8(i))
	}
	rank := ranks(texts)
	return func(r *record) int {
		if r.status == Waiting || r.status == leaked {
			return rank[statuses+int(r.wait)]
		}
		return rank[r.status]
	}
}

// ranks returns for each text how many different ones come before it.
func ranks(texts []string) []int {
	sorted := slices.Clone(texts)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	ranks := make([]int, len(texts))
	for i, text := range texts {
		ranks[i], _ = slices.BinarySearch(sorted, text)
	}
	return ranks
}

// candidate is a goroutine that may be selected, and its place in the list.
type candidate struct {
	place  int
	record *record
}

// selectionHeap holds the first goroutines of those that it was offered; the last of them on top, to be driven out.
type selectionHeap struct {
	less       func(a, b *record) bool
	limit      int
	candidates []candidate
}

func (h *selectionHeap) offer(c candidate) {
	switch {
	case len(h.candidates) < h.limit:
		heap.Push(h, c)
	case h.limit > 0 && h.less(c.record, h.candidates[0].record):
		h.candidates[0] = c
		heap.Fix(h, 0)
	}
}

// sorted returns the places of those that it holds, and empties it.
func (h *selectionHeap) sorted() []int {
	places := make([]int, len(h.candidates))
	for i := len(places) - 1; i >= 0; i-- {
		places[i] = heap.Pop(h).(candidate).place
	}
	return places
}

func (h *selectionHeap) Len() int { return len(h.candidates) }
func (h *selectionHeap) Less(i, j int) bool {
	return h.less(h.candidates[j].record, h.candidates[i].record)
}
func (h *selectionHeap) Swap(i, j int) {
	h.candidates[i], h.candidates[j] = h.candidates[j], h.candidates[i]
}
func (h *selectionHeap) Push(c any) { h.candidates = append(h.candidates, c.(candidate)) }
func (h *selectionHeap) Pop() any {
	last := len(h.candidates) - 1
	c := h.candidates[last]
	h.candidates = h.candidates[:last]
	return c
}

// readWaits fills in for how long the goroutines in these places of the list have waited.
func (p *Process) readWaits(places []int, selected []Selected) error {
	if len(places) == 0 || !p.hasOurClock() {
		return nil
	}
	now, err := monotonic()
	if err != nil {
		return err
	}
	size := p.layout.Size()
	spans := make([]span, len(places))
	for i, place := range places {
		spans[i] = span{p.buffers.list[place], size}
	}
	descriptors := make([]byte, size*len(places))
	for at := 0; at < len(places); {
		n, err := p.memory.read(spans[at:], descriptors[size*at:])
		if err != nil {
			return err
		}
		for end := at + n/size; at < end; at++ {
			if d := decode(p.layout, descriptors[size*at:][:size]); d.goid == selected[at].ID {
				selected[at].Wait = d.wait(now)
			}
		}
		at++ // this one is not mapped
	}
	return nil
}

// wait is for how long, at least, the goroutine has waited, at a time of CLOCK_MONOTONIC; 0 where that is not known.
// The runtime sets the time back to 0 when the goroutine runs (runtime.execute, exitsyscall).
func (d *descriptor) wait(now int64) time.Duration {
	switch d.status {
	case Waiting, Syscall, leaked:
		if d.waitSince > 0 && d.waitSince <= now {
			return time.Duration(now - d.waitSince)
		}
	}
	return 0
}

// monotonic is the time that runtime.nanotime returns on Linux.
func monotonic() (int64, error) {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return 0, fmt.Errorf("the monotonic clock: %w", err)
	}
	return now.Nano(), nil
}

// hasOurClock tells whether the process's CLOCK_MONOTONIC is this one's: time namespaces may move it.
func (p *Process) hasOurClock() bool {
	m, ok := p.memory.(*processMemory)
	if !ok {
		return true
	}
	theirs, err := os.Readlink(filepath.Join(m.proc, "ns/time"))
	if err != nil {
		return os.IsNotExist(err) // Linux before 5.6 has no such namespaces
	}
	ours, err := os.Readlink("/proc/self/ns/time")
	return err == nil && ours == theirs
}

// TreePath returns a stack, root first and with recursion folded, as the path in the call tree that it is there: under a
// synthetic frame if its root end is missing, and never empty. calltree.NodeID of it is the node in which it ends.
func TreePath(functions []string, truncated bool) []string {
	path := make([]string, 0, len(functions)+2)
	if truncated {
		path = append(path, calltree.Truncated)
	}
	path = append(path, functions...)
	if len(functions) == 0 {
		path = append(path, calltree.NotStarted)
	}
	return path[:min(len(path), calltree.MaxDepth)]
}

// FirstUserFrame returns the function that tells a reader most of a stack, root first: the one nearest to the leaf that
// is neither the runtime's nor of another package of the standard library. Where there is none, it is the entry function.
func FirstUserFrame(stack []string) string {
	for i := len(stack) - 1; i >= 0; i-- {
		if IsUserFunction(stack[i]) {
			return stack[i]
		}
	}
	if len(stack) == 0 {
		return calltree.NotStarted
	}
	return stack[0]
}

// firstUserFrame is the same of a path.
func (p *Process) firstUserFrame(path []nameID) string {
	for i := len(path) - 1; i >= 0; i-- {
		if name := p.names.text[path[i]]; IsUserFunction(name) {
			return name
		}
	}
	if len(path) == 0 {
		return calltree.NotStarted
	}
	return p.names.text[path[0]]
}

// standardLibrary are the first elements of its packages' paths. That they have no dot does not tell them apart: neither
// have those of the many modules that are nowhere published. A package that a later Go adds is taken for a user's.
var standardLibrary = func() map[string]bool {
	elements := map[string]bool{}
	for _, element := range strings.Fields("archive arena bufio bytes cmp compress container context crypto database debug embed " +
		"encoding errors expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin " +
		"reflect regexp runtime slices sort strconv strings structs sync syscall testing text time unicode unique unsafe " +
		"vendor weak") {
		elements[element] = true
	}
	return elements
}()

// IsUserFunction tells whether a function is of the program or its dependencies. Frames that the call tree made up are no
// functions: a Go name has no parenthesis at its start.
func IsUserFunction(name string) bool {
	end := strings.IndexAny(name, "/.")
	if end < 0 || name[0] == '(' {
		return false // of C or assembly, such as _rt0_amd64_linux and x_cgo_thread_start
	}
	return !standardLibrary[name[:end]]
}
