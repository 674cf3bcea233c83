// Package privileges takes from the agent, once it has started, all that it does not need to read other processes.
//
// What stays is dangerous: CAP_SYS_PTRACE is needed for as long as the agent runs, as the kernel asks for it at each
// process_vm_readv and at each opening of /proc/PID/exe; and who has it may also take other processes over. So a seccomp
// filter takes away each way to do that: ptrace, process_vm_writev, writing to /proc/PID/mem (as all opening of files to
// write), starting programs, and what would go around the filter.
//
// Files of collector/deploy give the agent no more than this package keeps; a test there compares them.
package privileges

// Need is what the agent will do, and so what it has to keep.
type Need struct {
	// Probes is true if it attaches eBPF programs.
	Probes bool
	// Admin is true if CAP_SYS_ADMIN is to stay if it is there, as some kernels want it to attach eBPF programs.
	Admin bool
}

// Capability is one that the agent uses.
type Capability struct {
	Name string // CAP_SYS_PTRACE
	// Without says what the agent cannot do without it.
	Without string
}

// The capabilities of the agent. https://man7.org/linux/man-pages/man7/capabilities.7.html
var (
	capSysPtrace     = Capability{"CAP_SYS_PTRACE", "only processes of the agent's own user can be found and read"}
	capDacReadSearch = Capability{"CAP_DAC_READ_SEARCH", "executables and folders that others may not read cannot be read"}
	// Since Linux 5.8, when they were taken out of CAP_SYS_ADMIN.
	capBPF     = Capability{"CAP_BPF", "no eBPF program can be loaded: no growth events, creations and exits"}
	capPerfmon = Capability{"CAP_PERFMON", "no uprobe can be attached: no growth events, creations and exits"}
	// Before that.
	capSysAdmin = Capability{"CAP_SYS_ADMIN", "no eBPF program can be loaded, as this kernel is older than 5.8: no growth events, creations and exits"}
)

// Capabilities are those that the agent keeps, on a kernel that has CAP_BPF (Linux 5.8) or does not.
func Capabilities(need Need, kernelHasBPF bool) []Capability {
	kept := []Capability{capSysPtrace, capDacReadSearch}
	switch {
	case !need.Probes:
		return kept
	case kernelHasBPF:
		return append(kept, capBPF, capPerfmon)
	}
	return append(kept, capSysAdmin)
}

// Report is what became of the process's privileges.
type Report struct {
	Kept    []Capability
	Missing []Capability // that the process would need, and did not have
}
