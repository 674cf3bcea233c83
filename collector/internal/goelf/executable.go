package goelf

import (
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime/debug"
)

// Arch is a processor architecture as GOARCH names it.
type Arch string

const (
	AMD64 Arch = "amd64"
	ARM64 Arch = "arm64"
)

// pcQuantum is the least size of an instruction in bytes: what pclntab counts program counters in.
func (a Arch) pcQuantum() uint64 {
	if a == ARM64 {
		return 4
	}
	return 1
}

// UsesLR tells whether calls leave the return address in a register (the runtime's usesLR), not on the stack.
func (a Arch) UsesLR() bool { return a == ARM64 }

// Causes of an [Error].
const (
	NotGo              = "not_go"              // no build information of Go
	UnsupportedArch    = "unsupported_arch"    // neither amd64 nor arm64
	UnsupportedVersion = "unsupported_version" // a Go version whose layout is not known
	NoTables           = "no_tables"           // the runtime's tables are not where they should be
	Damaged            = "damaged"             // what the file says does not fit together
)

// Error says why an executable, or a process that runs it, cannot be read.
type Error struct {
	Cause string // one of those above, or of the packages that use this one
	Text  string
}

func (e *Error) Error() string { return e.Text }

func failed(cause, format string, args ...any) *Error {
	return &Error{cause, fmt.Sprintf(format, args...)}
}

// Executable is an opened ELF file of a Go program. Its methods are safe for concurrent use if the reader's ReadAt is.
// Addresses are as in the file, unless a method says otherwise: those of a process are greater by its bias.
type Executable struct {
	GoVersion string // such as "go1.26.8", with what distributors and experiments add
	Arch      Arch
	Layout    *Layout
	// Entry is the address of the first instruction, AT_ENTRY of the process less its bias.
	Entry uint64

	file    *elf.File
	reader  io.ReaderAt
	loads   []elf.ProgHeader
	pclntab pclntab
}

// maxSegments is far more than linkers make: four or five are usual.
const maxSegments = 64

// Open reads the headers of an executable, and finds the runtime's tables in it. Errors are *[Error], but for those of
// reading.
func Open(r io.ReaderAt) (e *Executable, err error) {
	defer recoverDamage(&err)
	arch, err := checkHeader(r)
	if err != nil {
		return nil, err
	}
	file, err := elf.NewFile(r)
	if err != nil {
		return nil, failed(NotGo, "not an ELF file: %v", err)
	}
	e = &Executable{file: file, reader: r, Entry: file.Entry, Arch: arch}
	info, err := buildinfo.Read(&limitedReaderAt{r, maxBuildInfo})
	if err != nil {
		return nil, failed(NotGo, "no build information of Go: %v", err)
	}
	e.GoVersion = info.GoVersion
	for _, p := range file.Progs {
		if p.Type == elf.PT_LOAD {
			e.loads = append(e.loads, p.ProgHeader)
		}
	}
	if len(e.loads) == 0 || len(e.loads) > maxSegments {
		return nil, failed(Damaged, "has %d loadable segments", len(e.loads))
	}
	if e.Layout, err = e.layout(); err != nil {
		return nil, err
	}
	if e.pclntab, err = e.openPclntab(); err != nil {
		return nil, err
	}
	return e, nil
}

const (
	// maxSections and maxSectionNames bound what debug/elf keeps, which is a name for each section, however much of the table
	// of names that is: 32 MB. Linkers make some 40 sections, whose names take less than 1 kB.
	maxSections     = 512
	maxSectionNames = 64 << 10
	// maxBuildInfo bounds what is read to find the build information, which has a line for each module.
	maxBuildInfo = 64 << 20
)

