package goelf

import (
	"bufio"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"sort"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// The table of functions that the runtime makes its tracebacks from, as cmd/link writes it since Go 1.20 (pcln.go) and
// the runtime reads it (symtab.go, symtabinl.go). debug/gosym does not know inlined calls nor frame sizes, and takes the
// start of the code from a field that Go 1.26 no longer fills.
const (
	pclntabMagic      = uint32(0xfffffff1) // abi.Go120PCLnTabMagic
	pcHeaderSize      = 8 + 8*8
	functabEntrySize  = 4 + 4 // runtime.functab
	funcSize          = 44    // runtime._func without the arrays that follow it
	inlinedCallSize   = 16    // runtime.inlinedCall
	inlTreeIndex      = 2     // abi.PCDATA_InlTreeIndex
	inlTree           = 3     // abi.FUNCDATA_InlTree
	flagTopFrame      = 1     // abi.FuncFlagTopFrame
	flagSPWrite       = 2     // abi.FuncFlagSPWrite
	noFuncdata        = uint32(math.MaxUint32)
	maxPCData         = 16        // in 2026 there are 5 tables of pcdata, and 8 of funcdata
	maxFunctionName   = 64 << 10  // instantiated generics have the longest
	maxInlineDepth    = 256       // the compiler's budget ends long before
	maxPCValueEntries = 1 << 20   // changes of a value within one function
	maxFunctions      = 32 << 20  // Kubernetes' largest binaries have some 200,000
	maxTable          = 512 << 20 // bytes of a whole table; Kubernetes' largest pclntab has 30 MB
	streamBuffer      = 256 << 10 // of passes over a whole table
)

type pclntab struct {
	address   uint64
	all       *io.SectionReader
	functions uint64
	textStart uint64 // address of the code; 0 since Go 1.26, and in some position-independent executables
	// Offsets in all.
	names, pctab, functab uint64
}

// pclntabSections are the names of the section: the second in position-independent executables up to Go 1.25. When C's
// linker makes these, it puts all such sections together, so that the table is somewhere in the third.
var pclntabSections = []string{".gopclntab", ".data.rel.ro.gopclntab", ".data.rel.ro"}

func (e *Executable) openPclntab() (t pclntab, err error) {
	err = failed(NoTables, "has no section .gopclntab: the section headers were stripped, or the file is packed")
	for _, name := range pclntabSections {
		section := e.file.Section(name)
		if section == nil || section.Type == elf.SHT_NOBITS {
			continue
		}
		all := io.NewSectionReader(e.reader, int64(section.Offset), int64(section.FileSize))
		if name != ".data.rel.ro" {
			return e.pclntabAt(section.Addr, all)
		}
		for start := int64(0); ; start += 8 {
			if start, err = e.findPclntab(all, start); err != nil {
				return pclntab{}, err
			}
			t, err = e.pclntabAt(section.Addr+uint64(start), io.NewSectionReader(all, start, all.Size()-start))
			if err == nil {
				return t, nil
			}
		}
	}
	return pclntab{}, err
}

// findPclntab finds the next place that begins as the table does. The linker aligns it to at least 8 bytes.
func (e *Executable) findPclntab(all *io.SectionReader, start int64) (int64, error) {
	begin := binary.LittleEndian.AppendUint32(nil, pclntabMagic)
	begin = append(begin, 0, 0, byte(e.Arch.pcQuantum()), 8)
	chunk := make([]byte, streamBuffer)
	for ; start < min(all.Size(), maxTable); start += int64(len(chunk)) {
		n, err := all.ReadAt(chunk, start)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		for at := 0; at+8 <= n; at += 8 {
			if bytes.Equal(chunk[at:at+8], begin) {
				return start + int64(at), nil
			}
		}
		if n < len(chunk) {
			break
		}
	}
	return 0, failed(NoTables, "has no table of functions: the file is packed, or of an unknown linker")
}

func (e *Executable) pclntabAt(address uint64, all *io.SectionReader) (pclntab, error) {
	t := pclntab{address: address, all: all}
	header, err := readAt(t.all, 0, pcHeaderSize)
	if err != nil {
		return pclntab{}, err
	}
	if magic := u32(header); magic != pclntabMagic {
		return pclntab{}, failed(UnsupportedVersion, "its table of functions starts with %#x, not with %#x as those of Go 1.20 and newer", magic, pclntabMagic)
	}
	word := func(i int) uint64 { return u64(header[8+8*i:]) }
	if quantum, pointer := uint64(header[6]), header[7]; quantum != e.Arch.pcQuantum() || pointer != 8 {
		return pclntab{}, failed(Damaged, "its table of functions is for instructions of %d and pointers of %d bytes", quantum, pointer)
	}
	t.functions, t.textStart, t.names, t.pctab, t.functab = word(0), word(2), word(3), word(6), word(7)
	size := uint64(t.all.Size())
	if size > maxTable || t.functions == 0 || t.functions > maxFunctions || t.names > t.pctab || t.pctab > t.functab || t.functab > size ||
		t.functions*functabEntrySize+4 > size-t.functab {
		return pclntab{}, failed(Damaged, "its table of functions does not fit into the %d bytes that are there", size)
	}
	return t, nil
}

// Functions finds the functions of a running executable, in its file. Addresses are those of the process.
type Functions struct {
	executable *Executable
	module     Module
}

// Function is one function in the code, with all that was inlined into it.
type Function struct {
	Name       string // as the linker has it: type arguments in full
	Entry, End uint64 // addresses of the first instruction, and after the last

	offset uint64 // of its runtime._func in pclntab
	flag   byte
}

// Frame is what a return address on a stack, or the program counter of a goroutine that is not running, means.
type Frame struct {
	// Functions are the names of the functions that are active there, outermost first: the function whose code it is, then
	// inlined calls. Names as Go prints them; without runtime.goexit and compiler wrappers, so there may be none.
	Functions []string
	// Entry is the address of the function whose code it is.
	Entry uint64
	// Size is how many bytes of the stack the frame takes at that place, without the return address on amd64.
	Size uint64
	// IsTop tells that no function called this one: the stack ends here.
	IsTop bool
	// HidesCaller tells that the frame's size is not known, as the function sets the stack pointer itself.
	HidesCaller bool
	// IsInjected tells that the caller did not call: it was interrupted, so that its address is not after a call.
	IsInjected bool
}

// The functions that the runtime injects calls of (runtime.isInjectedCall).
var injected = map[string]bool{"runtime.sigpanic": true, "runtime.asyncPreempt": true, "runtime.debugCallV2": true}

// Lookup returns the function that the address is in. ok is false when it is in none.
func (f *Functions) Lookup(pc uint64) (function Function, ok bool, err error) {
	defer recoverDamage(&err)
	if pc < f.module.Text || pc >= f.module.TextEnd || pc-f.module.Text > math.MaxUint32 {
		return Function{}, false, nil
	}
	t := &f.executable.pclntab
	offset := uint32(pc - f.module.Text)
	i := sort.Search(int(t.functions), func(i int) bool {
		entry, _, e := t.entry(uint64(i))
		if e != nil {
			err = e
		}
		return entry > offset
	}) - 1
	if err != nil || i < 0 {
		return Function{}, false, err
	}
	return f.function(uint64(i))
}

func (f *Functions) function(i uint64) (function Function, ok bool, err error) {
	t := &f.executable.pclntab
	entry, funcOffset, err := t.entry(i)
	if err != nil {
		return Function{}, false, err
	}
	end, _, err := t.entry(i + 1) // the last is the end of the code
	if err != nil {
		return Function{}, false, err
	}
	offset := t.functab + uint64(funcOffset)
	raw, err := readAt(t.all, offset, funcSize)
	if err != nil {
		return Function{}, false, err
	}
	if u32(raw) != entry || end < entry {
		return Function{}, false, failed(Damaged, "the entry of function %d is given as %#x and as %#x", i, entry, u32(raw))
	}
	name, err := t.name(u32(raw[4:]))
	if err != nil {
		return Function{}, false, err
	}
	return Function{
		Name:   name,
		Entry:  f.module.Text + uint64(entry),
		End:    f.module.Text + uint64(end),
		offset: offset,
		flag:   raw[41],
	}, true, nil
}

// entry returns the i-th entry of the table by address: the offset of the function's code from the start of all code,
// and that of its runtime._func from the table.
func (t *pclntab) entry(i uint64) (code, function uint32, err error) {
	size := functabEntrySize
	if i == t.functions { // the end of the last function, and nothing more
		size = 4
	}
	b, err := readAt(t.all, t.functab+i*functabEntrySize, size)
	if err != nil || size == 4 {
		return u32(append(b, 0, 0, 0, 0)), 0, err
	}
	return u32(b), u32(b[4:]), nil
}

func (t *pclntab) name(offset uint32) (string, error) {
	at := t.names + uint64(offset)
	if at >= t.pctab {
		return "", failed(Damaged, "a function's name is outside of the table of names")
	}
	var name []byte
	for size := 64; len(name) < maxFunctionName; size *= 2 {
		chunk := make([]byte, min(size, maxFunctionName))
		n, err := t.all.ReadAt(chunk, int64(at)+int64(len(name)))
		if n == 0 {
			return "", err
		}
		if end := bytes.IndexByte(chunk[:n], 0); end >= 0 {
			return string(append(name, chunk[:end]...)), nil
		}
		name = append(name, chunk[:n]...)
	}
	return "", failed(Damaged, "a function's name is longer than %d bytes", maxFunctionName)
}

// Frame returns what the address on a stack means. isReturn tells that it is one to which a call returns, so that the
// instruction before it counts; else it is the next instruction of code that was interrupted, or never ran.
//
// ok is false when it is in no Go function: in C code, in a plugin, or no code at all.
func (f *Functions) Frame(pc uint64, isReturn bool) (frame Frame, ok bool, err error) {
	defer recoverDamage(&err)
	function, ok, err := f.Lookup(pc)
	if !ok || err != nil {
		return Frame{}, false, err
	}
	if isReturn && pc > function.Entry { // as runtime.unwinder.symPC: a goroutine that has not run yet is at an entry
		pc--
	}
	raw, err := readAt(f.executable.pclntab.all, function.offset, funcSize)
	if err != nil {
		return Frame{}, false, err
	}
	frame = Frame{
		Entry:       function.Entry,
		IsTop:       function.flag&flagTopFrame != 0,
		HidesCaller: function.flag&flagSPWrite != 0 && function.Name != "runtime.cgocallback", // see runtime.unwinder.resolveInternal
		IsInjected:  injected[function.Name],
	}
	pcsp := u32(raw[16:])
	if pcsp == 0 { // foreign code, such as the race detector's
		frame.HidesCaller = true
	} else {
		size, err := f.valueAt(pcsp, function, pc)
		if err != nil {
			return Frame{}, false, err
		}
		if size < 0 { // in syscall.rawVforkSyscall, which takes the return address off the stack
			frame.HidesCaller = true
		} else {
			frame.Size = uint64(size)
		}
	}
	frame.Functions, err = f.active(function, raw, pc)
	return frame, err == nil, err
}

// active returns the names of the functions that are active at an instruction, outermost first.
func (f *Functions) active(function Function, raw []byte, pc uint64) ([]string, error) {
	var innermostFirst []string
	add := func(name string, id byte) {
		if id != f.executable.Layout.FuncIDWrapper && name != "runtime.goexit" {
			innermostFirst = append(innermostFirst, calltree.PrintedName(name))
		}
	}
	pcdata, funcdata := u32(raw[28:]), raw[43]
	if pcdata > maxPCData || funcdata > maxPCData {
		return nil, failed(Damaged, "%s has %d tables of pcdata and %d of funcdata", function.Name, pcdata, funcdata)
	}
	arrays, err := readAt(f.executable.pclntab.all, function.offset+funcSize, int(4*pcdata)+int(4*funcdata))
	if err != nil {
		return nil, err
	}
	if pcdata > inlTreeIndex && funcdata > inlTree {
		indexes, tree := u32(arrays[4*inlTreeIndex:]), u32(arrays[4*pcdata+4*inlTree:])
		for depth := 0; indexes != 0 && tree != noFuncdata; depth++ {
			if depth == maxInlineDepth {
				return nil, failed(Damaged, "more than %d calls were inlined into each other in %s", maxInlineDepth, function.Name)
			}
			i, err := f.valueAt(indexes, function, pc)
			if err != nil {
				return nil, err
			}
			if i < 0 {
				break
			}
			call, err := f.executable.ReadAddress(f.module.GoFunc-f.module.Bias+uint64(tree)+uint64(i)*inlinedCallSize, inlinedCallSize)
			if err != nil {
				return nil, err
			}
			name, err := f.executable.pclntab.name(u32(call[4:]))
			if err != nil {
				return nil, err
			}
			add(name, call[0])
			pc = function.Entry + uint64(u32(call[8:])) // of an instruction of the caller, at the call
			if pc >= function.End {
				return nil, failed(Damaged, "a call that was inlined into %s is outside of it", function.Name)
			}
		}
	}
	add(function.Name, raw[40])
	for i, j := 0, len(innermostFirst)-1; i < j; i, j = i+1, j-1 {
		innermostFirst[i], innermostFirst[j] = innermostFirst[j], innermostFirst[i]
	}
	return innermostFirst, nil
}

// valueAt returns the value that a table of pctab has at an instruction of a function (runtime.pcvalue): pairs of
// variable-length numbers, by how much the value changes, zigzag, and for how many instructions it then holds.
func (f *Functions) valueAt(table uint32, function Function, pc uint64) (int32, error) {
	t := &f.executable.pclntab
	start := t.pctab + uint64(table)
	if start >= t.functab {
		return 0, failed(Damaged, "a table of %s is outside of the tables", function.Name)
	}
	pairs := bufio.NewReaderSize(io.NewSectionReader(t.all, int64(start), int64(t.functab-start)), 128)
	value, until := int32(-1), function.Entry
	for i := 0; i < maxPCValueEntries && until <= function.End; i++ {
		change, err := binary.ReadUvarint(pairs)
		if err != nil {
			return 0, tableError(function, err)
		}
		if change == 0 && i > 0 { // the end
			break
		}
		length, err := binary.ReadUvarint(pairs)
		if err != nil {
			return 0, tableError(function, err)
		}
		value += int32(-(uint32(change) & 1) ^ uint32(change)>>1)
		if length > math.MaxUint32 {
			break
		}
		until += length * f.executable.Arch.pcQuantum()
		if pc < until {
			return value, nil
		}
	}
	return 0, failed(Damaged, "a table of %s does not say what is at %#x", function.Name, pc)
}

func tableError(function Function, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return failed(Damaged, "a table of %s has no end", function.Name)
	}
	return err
}

