package discovery

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
)

// program is what an executable says of itself. Its zero value is one that is not Go's.
type program struct {
	goVersion string
	module    string
}

func (p program) isGo() bool { return p.goVersion != "" }

// Limits of executables that are looked at. Go's linkers write some 30 sections, external ones of cgo some 50, and 10 to 15
// program headers; names of sections take less than 1 KiB. The largest Go programs have about a gigabyte, with debug
// information.
const (
	maxSections       = 512
	maxProgramHeaders = 64
	maxSectionNames   = 16 << 10
	maxFileSize       = 16 << 30
	// maxRead is how much of a file is read. Build information is in a section of its own, or near the start of the first
	// writable segment; that of programs with a thousand modules takes 200 KiB.
	maxRead = 4 << 20
)

// errNotGo is wrapped by errors about a file that Go's linker would never write, and that is not looked at further.
var errNotGo = errors.New("not an executable of Go's for Linux on 64 bits")

// readProgram reads the build information of an executable of that size. It reads at most maxRead bytes of it, and
// allocates no more than a small multiple of that, whatever is in the file.
//
// It returns an error if the file cannot be read, or one that wraps errNotGo.
func readProgram(file io.ReaderAt, size int64) (p program, err error) {
	// debug/elf has panicked at malformed files before: go.dev/issue/47653, 59208.
	defer func() {
		if r := recover(); r != nil {
			p, err = program{}, fmt.Errorf("%w: its parser panicked: %v\n%s", errNotGo, r, debug.Stack())
		}
	}()
	limited := &limitedReader{file: file, left: maxRead}
	if err := checkHeaders(limited, size); err != nil {
		return program{}, errors.Join(err, limited.failure)
	}
	info, err := buildinfo.Read(limited)
	if limited.failure != nil {
		return program{}, limited.failure
	}
	if err != nil {
		return program{}, fmt.Errorf("%w: %v", errNotGo, err)
	}
	return programOf(info), nil
}

func programOf(info *buildinfo.BuildInfo) program {
	return program{goVersion: clean(info.GoVersion, maxName), module: clean(info.Main.Path, maxName)}
}

// checkHeaders returns an error for ELF files with which debug/elf would take memory out of proportion: it copies each
// section's name, which may be as long as all names together, and decompresses the section of names.
func checkHeaders(file io.ReaderAt, size int64) error {
	if size > maxFileSize {
		return fmt.Errorf("%w: %d bytes are too many", errNotGo, size)
	}
	var header elf.Header64
	if err := readStruct(file, 0, &header); err != nil {
		return fmt.Errorf("%w: it has no header", errNotGo)
	}
	ident := header.Ident
	if !bytes.Equal(ident[:elf.EI_CLASS], []byte(elf.ELFMAG)) || elf.Class(ident[elf.EI_CLASS]) != elf.ELFCLASS64 ||
		elf.Data(ident[elf.EI_DATA]) != elf.ELFDATA2LSB {
		return fmt.Errorf("%w: it is not ELF of 64 bits, little-endian", errNotGo)
	}
	if header.Shnum > maxSections || header.Phnum > maxProgramHeaders {
		return fmt.Errorf("%w: %d sections and %d program headers are too many", errNotGo, header.Shnum, header.Phnum)
	}
	if header.Shnum == 0 {
		if header.Shoff != 0 { // debug/elf then takes the number from section 0
			return fmt.Errorf("%w: more than 65,279 sections are too many", errNotGo)
		}
		return nil
	}
	var names elf.Section64
	offset := header.Shoff + uint64(header.Shstrndx)*uint64(header.Shentsize)
	if offset > uint64(size) || readStruct(file, int64(offset), &names) != nil {
		return fmt.Errorf("%w: the section of names is not in the file", errNotGo)
	}
	if names.Size > maxSectionNames || elf.SectionFlag(names.Flags)&elf.SHF_COMPRESSED != 0 {
		return fmt.Errorf("%w: sections have names of more than %d bytes", errNotGo, maxSectionNames)
	}
	return nil
}

func readStruct(file io.ReaderAt, offset int64, into any) error {
	return binary.Read(io.NewSectionReader(file, offset, int64(binary.Size(into))), binary.LittleEndian, into)
}

// limitedReader ends after so many bytes were read, wherever they are. failure is the first error that is the file's own.
type limitedReader struct {
	file    io.ReaderAt
	left    int
	failure error
}

func (r *limitedReader) ReadAt(into []byte, offset int64) (n int, err error) {
	if len(into) > r.left {
		into, err = into[:r.left], io.ErrUnexpectedEOF
	}
	n, readErr := r.file.ReadAt(into, offset)
	r.left -= n
	if readErr != nil {
		err = readErr
		if readErr != io.EOF && r.failure == nil {
			r.failure = readErr
		}
	}
	return n, err
}