// checkHeader looks at what debug/elf believes: a file may be as large as it likes, as what was never written of it takes
// no space on disk. The header is Elf64_Ehdr of elf(5).
func checkHeader(r io.ReaderAt) (Arch, error) {
	const headerSize, sectionSize = 64, 64
	header, err := readAt(r, 0, headerSize)
	if err != nil || string(header[:4]) != elf.ELFMAG {
		return "", failed(NotGo, "not an ELF file")
	}
	class, data, machine := elf.Class(header[elf.EI_CLASS]), elf.Data(header[elf.EI_DATA]), elf.Machine(u16(header[18:]))
	arch := map[elf.Machine]Arch{elf.EM_X86_64: AMD64, elf.EM_AARCH64: ARM64}[machine]
	if class != elf.ELFCLASS64 || data != elf.ELFDATA2LSB || arch == "" {
		return "", failed(UnsupportedArch, "built for %s (%s, %s): only amd64 and arm64 are supported", machine, class, data)
	}
	start, size, sections, names := u64(header[40:]), u16(header[58:]), u16(header[60:]), u16(header[62:])
	switch {
	case sections == 0 && start == 0:
		return arch, nil // there are none
	case sections == 0 || sections > maxSections || size != sectionSize || names >= sections:
		return "", failed(Damaged, "has %d sections of %d bytes, of which number %d has their names", sections, size, names)
	}
	section, err := readAt(r, start+uint64(names)*sectionSize, sectionSize) // Elf64_Shdr
	if err != nil {
		return "", err
	}
	if isCompressed, length := u64(section[8:])&uint64(elf.SHF_COMPRESSED) != 0, u64(section[32:]); isCompressed || length > maxSectionNames {
		return "", failed(Damaged, "has %d bytes of names of sections", length)
	}
	return arch, nil
}

// limitedReaderAt reads at most so many bytes, all in all.
type limitedReaderAt struct {
	r    io.ReaderAt
	left int
}

func (l *limitedReaderAt) ReadAt(b []byte, offset int64) (int, error) {
	if len(b) > l.left {
		return 0, failed(Damaged, "has too much of what should be small")
	}
	l.left -= len(b)
	return l.r.ReadAt(b, offset)
}

// HeadersAddress is where the program headers are mapped, AT_PHDR of the process less its bias. ok is false when no
// segment holds them.
func (e *Executable) HeadersAddress() (address uint64, ok bool) {
	// debug/elf does not keep e_phoff, which is at offset 0x20 of 64-bit headers.
	header, err := readAt(e.reader, 0x20, 8)
	if err != nil {
		return 0, false
	}
	phoff := u64(header)
	for _, p := range e.loads {
		if phoff >= p.Off && phoff-p.Off < p.Filesz {
			return p.Vaddr + phoff - p.Off, true
		}
	}
	return 0, false
}

// FileOffset returns where in the file the byte is that is at the address.
func (e *Executable) FileOffset(address uint64) (offset uint64, ok bool) {
	for _, p := range e.loads {
		if address >= p.Vaddr && address-p.Vaddr < p.Filesz {
			return p.Off + address - p.Vaddr, true
		}
	}
	return 0, false
}

// ReadAddress reads n bytes at the address from the file: code, or data as it is before the process runs.
func (e *Executable) ReadAddress(address uint64, n int) ([]byte, error) {
	offset, ok := e.FileOffset(address)
	if !ok {
		return nil, failed(Damaged, "address %#x is in no segment of the file", address)
	}
	return readAt(e.reader, offset, n)
}

// isWritable tells whether the address is in a segment of variables, those that the file has no bytes for included.
func (e *Executable) isWritable(address uint64) bool {
	for _, p := range e.loads {
		if p.Flags&elf.PF_W != 0 && address >= p.Vaddr && address-p.Vaddr < p.Memsz {
			return true
		}
	}
	return false
}

// recoverDamage makes a panic an error. The parsers of the standard library have had panics on damaged files, and no
// executable that somebody starts on the host may end the agent.
func recoverDamage(err *error) {
	if r := recover(); r != nil {
		*err = failed(Damaged, "reading it panicked: %v\n%s", r, debug.Stack())
	}
}

// readAt reads n bytes; less is an error.
func readAt(r io.ReaderAt, offset uint64, n int) ([]byte, error) {
	if n < 0 || offset > math.MaxInt64-uint64(n) {
		return nil, failed(Damaged, "has nothing at offset %#x", offset)
	}
	b := make([]byte, n)
	if got, err := r.ReadAt(b, int64(offset)); got < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = failed(Damaged, "ends in the middle of what is at offset %#x", offset)
		}
		return nil, err
	}
	return b, nil
}

func u16(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 }

func u32(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func u64(b []byte) uint64 { return uint64(u32(b)) | uint64(u32(b[4:]))<<32 }
