package goelf

import (
	"bufio"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/arch/arm64/arm64asm"
	"golang.org/x/arch/x86/x86asm"
)

// AllGs are the addresses of the variables by which the runtime's own tools find all goroutines (runtime.atomicAllG), in
// the file.
type AllGs struct {
	Length  uint64 // of runtime.allglen, how many there are
	Pointer uint64 // of runtime.allgptr, a pointer to the array of pointers to them
}

const allglen, allgptr = "runtime.allglen", "runtime.allgptr"

// FindAllGs finds the variables by their symbols, or where these were stripped, by the code that reads them.
func (f *Functions) FindAllGs() (a AllGs, err error) {
	defer recoverDamage(&err)
	a, ok, err := f.executable.allGsBySymbol()
	if err != nil {
		return AllGs{}, err
	}
	if !ok {
		if a, err = f.allGsByCode(); err != nil {
			return AllGs{}, err
		}
	}
	for _, address := range []uint64{a.Length, a.Pointer} {
		if address%8 != 0 || !f.executable.isWritable(address) {
			return AllGs{}, failed(NoTables, "the runtime's list of goroutines would be at %#x, where no variable is", address)
		}
	}
	return a, nil
}

// allGsBySymbol looks into the symbol table, in two passes that keep nothing: those of large programs have hundreds of
// thousands of symbols.
func (e *Executable) allGsBySymbol() (a AllGs, ok bool, err error) {
	symbols := e.file.SectionByType(elf.SHT_SYMTAB)
	if symbols == nil || symbols.Link == 0 || int(symbols.Link) >= len(e.file.Sections) || symbols.Type == elf.SHT_NOBITS {
		return AllGs{}, false, nil
	}
	strings := e.file.Sections[symbols.Link]
	if symbols.FileSize > maxTable || strings.FileSize > maxTable {
		return AllGs{}, false, nil
	}
	names := pclntab{
		all:   io.NewSectionReader(e.reader, int64(strings.Offset), int64(strings.FileSize)),
		pctab: strings.FileSize,
	}
	offsets, err := names.nameOffsets([]string{allglen, allgptr})
	if err != nil || len(offsets) < 2 {
		return AllGs{}, false, err
	}
	r := bufio.NewReaderSize(io.NewSectionReader(e.reader, int64(symbols.Offset), int64(symbols.FileSize)), streamBuffer)
	for {
		var symbol elf.Sym64
		if err := binary.Read(r, binary.LittleEndian, &symbol); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return a, a.Length != 0 && a.Pointer != 0, nil
			}
			return AllGs{}, false, err
		}
		switch offsets[symbol.Name] {
		case allglen:
			a.Length = symbol.Value
		case allgptr:
			a.Pointer = symbol.Value
		}
	}
}

const (
	// allGsReader is a function that reads allglen, then allgptr, before it reads any other variable, in all versions.
	allGsReader = "runtime.forEachGRace"
	// allGsCode is how much of it is looked at: both are read within 80 bytes.
	allGsCode = 160
)

func (f *Functions) allGsByCode() (AllGs, error) {
	found, err := f.Find(allGsReader)
	if err != nil {
		return AllGs{}, err
	}
	function, ok := found[allGsReader]
	if !ok {
		return AllGs{}, failed(NoTables, "it has neither symbols nor the function %s: the runtime's list of goroutines cannot be found", allGsReader)
	}
	start := function.Entry - f.module.Bias
	code, err := f.executable.ReadAddress(start, int(min(allGsCode, function.End-function.Entry)))
	if err != nil {
		return AllGs{}, err
	}
	loads := loadsAMD64
	if f.executable.Arch == ARM64 {
		loads = loadsARM64
	}
	addresses := loads(code, start)
	if len(addresses) < 2 {
		return AllGs{}, failed(NoTables, "the code of %s does not read the runtime's list of goroutines as expected", allGsReader)
	}
	return AllGs{Length: addresses[0], Pointer: addresses[1]}, nil
}

// loadsAMD64 returns the addresses from which code loads 8 bytes relative to the instruction, in its order:
//
//	MOVQ runtime.allglen(SB), CX
func loadsAMD64(code []byte, address uint64) (addresses []uint64) {
	for at := 0; at < len(code); {
		instruction, err := x86asm.Decode(code[at:], 64)
		if err != nil {
			return addresses
		}
		at += instruction.Len
		memory, isMemory := instruction.Args[1].(x86asm.Mem)
		if instruction.Op == x86asm.MOV && instruction.DataSize == 64 && isMemory && memory.Base == x86asm.RIP && memory.Index == 0 {
			addresses = append(addresses, address+uint64(at)+uint64(memory.Disp))
		}
	}
	return addresses
}

// loadsARM64 returns the addresses from which code loads 8 bytes with acquire semantics, in its order, where it is these
// three instructions, as the compiler makes of atomic.Loaduintptr(&variable):
//
//	ADRP page, R1
//	ADD  $offset, R1, R1
//	LDAR (R1), R1
func loadsARM64(code []byte, address uint64) (addresses []uint64) {
	var known [32]uint64 // addresses in registers X0 to X30
	for at := 0; at+4 <= len(code); at += 4 {
		instruction, err := arm64asm.Decode(code[at:])
		if err != nil {
			return addresses
		}
		word := u32(code[at:])
		rd, rn := word&31, word>>5&31
		switch instruction.Op {
		case arm64asm.ADRP:
			if relative, ok := instruction.Args[1].(arm64asm.PCRel); ok {
				known[rd] = (address+uint64(at))&^0xfff + uint64(relative)
			}
		case arm64asm.ADD:
			// ADD (immediate), 64 bits: sf 0 0 100010 sh imm12 Rn Rd, C6.2.5 of the architecture's manual.
			if word>>23 == 0b100100010 && known[rn] != 0 {
				known[rd] = known[rn] + uint64(word>>10&0xfff)<<(12*(word>>22&1))
			}
		case arm64asm.LDAR:
			if word>>30 == 0b11 && known[rn] != 0 {
				addresses = append(addresses, known[rn])
			}
			known[rd] = 0
		}
	}
	return addresses
}
