package discovery

import (
	"fmt"
	"os"
)

// Process is a Go process. It does not change: an exec, or labels that are found late, make another one.
type Process struct {
	PID int
	// StartTime is in clock ticks since boot: field 22 of /proc/PID/stat. With the PID it names a process for as long as
	// the host runs.
	StartTime uint64
	// Generation is a number that no other process of the finder has, and greater after each exec of this one: what was
	// learned from the executable or the memory in one generation is void in the next.
	Generation uint64
	// Command is the base name of the executable, see commandOf.
	Command string
	// GoVersion is as the executable has it: go1.26.8, go1.26.8 X:nodwarf5, devel go1.27-…
	GoVersion string
	// Module is the path of the main module, "" if the program was built without modules.
	Module string
	// Exe is the executable, opened once: still the one that runs when another has taken its path. It is closed as soon as
	// the process is gone or runs another; reading it then fails with os.ErrClosed.
	Exe *os.File
	// File identifies the executable: processes of the same one have the same.
	File FileID
	// Root is where the process's own root folder is visible: /proc/PID/root.
	Root string
	// Cgroup is the path of the process's control group: of the memory controller (v1), or the only one (v2).
	Cgroup string
	// Labels are those of the package's doc. They are not to be changed.
	Labels map[string]string
}

// ID names the process as /probe?process= has it.
func (p *Process) ID() string { return fmt.Sprintf("%d-%d", p.PID, p.StartTime) }

// FileID tells executables apart. Modification time and size are there for inodes that are used again.
type FileID struct {
	Device, Inode uint64
	Size          int64 // bytes
	Modified      int64 // nanoseconds since 1970
}
