package goelf

import (
	"debug/elf"
	"io"
)

// Module is what runtime.firstmoduledata of a process says. Plugins have modules of their own, which are not read.
type Module struct {
	// Bias is what the process's addresses have above those in the file: 0 unless position-independent.
	Bias uint64
	// Text and TextEnd are the addresses of the first byte of Go's code, runtime.text, and after the last.
	Text, TextEnd uint64
	// GoFunc is the address that tables of inlined calls are given relative to.
	GoFunc uint64
}

const (
	// moduleChunk is how much memory is read at once to find the module in.
	moduleChunk = 256 << 10
	// maxVariables bounds where it is looked for, in bytes. Large programs have some 10 MB of initialized variables.
	maxVariables = 256 << 20
)

// OpenFunctions reads the module from the memory of a process that runs the executable, and returns the functions of
// that process. bias is what its addresses have above those in the file.
//
// The memory counts, not the file: in position-independent executables the dynamic linker fills the module in, and Go
// 1.26 writes the start of the code nowhere else. It is found by its first words, which point into pclntab, as no
// section but that of Go 1.26 is of its own, and no symbol is left when stripped.
func (e *Executable) OpenFunctions(memory io.ReaderAt, bias uint64) (f *Functions, err error) {
	defer recoverDamage(&err)
	looked := 0
	for _, p := range e.loads {
		if p.Flags&elf.PF_W == 0 {
			continue
		}
		for start := uint64(0); start < p.Filesz && looked < maxVariables; start += moduleChunk {
			looked += moduleChunk
			chunk := make([]byte, min(moduleChunk, p.Filesz-start))
			if _, err := memory.ReadAt(chunk, int64(p.Vaddr+start+bias)); err != nil {
				return nil, err
			}
			for at := 0; at+8 <= len(chunk); at += 8 {
				if u64(chunk[at:]) != e.pclntab.address+bias {
					continue
				}
				m, ok, err := e.moduleAt(memory, p.Vaddr+start+uint64(at), bias)
				if err != nil {
					return nil, err
				}
				if ok {
					return &Functions{e, m}, nil
				}
			}
		}
	}
	return nil, failed(NoTables, "its memory has no module that belongs to the table of functions in its file")
}

// moduleAt reads the module at an address of the file, if it is one: its first words are the addresses of pclntab, and of
// the table of names in it with the length of that; and that of its function table (runtime.moduledata).
func (e *Executable) moduleAt(memory io.ReaderAt, address, bias uint64) (m Module, ok bool, err error) {
	words, err := readAt(memory, address+bias, e.Layout.Module.size())
	if err != nil {
		return Module{}, false, nil // so near the end of the segment that it is none
	}
	word := func(i int) uint64 { return u64(words[8*i:]) }
	const functab, functabLength = 16, 17 // after five slices of three words
	if word(1) != e.pclntab.address+bias+e.pclntab.names || word(functab) != e.pclntab.address+bias+e.pclntab.functab ||
		word(functabLength) != e.pclntab.functions+1 {
		return Module{}, false, nil
	}
	field := func(offset uint64) uint64 { return u64(words[offset:]) }
	m = Module{
		Bias:    bias,
		Text:    field(e.Layout.Module.Text),
		TextEnd: field(e.Layout.Module.TextEnd),
		GoFunc:  field(e.Layout.Module.GoFunc),
	}
	if start := e.pclntab.textStart; start != 0 && start != m.Text && start+bias != m.Text {
		return Module{}, false, failed(Damaged, "its code starts at %#x by its table of functions, and at %#x by its module", start, m.Text)
	}
	if _, ok := e.FileOffset(m.Text - bias); !ok || m.TextEnd <= m.Text {
		return Module{}, false, failed(Damaged, "its code from %#x to %#x is in no segment of the file", m.Text, m.TextEnd)
	}
	if _, ok := e.FileOffset(m.GoFunc - bias); !ok {
		return Module{}, false, failed(Damaged, "its tables of inlined calls at %#x are in no segment of the file", m.GoFunc)
	}
	return m, true, nil
}

// Module returns the module of the functions.
func (f *Functions) Module() Module { return f.module }
