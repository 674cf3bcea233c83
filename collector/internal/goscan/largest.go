package goscan

import (
	"cmp"
	"slices"
)

const (
	// largest is how many of the largest stacks a Snapshot names.
	largest = 10
	// candidates is how many are looked at again between scans: those that may be among the largest soon.
	candidates = 128
)

// ranking keeps the first of many goroutines by the size of their stack, then by how much of it is used.
type ranking struct {
	records []ranked
	most    int
}

type ranked struct {
	address uint64 // of the runtime.g
	record  record
}

func (r *ranking) add(address uint64, added *record) {
	compare := func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.record.sizeLog2, a.record.sizeLog2), cmp.Compare(b.record.used, a.record.used), cmp.Compare(a.record.goid, b.record.goid))
	}
	candidate := ranked{address, *added}
	if len(r.records) == r.most && compare(candidate, r.records[r.most-1]) > 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(r.records, candidate, compare)
	if len(r.records) == r.most {
		r.records = r.records[:r.most-1]
	}
	r.records = slices.Insert(r.records, at, candidate)
}

// Largest reads those goroutines again that had the largest stacks at the last scan, and those at the addresses of grown,
// whose stacks have grown since; and returns the ten that are the largest now. This costs one system call, so that it
// can be done every second however many goroutines there are. What it misses is what grew without being in grown.
//
// Stack is that of the last scan, and empty for a goroutine that was not among the largest then. Growth is since then.
func (p *Process) Largest(grown []uint64) ([]Goroutine, error) {
	known := map[uint64]record{}
	var addresses []uint64
	for _, c := range p.candidates {
		known[c.address] = c.record
		addresses = append(addresses, c.address)
	}
	for _, address := range grown {
		if _, ok := known[address]; !ok && len(addresses) < maxSpans {
			known[address] = record{}
			addresses = append(addresses, address)
		}
	}
	slices.Sort(addresses)
	size := p.layout.Size()
	spans := p.buffers.spans[:0]
	for _, address := range addresses {
		spans = append(spans, span{address, size})
	}
	p.buffers.spans = spans
	buffer := p.buffers.bytes(len(spans) * size)
	n, err := p.memory.read(spans, buffer)
	if err != nil {
		return nil, err
	}
	top := ranking{most: largest}
	for i, address := range addresses {
		if (i+1)*size > n {
			break
		}
		d := decode(p.layout, buffer[i*size:][:size])
		if d.status == idle || d.status == dead || d.status == deadExtra || !d.isConsistent(address) {
			continue
		}
		r, err := p.recordOf(&d, known[address])
		if err != nil {
			return nil, err
		}
		if !p.isSystem(&r) {
			top.add(address, &r)
		}
	}
	return p.goroutines(top), nil
}

func (p *Process) goroutines(top ranking) []Goroutine {
	var goroutines []Goroutine
	for i := range top.records {
		goroutines = append(goroutines, p.goroutine(&top.records[i].record))
	}
	return goroutines
}
