package discovery

import (
	"bytes"
	"errors"
	"strconv"
)

// stat is what of /proc/PID/stat tells one process from another, and one program from another in the same process.
type stat struct {
	state byte
	// start is when the process began, in clock ticks since boot.
	start uint64
	// stackStart is the address where the main thread's stack begins. The kernel chooses it anew at each exec, so that
	// one of the same file is noticed too. It is 0 without the right to read the process's memory.
	stackStart uint64
}

// Where they are in the line, counted from 0 behind the command in brackets.
// https://docs.kernel.org/filesystems/proc.html, table 1-4.
const (
	stateField      = 0
	startField      = 19
	stackStartField = 25
)

var errStat = errors.New("not a line of /proc/PID/stat")

// parseStat is there because procfs.Proc.Stat leaves out where the stack starts, and costs more than the kernel's part of
// it: this is done for each Go process every second.
func parseStat(line []byte) (stat, error) {
	// The command may have brackets and spaces of its own.
	end := bytes.LastIndexByte(line, ')')
	if end < 0 {
		return stat{}, errStat
	}
	fields := bytes.Fields(line[end+1:])
	if len(fields) <= stackStartField {
		return stat{}, errStat
	}
	start, err := strconv.ParseUint(string(fields[startField]), 10, 64)
	if err != nil {
		return stat{}, errStat
	}
	stackStart, err := strconv.ParseUint(string(fields[stackStartField]), 10, 64)
	if err != nil {
		return stat{}, errStat
	}
	return stat{fields[stateField][0], start, stackStart}, nil
}

// ended is true of a process that has no program any more, but that its parent has not asked for yet.
func (s stat) ended() bool { return s.state == 'Z' || s.state == 'X' || s.state == 'x' }

// sameProgram is false when the process has run exec between a and b.
func (a stat) sameProgram(b stat) bool {
	return a.start == b.start && (a.stackStart == b.stackStart || a.stackStart == 0 || b.stackStart == 0)
}
