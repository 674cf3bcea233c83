package goscan

import (
	"encoding/binary"
	"runtime"
	"testing"
)

// FuzzProcesses scans processes of any content: descriptors of goroutines, the list of them, and stacks that are made of
// addresses in code, of the stack itself, and of any numbers.
func FuzzProcesses(f *testing.F) {
	for i := byte(0); i < 30; i++ {
		f.Add(i%2 == 0, []byte{i, 1, i * 9, i, 3, 0xff, i, i * 7, 0x80, 4, 5, 6}, []byte{i, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	}
	f.Fuzz(func(t *testing.T, isARM64 bool, changes, stack []byte) {
		b := local
		if isARM64 {
			b = arm64
		}
		p := newFakeOf(t, b)
		p.residentN, p.virtualN = 16<<20, 1<<30
		var gs []*fakeG
		for i := 0; i < 20; i++ {
			gs = append(gs, p.add(t, &fakeG{stack: []string{"main.parked", "main.grow", "main.churn"}, size: 4096}))
		}
		process := p.opened()
		fill(t, p, gs[:10], stack)
		checkFuzzed(t, p, process)
		change(p, gs, changes)
		for i := 0; i < 2; i++ {
			checkFuzzed(t, p, process)
		}
	})
}

// opened is open without looking for what is known: it would take most of the time.
func (f *fake) opened() *Process {
	p := &Process{memory: f, executable: f.executable, functions: f.functions, layout: &f.executable.Layout.G, image: f.started, allgs: f.allgs}
	p.names, p.frames, p.stacks = newNames(), newFrames(p), newStackTable()
	p.origins = newOrigins(p)
	return p
}

// fill writes words to the stacks, each made of a few of the bytes, from where the goroutine goes on.
func fill(t *testing.T, p *fake, gs []*fakeG, input []byte) {
	module := p.functions.Module()
	for _, g := range gs {
		for _, r := range p.regions {
			if r.start != g.lo {
				continue
			}
			for at := g.sp; at < g.lo+g.size && len(input) > 3; at += 8 {
				n := uint64(binary.LittleEndian.Uint32(input))
				word := n // as it is
				switch n % 4 {
				case 0:
					word = module.Text + n%(module.TextEnd-module.Text)
				case 1:
					word = p.frame(t, fakeFunctions[n/4%uint64(len(fakeFunctions))]).pc
				case 2:
					word = g.lo + n%g.size
				}
				r.put(at, word)
				input = input[1:]
			}
		}
	}
}

// change writes words over those of the descriptors, or of the list.
func change(p *fake, gs []*fakeG, input []byte) {
	layout := &p.executable.Layout.G
	fields := []uint64{layout.StackLo, layout.StackHi, layout.SchedSP, layout.SchedPC, layout.SchedLR, layout.SchedG, layout.SyscallSP, layout.SyscallPC,
		layout.AtomicStatus, layout.GoID, layout.GoPC, layout.StartPC, layout.WaitReason &^ 7}
	for ; len(input) >= 6; input = input[6:] {
		g := gs[int(input[0])%len(gs)]
		n := uint64(binary.LittleEndian.Uint32(input[2:]))
		switch n % 4 {
		case 0:
			n = g.lo + n>>2
		case 1:
			n = p.functions.Module().Text + n>>2
		case 2:
			n <<= 32
		}
		which := int(input[1]) % (len(fields) + 2)
		switch {
		case which < len(fields):
			p.gs.put(g.address+fields[which], n)
		case which == len(fields):
			p.list.put(fakeList+8*uint64(g.index), gs[int(n%uint64(len(gs)))].address)
		default:
			p.list.put(fakeList+8*uint64(g.index), n)
		}
	}
}

func checkFuzzed(t *testing.T, p *fake, process *Process) {
	t.Helper()
	p.bytesRead = 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	snapshot, err := process.Scan(Stacks)
	runtime.ReadMemStats(&after)
	// What is resident, at most once; and each descriptor and the list once for each attempt, and once more to confirm.
	if limit := int(p.residentN) + 2*attempts*len(p.list.bytes)*(512/8+1); p.bytesRead > limit {
		t.Errorf("%d bytes were read, want at most %d", p.bytesRead, limit)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 64<<20 {
		t.Errorf("%d bytes were allocated", allocated)
	}
	if err != nil {
		if causeOf(err) == "" {
			t.Errorf("an error without a cause: %v", err)
		}
		return
	}
	checkSums(t, snapshot)
	if snapshot.Goroutines > int64(len(p.list.bytes)/8) || uint64(snapshot.allBytes()) > p.virtualN {
		t.Errorf("%d goroutines with %d bytes", snapshot.Goroutines, snapshot.allBytes())
	}
}
