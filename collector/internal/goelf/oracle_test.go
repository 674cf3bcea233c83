package goelf

import (
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/arch/x86/x86asm"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// subprogram is a function by the debugging information.
type subprogram struct {
	name      string
	low, high uint64
	isWrapper bool // made by the compiler
	inlined   []inlined
}

// inlined is a call that was inlined, with those that were inlined into it.
type inlined struct {
	name    string
	ranges  [][2]uint64
	inlined []inlined
}

func subprogramsOf(t *testing.T, file *elf.File) []subprogram {
	t.Helper()
	data, err := file.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	var all []subprogram
	r := data.Reader()
	for {
		entry, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if entry == nil {
			break
		}
		if entry.Tag == dwarf.TagSubprogram {
			ranges, err := data.Ranges(entry)
			if err != nil {
				t.Fatal(err)
			}
			if len(ranges) == 1 {
				s := subprogram{name: nameOf(t, data, entry), low: ranges[0][0], high: ranges[0][1]}
				s.isWrapper, _ = entry.Val(dwarf.AttrTrampoline).(bool)
				s.inlined = inlinedIn(t, data, r, entry)
				all = append(all, s)
			} else {
				r.SkipChildren()
			}
		}
	}
	return all
}

// nameOf returns the name of a function, or of the one whose call was inlined.
func nameOf(t *testing.T, data *dwarf.Data, entry *dwarf.Entry) string {
	t.Helper()
	if origin, ok := entry.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset); ok {
		r := data.Reader()
		r.Seek(origin)
		abstract, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		entry = abstract
	}
	name, _ := entry.Val(dwarf.AttrName).(string)
	return name
}

func inlinedIn(t *testing.T, data *dwarf.Data, r *dwarf.Reader, parent *dwarf.Entry) (all []inlined) {
	t.Helper()
	if !parent.Children {
		return nil
	}
	for {
		entry, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if entry == nil || entry.Tag == 0 {
			return all
		}
		switch entry.Tag {
		case dwarf.TagInlinedSubroutine:
			ranges, err := data.Ranges(entry)
			if err != nil {
				t.Fatal(err)
			}
			call := inlined{name: nameOf(t, data, entry), ranges: ranges}
			call.inlined = inlinedIn(t, data, r, entry)
			all = append(all, call)
		case dwarf.TagLexDwarfBlock:
			all = append(all, inlinedIn(t, data, r, entry)...)
		default:
			r.SkipChildren()
		}
	}
}

// at returns the names of the functions that are active at an address, outermost first.
func (s *subprogram) at(pc uint64) []string {
	names := []string{s.name}
	for calls := s.inlined; ; {
		i := slices.IndexFunc(calls, func(c inlined) bool {
			return slices.ContainsFunc(c.ranges, func(r [2]uint64) bool { return pc >= r[0] && pc < r[1] })
		})
		if i < 0 {
			return names
		}
		names = append(names, calls[i].name)
		calls = calls[i].inlined
	}
}

// callsIn returns the addresses after the calls in code.
func callsIn(arch Arch, code []byte, start uint64) (returns []uint64) {
	if arch == ARM64 {
		for at := 0; at+4 <= len(code); at += 4 {
			word := u32(code[at:])
			if word>>26 == 0b100101 || word&0xfffffc1f == 0xd63f0000 { // BL, BLR
				returns = append(returns, start+uint64(at)+4)
			}
		}
		return returns
	}
	for at := 0; at < len(code); {
		instruction, err := x86asm.Decode(code[at:], 64)
		if err != nil {
			return returns
		}
		at += instruction.Len
		if instruction.Op == x86asm.CALL {
			returns = append(returns, start+uint64(at))
		}
	}
	return returns
}

func TestActiveFunctionsAtCallsAreThoseOfTheDebuggingInformation(t *testing.T) {
	forBuilds(t, func(t *testing.T, b build) {
		e, functions, file := opened(t, program(t, b))
		calls, inlinedCalls, deepest, wrappers, wrong := 0, 0, 0, 0, 0
		symbols := symbolsOf(t, file)
		for _, s := range subprogramsOf(t, file) {
			// The debugging information does not say of two more that tracebacks leave them out: of those that only convert
			// arguments to or from what assembly takes, which are called the same, and of deferreturn (objabi.GetFuncID).
			_, isAssembly := symbols[s.name+abi0]
			s.isWrapper = s.isWrapper || s.name == "runtime.deferreturn"
			code, err := e.ReadAddress(s.low, int(s.high-s.low))
			if err != nil {
				t.Fatal(err)
			}
			for _, pc := range callsIn(e.Arch, code, s.low) {
				if pc >= s.high { // a call that does not return
					continue
				}
				frame, ok, err := functions.Frame(pc, true)
				if !ok || err != nil {
					t.Fatalf("%s, %#x: %t, %v", s.name, pc, ok, err)
				}
				var want []string
				for i, name := range s.at(pc - 1) {
					if i == 0 && s.isWrapper || name == "runtime.goexit" {
						wrappers++
						continue
					}
					want = append(want, calltree.PrintedName(name))
				}
				calls++
				if len(want) > 1 {
					inlinedCalls++
				}
				deepest = max(deepest, len(want))
				if isAssembly && len(frame.Functions) == 0 && len(want) == 1 {
					want = nil
				}
				if !slices.Equal(frame.Functions, want) {
					if wrong++; wrong <= 20 {
						t.Errorf("at %#x in %s are active %q, want %q", pc, s.name, frame.Functions, want)
					}
				}
			}
		}
		t.Logf("%d calls, %d of them in inlined code, up to %d deep, %d in wrappers; %d differ", calls, inlinedCalls, deepest, wrappers, wrong)
		if calls < 5000 || inlinedCalls < 500 || deepest < 4 || wrappers == 0 {
			t.Error("that is too few to be all")
		}
	})
}

