package goscan

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// span is a piece of the process's memory.
type span struct {
	address uint64
	length  int
}

// memory is that of a process.
type memory interface {
	// read copies the spans one after the other, and returns how many bytes could be copied before one that is not mapped.
	// There are at most maxSpans.
	read(spans []span, into []byte) (int, error)
	// resident returns how many bytes of physical memory the process has, virtual how many of address space.
	resident() (uint64, error)
	virtual() (uint64, error)
	// image identifies the program that runs in the process: it changes by execve(2), and with the process itself.
	image() (image, error)
}

// image is what the kernel told the program of itself when it was started, its auxiliary vector.
type image struct {
	vector []byte
	entry  uint64 // AT_ENTRY, the address of the first instruction; 0 in the middle of execve(2)
	phdr   uint64 // AT_PHDR, that of the program headers
}

// maxSpans is the kernel's UIO_MAXIOV.
const maxSpans = 1024

// Auxiliary vector, include/uapi/linux/auxvec.h.
const (
	atPhdr  = 3
	atEntry = 9
)

// processMemory is the memory of a process of this host.
type processMemory struct {
	pid    int
	proc   string // the process's folder in /proc
	remote []unix.RemoteIovec
}

func newProcessMemory(proc string, pid int) *processMemory {
	return &processMemory{pid: pid, proc: filepath.Join(proc, strconv.Itoa(pid)), remote: make([]unix.RemoteIovec, 0, maxSpans)}
}

func (m *processMemory) read(spans []span, into []byte) (int, error) {
	if len(spans) == 0 || len(into) == 0 {
		return 0, nil
	}
	m.remote = m.remote[:0]
	for _, s := range spans {
		m.remote = append(m.remote, unix.RemoteIovec{Base: uintptr(s.address), Len: s.length})
	}
	local := []unix.Iovec{{Base: &into[0]}}
	local[0].SetLen(len(into))
	n, err := unix.ProcessVMReadv(m.pid, local, m.remote, 0)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, unix.EFAULT), errors.Is(err, unix.EINVAL): // not even the first span is mapped, or is no address
		return 0, nil
	}
	return 0, accessError(m.pid, err)
}

// accessError says what an error of the kernel means for who started the agent.
func accessError(pid int, err error) error {
	switch {
	case errors.Is(err, unix.ESRCH), errors.Is(err, os.ErrNotExist):
		return failed(Gone, "process %d has ended", pid)
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return failed(NotPermitted, "the memory of process %d may not be read (%v): run as root, or give CAP_SYS_PTRACE; "+
			"for processes of the same user, kernel.yama.ptrace_scope=0 is enough", pid, err)
	}
	return fmt.Errorf("the memory of process %d: %w", pid, err)
}

func (m *processMemory) resident() (uint64, error) { return m.statm(1) }
func (m *processMemory) virtual() (uint64, error)  { return m.statm(0) }

// statm returns one of the numbers of proc(5)'s statm, in bytes: size, resident and others.
func (m *processMemory) statm(field int) (uint64, error) {
	text, err := os.ReadFile(filepath.Join(m.proc, "statm"))
	if err != nil {
		return 0, accessError(m.pid, err)
	}
	var pages [2]uint64
	if n, _ := fmt.Sscan(string(text), &pages[0], &pages[1]); n < len(pages) || pages[0] == 0 { // of a zombie, all are 0
		return 0, failed(Gone, "process %d has ended", m.pid)
	}
	return pages[field] * uint64(os.Getpagesize()), nil
}

func (m *processMemory) image() (image, error) {
	vector, err := os.ReadFile(filepath.Join(m.proc, "auxv"))
	if err != nil {
		return image{}, accessError(m.pid, err)
	}
	i := image{vector: vector}
	for at := 0; at+16 <= len(vector); at += 16 {
		switch u64(vector[at:]) {
		case atEntry:
			i.entry = u64(vector[at+8:])
		case atPhdr:
			i.phdr = u64(vector[at+8:])
		}
	}
	if len(vector) == 0 { // as of a zombie
		return image{}, failed(Gone, "process %d has ended", m.pid)
	}
	return i, nil
}

// addressReader reads memory by address, as an io.ReaderAt.
type addressReader struct{ memory memory }

func (r addressReader) ReadAt(b []byte, address int64) (int, error) {
	n, err := r.memory.read([]span{{uint64(address), len(b)}}, b)
	if err == nil && n < len(b) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
