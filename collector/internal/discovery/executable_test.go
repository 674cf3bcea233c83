package discovery

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// image is an ELF file of one segment that holds build information, as small as can be.
type image struct {
	header   elf.Header64
	program  elf.Prog64
	sections []elf.Section64 // the first is empty, the last has the names
	names    string
	data     []byte // at dataOffset
}

const (
	dataOffset  = 1 << 10
	dataAddress = 0x400000
)

// goImage says that it is Go's, with that version and module information.
func goImage(version, modules string) *image {
	data := append([]byte("\xff Go buildinf:\x08\x02"), make([]byte, 16)...)
	for _, text := range []string{version, modules} {
		data = binary.AppendUvarint(data, uint64(len(text)))
		data = append(data, text...)
	}
	data = append(data, make([]byte, 64)...) // as in real files, it is not the last there is
	names := "\x00.go.buildinfo\x00.shstrtab\x00"
	i := &image{names: names, data: data}
	copy(i.header.Ident[:], elf.ELFMAG+"\x02\x01\x01")
	i.header.Type, i.header.Machine, i.header.Version = uint16(elf.ET_EXEC), uint16(elf.EM_X86_64), 1
	i.header.Ehsize, i.header.Phentsize, i.header.Shentsize = 64, 56, 64
	i.header.Phoff, i.header.Phnum = 64, 1
	i.header.Shoff, i.header.Shnum, i.header.Shstrndx = 128, 3, 2
	i.program = elf.Prog64{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W),
		Off: dataOffset, Vaddr: dataAddress, Filesz: uint64(len(data)), Memsz: uint64(len(data)),
	}
	i.sections = []elf.Section64{
		{},
		{Name: 1, Type: uint32(elf.SHT_PROGBITS), Addr: dataAddress, Off: dataOffset, Size: uint64(len(data))},
		{Name: uint32(strings.Index(names, ".shstrtab")), Type: uint32(elf.SHT_STRTAB), Off: 512, Size: uint64(len(names))},
	}
	return i
}

func (i *image) bytes(t testing.TB) []byte {
	t.Helper()
	file := make([]byte, dataOffset, dataOffset+len(i.data))
	for _, part := range []struct {
		offset int
		value  any
	}{{0, i.header}, {64, i.program}, {128, i.sections}, {512, []byte(i.names)}} {
		var b bytes.Buffer
		if err := binary.Write(&b, binary.LittleEndian, part.value); err != nil {
			t.Fatal(err)
		}
		if part.offset+b.Len() > dataOffset {
			t.Fatal("the headers do not fit")
		}
		copy(file[part.offset:], b.Bytes())
	}
	return append(file, i.data...)
}

// framed is module information as the linker writes it.
func framed(modules string) string {
	return "0123456789abcdef" + modules + "\nfedcba987654321"
}