// Find returns the functions that have the names, in one pass over the tables. Names that no function has are left out;
// those of functions that were inlined everywhere, or never called, are.
func (f *Functions) Find(names ...string) (found map[string]Function, err error) {
	defer recoverDamage(&err)
	t := &f.executable.pclntab
	offsets, err := t.nameOffsets(names)
	if err != nil {
		return nil, err
	}
	found = map[string]Function{}
	// Both go by ascending offsets.
	entries := bufio.NewReaderSize(io.NewSectionReader(t.all, int64(t.functab), int64(t.functions*functabEntrySize)), streamBuffer)
	functions := &ascending{r: t.all}
	entry := make([]byte, functabEntrySize)
	before := uint32(0)
	for i := uint64(0); i < t.functions && len(found) < len(offsets); i++ {
		if _, err := io.ReadFull(entries, entry); err != nil {
			return nil, err
		}
		if offset := u32(entry[4:]); offset < before {
			return nil, failed(Damaged, "its table of functions is not in their order")
		} else {
			before = offset
		}
		name, err := functions.read(t.functab+uint64(u32(entry[4:]))+4, 4)
		if err != nil {
			return nil, err
		}
		if _, ok := offsets[u32(name)]; ok {
			function, _, err := f.function(i)
			if err != nil {
				return nil, err
			}
			found[function.Name] = function
		}
	}
	return found, nil
}

