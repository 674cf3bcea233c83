//go:build linux && (amd64 || arm64)

package privileges

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// restrictSystemCalls installs the filter on all threads. With one that the container's runtime has installed already,
// the stricter answer counts.
//
// It is assembled here and not by github.com/elastic/go-seccomp-bpf, whose filters let through what comes by the ABI of
// another architecture: on amd64, int 0x80 with the numbers of i386.
func restrictSystemCalls(need Need) error {
	program, err := bpf.Assemble(filter(need, os.Getpid()))
	if err != nil {
		return fmt.Errorf("the seccomp filter cannot be assembled: %w", err)
	}
	// Of this thread; seccomp makes it so of the others. Without it, only CAP_SYS_ADMIN may install filters.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs cannot be set: %w", err)
	}
	instructions := make([]unix.SockFilter, len(program))
	for i, in := range program {
		instructions[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	fprog := unix.SockFprog{Len: uint16(len(instructions)), Filter: &instructions[0]}
	// What is denied is in the audit log: since Linux 4.14, and unless kernel.seccomp.actions_logged leaves errno out.
	for _, flags := range []uintptr{unix.SECCOMP_FILTER_FLAG_TSYNC | unix.SECCOMP_FILTER_FLAG_LOG, unix.SECCOMP_FILTER_FLAG_TSYNC} {
		thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&fprog)))
		switch {
		case errno == unix.EINVAL:
			continue
		case errno != 0:
			return fmt.Errorf("the seccomp filter cannot be installed: %w", errno)
		case thread != 0:
			return fmt.Errorf("the seccomp filter cannot be installed on thread %d, which has one of its own", thread)
		}
		return nil
	}
	return errors.New("this kernel has no seccomp filters: CONFIG_SECCOMP_FILTER is off")
}

// denied fail with EPERM.
var denied = []uintptr{
	// Taking another process over.
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE, unix.SYS_PROCESS_MRELEASE, unix.SYS_PIDFD_GETFD,
	unix.SYS_KCMP, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES,
	// Signals, but for the Go runtime's own, see below.
	unix.SYS_TKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_PIDFD_SEND_SIGNAL,
	// Other programs.
	unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_MEMFD_CREATE, unix.SYS_USERFAULTFD,
	// Ways around the file system's borders. With CAP_DAC_READ_SEARCH, open_by_handle_at opens any file of a disk.
	unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE,
	unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR, unix.SYS_PIVOT_ROOT,
	unix.SYS_CHROOT, unix.SYS_QUOTACTL, unix.SYS_FANOTIFY_INIT,
	// Namespaces: a new one of users has all capabilities.
	unix.SYS_SETNS, unix.SYS_UNSHARE,
	// The kernel and the machine.
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_REBOOT,
	unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_SYSLOG, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
	// Files that are made or changed without being opened to write.
	unix.SYS_TRUNCATE, unix.SYS_MKDIRAT, unix.SYS_MKNODAT, unix.SYS_UNLINKAT, unix.SYS_LINKAT, unix.SYS_SYMLINKAT,
	unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWNAT, unix.SYS_SETXATTR, unix.SYS_LSETXATTR,
	unix.SYS_FSETXATTR,
	// What does system calls that no filter sees.
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
}

// deniedWithoutProbes are what only probes are made with.
var deniedWithoutProbes = []uintptr{unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN}

// absent fail with ENOSYS, as their arguments are in memory, where no filter sees them. Whoever calls them falls back on
// the older call: openat, clone.
var absent = []uintptr{unix.SYS_OPENAT2, unix.SYS_CLONE3}

// condition denies a system call if one of its arguments has one of the bits, or is another value than the only one.
type condition struct {
	call     uintptr
	argument int
	bits     uint32 // any of which is denied, 0 if only is meant
	only     uint32
}

const (
	// Opening a file in another way than to read it: /proc/PID/mem is one, which takes writes to the process's memory.
	opensToWrite = unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC | unix.O_APPEND
	// clone with any of these makes a namespace.
	makesNamespace = unix.CLONE_NEWNS | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP
)

func conditions(pid int) []condition {
	return slices.Concat(archConditions, []condition{
		{call: unix.SYS_OPENAT, argument: 2, bits: opensToWrite},
		{call: unix.SYS_CLONE, argument: 0, bits: makesNamespace},
		// The runtime preempts its threads with signals, and raises those that end the process.
		{call: unix.SYS_TGKILL, argument: 0, only: uint32(pid)},
		{call: unix.SYS_KILL, argument: 0, only: uint32(pid)},
	})
}

// Where what is asked for is in struct seccomp_data of linux/seccomp.h. Both architectures are little-endian, so that the
// lower half of an argument comes first.
const (
	offsetCall      = 0
	offsetArch      = 4
	offsetArguments = 16
)

// newest is the last system call that the lists above were made with: setxattrat (463) is the first that would belong there.
// Go's runtime and libraries fall back on older calls where a kernel has not got one. The numbers of amd64's x32 ABI are
// above it too.
const newest = unix.SYS_MSEAL

const (
	deny     = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	isAbsent = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
)

// filter is the program that the kernel runs at each system call of the process with that PID.
func filter(need Need, pid int) []bpf.Instruction {
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offsetArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: auditArch, SkipTrue: 1},
		bpf.RetConstant{Val: deny},
		bpf.LoadAbsolute{Off: offsetCall, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: newest, SkipTrue: 1},
		bpf.RetConstant{Val: isAbsent},
	}
	answer := func(calls []uintptr, value uint32) {
		for _, call := range calls {
			program = append(program,
				bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(call), SkipFalse: 1},
				bpf.RetConstant{Val: value})
		}
	}
	answer(slices.Concat(denied, archDenied), deny)
	if !need.Probes {
		answer(deniedWithoutProbes, deny)
	}
	answer(absent, isAbsent)
	for _, c := range conditions(pid) {
		test := bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: c.bits, SkipTrue: 1}
		if c.bits == 0 {
			test = bpf.JumpIf{Cond: bpf.JumpEqual, Val: c.only, SkipTrue: 1}
		}
		program = append(program,
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(c.call), SkipFalse: 4},
			bpf.LoadAbsolute{Off: offsetArguments + 8*uint32(c.argument), Size: 4},
			test,
			bpf.RetConstant{Val: deny},
			bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW})
	}
	return append(program, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW})
}
