package main

import (
	"encoding/json"
	"math/rand"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"unsafe"
)

func address(b []byte) uintptr { return uintptr(unsafe.Pointer(&b[0])) }

// lies is what the test tells the program so that it can lie: addresses of the runtime's variables, offsets of fields in
// runtime.g, an address in code whose function has a frame of no bytes there, and how to lie.
type lies struct {
	How                                                    string
	Length, Pointer                                        uintptr
	StackLo, StackHi, SP, PC, G, ID, Status, GoPC, StartPC uintptr
	Size                                                   uintptr // of a runtime.g
	Return                                                 uintptr
	Entries                                                int // of the list
}

// word is a word of the program's own memory.
func word(address uintptr) *uintptr { return *(**uintptr)(unsafe.Pointer(&address)) }

// startLying makes the program one that does not need its own list of goroutines: it starts no more, and collects no
// garbage.
func startLying() {
	debug.SetGCPercent(-1)
	for i := 0; i < 50; i++ {
		go parked(i % 10)
	}
	for i := 0; i < 100; i++ {
		runtime.Gosched()
	}
}

// mapped returns new memory that is not moved.
func mapped(size uintptr) uintptr {
	b, err := syscall.Mmap(-1, 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	return address(b)
}

func mapFixed(at, size uintptr, protection, flags, fd uintptr) uintptr {
	got, _, err := syscall.Syscall6(syscall.SYS_MMAP, at, size, protection, flags, fd, 0)
	if err != 0 {
		panic(err)
	}
	return got
}

func lie(text string) {
	var l lies
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		panic(err)
	}
	switch l.How {
	case "length":
		*word(l.Length) = 1 << 62
	case "list nowhere":
		*word(l.Pointer) = 0xffff_8000_0000_0000
	case "zeros":
		*word(l.Pointer) = mapped(8 * uintptr(l.Entries))
		*word(l.Length) = uintptr(l.Entries)
	case "same":
		l.list(func(int) uintptr { return *word(*word(l.Pointer) + 8*20) })
	case "kernel":
		l.list(func(i int) uintptr { return 0xffff_8000_0000_0000 + uintptr(i)*4096 })
	case "unmapped":
		l.list(func(i int) uintptr { return uintptr(i) * 4096 })
	case "wild":
		l.fake(func(int) (lo, size, sp uintptr) {
			lo = uintptr(rand.Uint64()) &^ 7
			size = 2048 << rand.Intn(50)
			return lo, size, lo + uintptr(rand.Uint64())%size&^7
		})
	case "large":
		l.fake(func(i int) (lo, size, sp uintptr) { return 1 << 40, 1 << 34, 1 << 40 })
	case "one deep":
		stack := l.endless()
		l.Entries = 2
		l.fake(func(int) (lo, size, sp uintptr) { return stack, endlessSize, stack })
	case "deep":
		stack := l.endless()
		l.fake(func(int) (lo, size, sp uintptr) { return stack, endlessSize, stack })
	case "random":
		stack := l.randomStack()
		l.fake(func(i int) (lo, size, sp uintptr) { return stack, 1 << 20, stack + uintptr(i%1000)*8 })
	case "changing":
		go l.change() // in a thread of its own, as long as there are two processors
	}
}

// list makes a list of other goroutines than there are, but for the first.
func (l *lies) list(g func(i int) uintptr) {
	list := mapped(8 * uintptr(l.Entries))
	*word(list) = *word(*word(l.Pointer))
	for i := 1; i < l.Entries; i++ {
		*word(list + 8*uintptr(i)) = g(i)
	}
	*word(l.Pointer) = list
	*word(l.Length) = uintptr(l.Entries)
}

// fake makes a list of goroutines that are in no way inconsistent, but for their stacks.
func (l *lies) fake(stack func(i int) (lo, size, sp uintptr)) {
	real := *word(*word(l.Pointer) + 8*20)
	all := mapped(uintptr(l.Entries) * 512)
	l.list(func(i int) uintptr {
		g := all + 512*uintptr(i)
		for offset := uintptr(0); offset < l.Size; offset += 8 {
			*word(g + offset) = *word(real + offset)
		}
		lo, size, sp := stack(i)
		*word(g + l.StackLo), *word(g + l.StackHi), *word(g + l.SP) = lo, lo+size, sp
		*word(g + l.PC), *word(g + l.G), *word(g + l.ID) = l.Return, g, uintptr(i)+1000
		*word(g + l.GoPC) = l.Return + uintptr(i)
		return g
	})
}

const endlessSize = 1 << 34

// endless returns a stack of return addresses that are all the same: one piece of memory, mapped again and again.
func (l *lies) endless() uintptr {
	const piece = 64 << 20
	name := []byte("piece\x00")
	fd, _, err := syscall.Syscall(319, address(name), 0, 0) // memfd_create(2)
	if err != 0 {
		panic(err)
	}
	if err := syscall.Ftruncate(int(fd), piece); err != nil {
		panic(err)
	}
	start := mapFixed(0, endlessSize, 0, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE, ^uintptr(0))
	for at := uintptr(0); at < endlessSize; at += piece {
		mapFixed(start+at, piece, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED|syscall.MAP_FIXED, fd)
	}
	for at := uintptr(0); at < piece; at += 8 {
		*word(start + at) = l.Return
	}
	for at := uintptr(0); at < 64*piece; at += 4096 { // so that the process seems to have 4 GB
		_ = *word(start + at)
	}
	return start
}

// randomStack returns a stack of return addresses all over the code.
func (l *lies) randomStack() uintptr {
	start := mapped(1 << 20)
	for at := uintptr(0); at < 1<<20; at += 8 {
		*word(start + at) = l.Return + uintptr(rand.Intn(4<<20)) - 2<<20
	}
	return start
}

// change changes all that is read, all the time.
func (l *lies) change() {
	runtime.LockOSThread()
	pointer, length := *word(l.Pointer), *word(l.Length)
	var gs []uintptr
	for i := uintptr(10); i < 40; i++ {
		gs = append(gs, *word(pointer + 8*i))
	}
	for {
		switch rand.Intn(8) {
		case 0:
			*word(l.Length) = uintptr(rand.Intn(1 << 20))
		case 1:
			*word(l.Pointer) = pointer + uintptr(rand.Intn(256))*8
		default:
			*word(l.Length), *word(l.Pointer) = length, pointer
		}
		g := gs[rand.Intn(len(gs))]
		field := []uintptr{l.StackLo, l.StackHi, l.SP, l.PC, l.G, l.ID, l.Status, l.StartPC}[rand.Intn(8)]
		was := *word(g + field)
		*word(g + field) = was + uintptr(rand.Intn(1<<20))
		*word(g + field) = was
	}
}

func isLie(command string) bool { return strings.HasPrefix(command, "{") && os.Args[1] == "lie" }
