package goelf

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// changed is a file of which some bytes are others, and which counts what is read of it.
type changed struct {
	whole []byte
	edits []edit
	read  int
}

type edit struct {
	offset int64
	bytes  []byte
}

func (c *changed) ReadAt(b []byte, offset int64) (int, error) {
	if offset < 0 || offset >= int64(len(c.whole)) {
		return 0, io.EOF
	}
	n := copy(b, c.whole[offset:])
	c.read += n
	for _, e := range c.edits {
		for i := range e.bytes {
			if at := e.offset + int64(i) - offset; at >= 0 && at < int64(n) {
				b[at] = e.bytes[i]
			}
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// part of a file, where changes are likely to matter.
type part struct{ offset, size int64 }

func partsOf(t testing.TB, whole []byte) []part {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	parts := []part{{0, int64(len(whole))}, {0, 64}, {64, 56 * int64(len(file.Progs))}, {int64(binary.LittleEndian.Uint64(whole[40:])), 64 * int64(len(file.Sections))}}
	for _, name := range []string{".go.buildinfo", ".go.module", ".data", ".noptrdata", ".debug_info", ".debug_abbrev", ".symtab", ".strtab", ".shstrtab"} {
		if s := file.Section(name); s != nil {
			parts = append(parts, part{int64(s.Offset), int64(s.FileSize)})
		}
	}
	if s := file.Section(".gopclntab"); s != nil {
		at := int64(s.Offset)
		word := func(i int64) int64 { return int64(binary.LittleEndian.Uint64(whole[at+8+8*i:])) }
		parts = append(parts, part{at, 72}, part{at + word(3), word(6) - word(3)}, part{at + word(6), word(7) - word(6)}, part{at + word(7), 8 * word(0)},
			part{at + word(7) + 8*word(0), int64(s.FileSize) - word(7) - 8*word(0)})
	}
	return parts
}

// editsOf makes changes of what the fuzzer comes up with: which part, where in it, how many bytes, and these.
func editsOf(parts []part, input []byte) (edits []edit) {
	for len(input) > 6 {
		p := parts[int(input[0])%len(parts)]
		at, n := int64(binary.LittleEndian.Uint32(input[1:]))%max(p.size, 1), min(int(input[5])%32+1, len(input)-6)
		edits = append(edits, edit{p.offset + at, input[6:][:n]})
		input = input[6+n:]
	}
	return edits
}

// readAll does with a file all that is done with one; and returns the errors.
func readAll(c *changed, addresses []uint64) error {
	e, err := Open(c)
	if err != nil {
		return err
	}
	e.HeadersAddress()
	functions, err := e.OpenFunctions(loaded{e}, 0)
	if err != nil {
		return err
	}
	_, allGs := functions.FindAllGs()
	_, byCode := functions.allGsByCode()
	all := []error{allGs, byCode}
	for _, address := range addresses {
		frame, ok, err := functions.Frame(address, address%2 == 0)
		all = append(all, err)
		if !ok {
			continue
		}
		if len(frame.Functions) > maxInlineDepth+1 {
			return errors.New("panicked: more calls than can be")
		}
		function, _, err := functions.Lookup(address)
		all = append(all, err)
		_, _, err = functions.Wrapped(function)
		all = append(all, err)
	}
	return errors.Join(all...)
}

const (
	// maxFuzzRead and maxFuzzAllocated are what reading a file of 2 to 3 MB may take, in bytes.
	maxFuzzRead      = 512 << 20
	maxFuzzAllocated = 256 << 20
)

func FuzzExecutablesThatWereChanged(f *testing.F) {
	var wholes [][]byte
	var parts [][]part
	var addresses [][]uint64
	for _, b := range []build{stripped, local} {
		built := program(f, b)
		whole, err := os.ReadFile(built)
		if err != nil {
			f.Fatal(err)
		}
		_, functions, _ := opened(f, built)
		var some []uint64
		for address, step := functions.module.Text, (functions.module.TextEnd-functions.module.Text)/50+1; address < functions.module.TextEnd; address += step {
			function, _, err := functions.Lookup(address)
			if err != nil {
				f.Fatal(err)
			}
			some = append(some, function.Entry, function.Entry+1)
		}
		for _, name := range []string{"main.main", "main.main.gowrap1", "runtime.gopark", "runtime.mcall"} {
			found, err := functions.Find(name)
			if err != nil {
				f.Fatal(err)
			}
			some = append(some, found[name].Entry, found[name].Entry+21)
		}
		wholes, parts, addresses = append(wholes, whole), append(parts, partsOf(f, whole)), append(addresses, some)
	}
	f.Add(false, []byte{})
	for i := byte(0); i < 20; i++ {
		f.Add(i%2 == 0, []byte{i, 0, 0, 0, 0, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
		f.Add(i%2 == 1, []byte{i, i * 8, 0, 0, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, isWhole bool, input []byte) {
		which := 0
		if isWhole {
			which = 1
		}
		c := &changed{whole: wholes[which], edits: editsOf(parts[which], input)}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := readAll(c, addresses[which])
		runtime.ReadMemStats(&after)
		if err != nil && strings.Contains(err.Error(), "panicked") {
			t.Error(err)
		}
		if len(input) == 0 && err != nil {
			t.Errorf("unchanged: %v", err)
		}
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > maxFuzzAllocated || c.read > maxFuzzRead {
			t.Errorf("%d bytes were read and %d allocated", c.read, allocated)
		}
	})
}

// FuzzTablesOfValues reads tables of pctab of any content.
func FuzzTablesOfValues(f *testing.F) {
	f.Add([]byte{2, 4, 3, 6, 0}, uint16(5))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x1f, 0xff, 0xff, 0xff, 0xff, 0x0f, 0}, uint16(1))
	f.Add([]byte{1, 0, 1, 0, 1, 0}, uint16(0))
	f.Fuzz(func(t *testing.T, table []byte, at uint16) {
		all := io.NewSectionReader(bytes.NewReader(table), 0, int64(len(table)))
		functions := &Functions{executable: &Executable{Arch: AMD64, pclntab: pclntab{all: all, functab: uint64(len(table))}}}
		function := Function{Name: "main.f", Entry: 1000, End: 1000 + 1<<16}
		got, err := functions.valueAt(0, function, 1000+uint64(at))
		want, ok := valueByRuntime(table, uint64(at))
		if ok && (err != nil || got != want) {
			t.Errorf("%d, %v, want %d", got, err, want)
		}
	})
}

// valueByRuntime is runtime.pcvalue, with slices for its pointers, for instructions of one byte. ok is false where that
// would end the program, or read what is not of the table.
func valueByRuntime(table []byte, target uint64) (value int32, ok bool) {
	varint := func() (v uint32, ok bool) {
		for shift := 0; ; shift += 7 {
			if len(table) == 0 || shift > 28 {
				return 0, false
			}
			b := table[0]
			table = table[1:]
			v |= uint32(b&0x7f) << (shift & 31)
			if b&0x80 == 0 {
				return v, shift < 28 || b < 0x10
			}
		}
	}
	value, pc := -1, uint64(0)
	for first := true; ; first = false {
		change, ok := varint()
		if !ok || change == 0 && !first {
			return 0, false
		}
		if change&1 != 0 {
			value += int32(^(change >> 1))
		} else {
			value += int32(change >> 1)
		}
		length, ok := varint()
		if !ok {
			return 0, false
		}
		if pc += uint64(length); target < pc {
			return value, true
		}
		if pc > 1<<16 {
			return 0, false
		}
	}
}

func TestAFileThatIsLargerThanItsDiskIsReadWithinBounds(t *testing.T) {
	whole, err := os.ReadFile(program(t, local))
	if err != nil {
		t.Fatal(err)
	}
	file, err := elf.NewFile(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	headers := binary.LittleEndian.Uint64(whole[40:])
	sizeOf := func(name string) []int {
		for i, s := range file.Sections {
			if s.Name == name {
				return []int{int(headers) + 64*i + 32}
			}
		}
		t.Fatalf("no section %s", name)
		return nil
	}
	sizes := map[string][]int{
		"names of sections": sizeOf(".shstrtab"), "symbols": sizeOf(".symtab"), "names of symbols": sizeOf(".strtab"),
		"functions": sizeOf(".gopclntab"), "debugging information": sizeOf(".debug_info"), "abbreviations": sizeOf(".debug_abbrev"),
	}
	for i, p := range file.Progs {
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_W != 0 {
			sizes["variables"] = []int{64 + 56*i + 32, 64 + 56*i + 40}
		}
	}
	for what, offsets := range sizes {
		path := filepath.Join(t.TempDir(), "program")
		large := bytes.Clone(whole)
		for _, offset := range offsets {
			binary.LittleEndian.PutUint64(large[offset:], 1<<39)
		}
		if err := os.WriteFile(path, large, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, 1<<40); err != nil {
			t.Fatal(err)
		}
		opened, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		e, err := Open(opened)
		if err == nil {
			var functions *Functions
			if functions, err = e.OpenFunctions(loaded{e}, 0); err == nil {
				_, err = functions.FindAllGs()
			}
		}
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > maxFuzzAllocated {
			t.Errorf("%s: %d MB were allocated, and the error is %v", what, allocated>>20, err)
		}
	}
}
