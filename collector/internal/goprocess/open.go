package goprocess

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// Choice names a process: by PID, or by a Name that only one Go process has.
type Choice struct {
	Proc string // where procfs is mounted: "/proc" if empty
	PID  int
	// Name is used where PID is 0: a regular expression that has to match the whole name of the executable, without its
	// folder, or of the process as ps shows it.
	Name string
}

// Process is an open one. Its goroutines are read by goscan's methods.
type Process struct {
	*goscan.Process
	PID     int
	Command string // base name of the executable, without control characters
	Path    string // of the executable, as the process sees it; without control characters
	BuildID string // as hexadecimal digits if it is the linker's, else Go's own; "" if there is none

	executable *os.File
}

// Open opens the process that was chosen. Its errors say what to do.
func Open(choice Choice) (*Process, error) {
	if choice.Proc == "" {
		choice.Proc = "/proc"
	}
	switch {
	case choice.PID != 0 && choice.Name != "":
		return nil, errors.New("a process is named by its PID or by its name, not by both")
	case choice.PID < 0:
		return nil, fmt.Errorf("%d is no PID", choice.PID)
	case choice.PID == 0 && choice.Name == "":
		return nil, errors.New("which process? Give its PID, or its name")
	case choice.PID == 0:
		candidate, err := findOne(choice.Proc, choice.Name)
		if err != nil {
			return nil, err
		}
		choice.PID = candidate.PID
	}
	return openPID(choice.Proc, choice.PID)
}

func openPID(proc string, pid int) (*Process, error) {
	link := filepath.Join(proc, strconv.Itoa(pid), "exe")
	path, err := os.Readlink(link)
	if err != nil {
		return nil, accessError(proc, pid, err)
	}
	file, err := os.Open(link)
	if err != nil {
		return nil, accessError(proc, pid, err)
	}
	p := &Process{PID: pid, Path: printable(strings.TrimSuffix(path, " (deleted)")), executable: file}
	p.Command = filepath.Base(p.Path)
	executable, err := goelf.Open(file)
	if err == nil {
		p.Process, err = goscan.Open(proc, pid, executable)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("process %d (%s): %w", pid, p.Command, err)
	}
	p.BuildID = buildID(file)
	return p, nil
}

// Close lets go of the process.
func (p *Process) Close() error { return p.executable.Close() }

// accessError says what an error of procfs means.
func accessError(proc string, pid int, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, statErr := os.Stat(filepath.Join(proc, strconv.Itoa(pid), "stat")); statErr == nil {
			return fmt.Errorf("process %d has no executable: it is a thread of the kernel, or is just ending", pid)
		}
		return fmt.Errorf("there is no process %d: see ps, or name the process instead. In a container, only its own "+
			"processes are visible unless it shares the host's PID namespace", pid)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("process %d may not be looked at: run as root or as its user, or give CAP_SYS_PTRACE: %w", pid, err)
	}
	return err
}

// printable makes a text that the process's author chose one that a terminal can be sent.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, text)
}