// nameOffsets returns where in the table of names the names are.
func (t *pclntab) nameOffsets(names []string) (map[uint32]string, error) {
	offsets := map[uint32]string{}
	want := map[string]bool{}
	longest := 0
	for _, name := range names {
		want[name] = true
		longest = max(longest, len(name))
	}
	r := bufio.NewReaderSize(io.NewSectionReader(t.all, int64(t.names), int64(t.pctab-t.names)), streamBuffer)
	var name []byte
	for start, at := uint64(0), uint64(0); ; at++ {
		b, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return offsets, nil
		}
		if err != nil {
			return nil, err
		}
		if b != 0 {
			if len(name) <= longest {
				name = append(name, b)
			}
			continue
		}
		if want[string(name)] && start <= math.MaxUint32 {
			offsets[uint32(start)] = string(name)
		}
		name = name[:0]
		start = at + 1
	}
}

// ascending reads at ascending offsets, each a little after the last, with few reads of the file.
type ascending struct {
	r      io.ReaderAt
	start  uint64
	buffer []byte
}

func (a *ascending) read(offset uint64, n int) ([]byte, error) {
	if offset < a.start || offset+uint64(n) > a.start+uint64(len(a.buffer)) {
		if a.buffer == nil {
			a.buffer = make([]byte, streamBuffer)
		}
		a.buffer = a.buffer[:cap(a.buffer)]
		got, err := a.r.ReadAt(a.buffer, int64(offset))
		a.start, a.buffer = offset, a.buffer[:got]
		if got < n {
			if errors.Is(err, io.EOF) {
				err = failed(Damaged, "its table of functions ends too early")
			}
			return nil, err
		}
	}
	return a.buffer[offset-a.start:][:n], nil
}
