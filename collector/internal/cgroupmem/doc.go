// Package cgroupmem reads how much memory the process's control group may use, and uses: what the kernel goes by when
// it kills a process in a container.
//
// Which group that is comes from github.com/prometheus/procfs, which every program with client_golang links already.
// The libraries that read memory figures too (containerd/cgroups, opencontainers/cgroups) would bring systemd, D-Bus,
// eBPF and logrus into users' programs; KimMachineGun/automemlimit reads the limit alone.
package cgroupmem

// Memory is the memory of the control group that has the least limit among the process's own and its ancestors, as
// far as they are visible; of the highest of them, if several have it. Without a limit it is that of the process's own.
// All figures are bytes and include the group's descendants; other processes in them are counted too.
type Memory struct {
	// Limit is 0 when there is none.
	Limit uint64
	// Usage is all that is charged to the group, page cache included.
	Usage uint64
	// Unreclaimable is what of it the kernel cannot take back before it kills: anonymous and shared memory, and what the
	// kernel holds for the group. Memory that could be swapped out is counted.
	Unreclaimable uint64
}

// Reader reads the files of a Linux system.
type Reader struct {
	// Proc is where procfs is mounted, "/proc".
	Proc string
	// Root is put before the mount points that Proc names; "" but in tests.
	Root string
}