// frameRow says how far the canonical frame address is from the stack pointer, from an address on.
type frameRow struct {
	pc     uint64
	offset int64
}

// frameRowsOf reads .debug_frame, as Go's linker writes it (DWARF 4, 6.4): by first address of a function.
func frameRowsOf(t *testing.T, file *elf.File) map[uint64][]frameRow {
	t.Helper()
	section := file.Section(".debug_frame")
	if section == nil {
		t.Fatal("it has no .debug_frame")
	}
	b, err := section.Data()
	if err != nil {
		t.Fatal(err)
	}
	const dataAlignment = -4 // in all entries: the linker's dataAlignmentFactor
	unsigned := func(b []byte) (uint64, []byte) {
		v, n := binary.Uvarint(b)
		return v, b[n:]
	}
	signed := func(b []byte) (v int64, rest []byte) {
		for shift := 0; ; shift += 7 {
			c := b[0]
			b = b[1:]
			v |= int64(c&0x7f) << shift
			if c < 0x80 {
				if c&0x40 != 0 {
					v |= -1 << (shift + 7)
				}
				return v, b
			}
		}
	}
	all := map[uint64][]frameRow{}
	var initial int64
	var codeAlignment uint64
	for len(b) > 4 {
		length := u32(b)
		entry := b[4:][:length]
		b = b[4+length:]
		isCommon := u32(entry) == 0xffffffff
		var pc, start uint64
		offset := initial
		if isCommon {
			if version := entry[4]; version != 3 && version != 4 {
				t.Fatalf(".debug_frame has version %d", version)
			}
			entry = entry[6:] // after the version and an empty augmentation
			codeAlignment, entry = unsigned(entry)
			alignment, rest := signed(entry)
			if alignment != dataAlignment {
				t.Fatalf("the alignment is %d", alignment)
			}
			_, entry = unsigned(rest)
		} else {
			start, pc = u64(entry[4:]), u64(entry[4:])
			entry = entry[20:]
			all[start] = append(all[start], frameRow{pc, offset})
		}
		for len(entry) > 0 {
			op := entry[0]
			entry = entry[1:]
			advanced := uint64(0)
			switch {
			case op>>6 == 1: // DW_CFA_advance_loc
				advanced = uint64(op & 0x3f)
			case op>>6 == 2: // DW_CFA_offset
				_, entry = unsigned(entry)
			case op == 0x00: // DW_CFA_nop
			case op == 0x02:
				advanced, entry = uint64(entry[0]), entry[1:]
			case op == 0x03:
				advanced, entry = uint64(u16(entry)), entry[2:]
			case op == 0x04:
				advanced, entry = uint64(u32(entry)), entry[4:]
			case op == 0x05: // DW_CFA_offset_extended
				_, entry = unsigned(entry)
				_, entry = unsigned(entry)
			case op == 0x07, op == 0x08, op == 0x0e: // DW_CFA_undefined, DW_CFA_same_value, DW_CFA_def_cfa_offset
				var n uint64
				if n, entry = unsigned(entry); op == 0x0e {
					offset = int64(n)
				}
			case op == 0x0c: // DW_CFA_def_cfa
				var n uint64
				_, entry = unsigned(entry)
				n, entry = unsigned(entry)
				offset = int64(n)
			case op == 0x11: // DW_CFA_offset_extended_sf
				_, entry = unsigned(entry)
				_, entry = signed(entry)
			case op == 0x13: // DW_CFA_def_cfa_offset_sf
				var n int64
				n, entry = signed(entry)
				offset = n * dataAlignment
			case op == 0x14: // DW_CFA_val_offset
				_, entry = unsigned(entry)
				_, entry = unsigned(entry)
			default:
				t.Fatalf(".debug_frame has the unknown operation %#x", op)
			}
			if isCommon {
				initial = offset
				continue
			}
			pc += advanced * codeAlignment
			all[start] = append(all[start], frameRow{pc, offset})
		}
	}
	return all
}

func TestFrameSizesAreThoseOfTheDebuggingInformation(t *testing.T) {
	forBuilds(t, func(t *testing.T, b build) {
		e, functions, file := opened(t, program(t, b))
		checked, wrong := 0, 0
		var largest uint64
		for start, rows := range frameRowsOf(t, file) {
			function, ok, err := functions.Lookup(start)
			if err != nil {
				t.Fatal(err)
			}
			if !ok || function.Entry != start {
				continue
			}
			for i, row := range rows {
				if i+1 < len(rows) && rows[i+1].pc == row.pc || row.pc >= function.End { // another operation for the same place
					continue
				}
				want := row.offset
				if !e.Arch.UsesLR() {
					want -= 8 // the return address
				}
				frame, ok, err := functions.Frame(row.pc, false)
				if err != nil && i == len(rows)-1 {
					continue // its end
				}
				if !ok || err != nil {
					t.Fatalf("%s, %#x: %t, %v", function.Name, row.pc, ok, err)
				}
				checked++
				largest = max(largest, frame.Size)
				if int64(frame.Size) != want && !frame.HidesCaller {
					if wrong++; wrong <= 20 {
						t.Errorf("the frame of %s has %d bytes at %#x, want %d", function.Name, frame.Size, row.pc, want)
					}
				}
			}
		}
		t.Logf("%d places, the largest frame has %d bytes; %d differ", checked, largest, wrong)
		if checked < 5000 || largest < 5000 {
			t.Error("that is too few to be all")
		}
	})
}