func TestAnExecutableTellsWhatItIs(t *testing.T) {
	for _, c := range []struct {
		name string
		file *image
		want program
	}{
		{"a program with modules", goImage("go1.26.8", framed("path\texample.com/app/cmd\nmod\texample.com/app\t(devel)\t\n")),
			program{goVersion: "go1.26.8", module: "example.com/app"}},
		{"the exporter itself", goImage("go1.26.8", framed("mod\tgithub.com/stackpressure/goroutines/collector\t(devel)\t\n")),
			program{goVersion: "go1.26.8", module: "github.com/stackpressure/goroutines/collector"}},
		{"a program without modules", goImage("go1.25.0 X:nodwarf5", ""), program{goVersion: "go1.25.0 X:nodwarf5"}},
		{"a version that nobody has", goImage("go\n1\xff", ""), program{goVersion: "go_1_"}},
	} {
		file := c.file.bytes(t)
		got, err := readProgram(bytes.NewReader(file), int64(len(file)))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

// hostile are files that mean harm.
func hostile(t testing.TB) map[string][]byte {
	make := func(change func(*image)) []byte {
		i := goImage("go1.26.8", "")
		change(i)
		return i.bytes(t)
	}
	return map[string][]byte{
		"no file":                         {},
		"a script":                        []byte("#!/bin/sh\necho go1.26.8\n"),
		"half a header":                   []byte(elf.ELFMAG + "\x02\x01\x01"),
		"32 bits":                         make(func(i *image) { i.header.Ident[elf.EI_CLASS] = byte(elf.ELFCLASS32) }),
		"big-endian":                      make(func(i *image) { i.header.Ident[elf.EI_DATA] = byte(elf.ELFDATA2MSB) }),
		"no version":                      goImage("", "").bytes(t),
		"65,535 sections":                 make(func(i *image) { i.header.Shnum = 0xffff }),
		"sections counted in section 0":   make(func(i *image) { i.header.Shnum = 0; i.sections[0].Size = 1 << 40 }),
		"65,535 program headers":          make(func(i *image) { i.header.Phnum = 0xffff }),
		"sections of no size":             make(func(i *image) { i.header.Shentsize = 0 }),
		"sections that are elsewhere":     make(func(i *image) { i.header.Shoff = 1 << 62 }),
		"names that are elsewhere":        make(func(i *image) { i.header.Shstrndx = 0xfff0 }),
		"names of an exabyte":             make(func(i *image) { i.sections[2].Size = 1 << 60 }),
		"names that are compressed":       make(func(i *image) { i.sections[2].Flags = uint64(elf.SHF_COMPRESSED) }),
		"build information of an exabyte": make(func(i *image) { clear(i.data); i.sections[1].Size = 1 << 60 }),
		"build information past the end":  make(func(i *image) { i.sections[1].Addr = 1<<64 - 32 }),
		"a segment of an exabyte":         make(func(i *image) { clear(i.data); i.names = ""; i.program.Filesz, i.program.Memsz = 1<<60, 1<<60 }),
		"a version of an exabyte":         make(func(i *image) { i.data = binary.AppendUvarint(i.data[:32], 1<<60) }),
		"a version of more than a varint": make(func(i *image) { i.data = append(i.data[:32], bytes.Repeat([]byte{0xff}, 16)...) }),
		"pointers, as Go before 1.18": make(func(i *image) {
			i.data = append([]byte("\xff Go buildinf:\x08\x00"), bytes.Repeat([]byte{0xff}, 64)...)
		}),
		"modules that are no modules":      goImage("go1.26.8", framed("dep\tgithub.com/stackpressure/goroutines/collector\n=>\n")).bytes(t),
		"replaced modules without modules": goImage("go1.26.8", framed("=>\tx\ty\tz\n")).bytes(t),
	}
}

func TestAFileThatMeansHarmIsNotGos(t *testing.T) {
	for name, file := range hostile(t) {
		if got, err := readProgram(bytes.NewReader(file), int64(len(file))); !errors.Is(err, errNotGo) || got.isGo() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := readProgram(bytes.NewReader(goImage("go1.26.8", "").bytes(t)), maxFileSize+1); !errors.Is(err, errNotGo) {
		t.Errorf("a file of more bytes than a program has: %v", err)
	}
}

// endless is a file that goes on for ever after what it begins with.
type endless struct{ begin []byte }

func (e endless) ReadAt(into []byte, offset int64) (int, error) {
	for i := range into {
		into[i] = 'x'
		if at := offset + int64(i); at < int64(len(e.begin)) {
			into[i] = e.begin[at]
		}
	}
	return len(into), nil
}

func TestAnEndlessFileIsReadForAMoment(t *testing.T) {
	i := goImage("go1.26.8", "")
	i.data = nil
	i.sections[1].Size, i.program.Filesz, i.program.Memsz = 1<<60, 1<<60, 1<<60
	counted := &countingReader{file: endless{i.bytes(t)}}
	if _, err := readProgram(counted, maxFileSize); !errors.Is(err, errNotGo) {
		t.Errorf("the error is %v", err)
	}
	if counted.bytes > maxRead {
		t.Errorf("%d bytes were read, and %d are the limit", counted.bytes, maxRead)
	}
}

type countingReader struct {
	file  io.ReaderAt
	bytes int
}

func (r *countingReader) ReadAt(into []byte, offset int64) (int, error) {
	n, err := r.file.ReadAt(into, offset)
	r.bytes += n
	return n, err
}

// broken is a disk that fails behind the headers.
type broken struct{ io.ReaderAt }

var errDisk = errors.New("input/output error")

func (b broken) ReadAt(into []byte, offset int64) (int, error) {
	if offset >= dataOffset {
		return 0, errDisk
	}
	return b.ReaderAt.ReadAt(into, offset)
}

func TestAFileThatCannotBeReadIsNotSaidToBeAnything(t *testing.T) {
	file := goImage("go1.26.8", "").bytes(t)
	if _, err := readProgram(broken{bytes.NewReader(file)}, int64(len(file))); !errors.Is(err, errDisk) || errors.Is(err, errNotGo) {
		t.Errorf("the error is %v, want the disk's", err)
	}
}

// maxAllocated is what reading a program may allocate in all: debug/elf's first chunk of a text that says to be longer has
// 10 MiB, names of 512 sections at most 8 MiB.
const maxAllocated = 64 << 20

func FuzzReadProgram(f *testing.F) {
	f.Add(goImage("go1.26.8", framed("path\texample.com/app/cmd\nmod\texample.com/app\t(devel)\t\ndep\t"+ours+"\tv1.2.3\th1:abc=\n")).bytes(f))
	for _, file := range hostile(f) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		counted := &countingReader{file: bytes.NewReader(file)}
		got, err := readProgram(counted, int64(len(file)))
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > maxAllocated {
			t.Errorf("%d bytes were allocated for a file of %d", allocated, len(file))
		}
		if counted.bytes > maxRead {
			t.Errorf("%d bytes were read", counted.bytes)
		}
		if (err == nil) != got.isGo() {
			t.Errorf("%+v and %v", got, err)
		}
		if err != nil && strings.Contains(err.Error(), "panicked") {
			t.Logf("the parser panics, and that is caught: %v", err)
		}
	})
}
