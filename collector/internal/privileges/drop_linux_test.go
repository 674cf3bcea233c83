//go:build amd64 || arm64

package privileges

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// What the test binary is when a test starts it.
const (
	roleVariable   = "PRIVILEGES_TEST_ROLE"
	victimVariable = "PRIVILEGES_TEST_VICTIM" // PID and address of secret

	victim    = "victim"    // has a secret in its memory
	unlimited = "unlimited" // tries what it may do, and drops nothing
	agent     = "agent"     // drops what an agent without probes does not need
	prober    = "prober"    // and one with probes
)

var secret = [...]byte{'s', 'e', 'c', 'r', 'e', 't'}

func TestMain(m *testing.M) {
	switch role := os.Getenv(roleVariable); role {
	case "":
		os.Exit(m.Run())
	case victim:
		fmt.Printf("%d %d\n", os.Getpid(), uintptr(unsafe.Pointer(&secret)))
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	default:
		if err := act(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// attempts are what a thread tries to do to the victim, and the error of each: "" if it could.
type attempts map[string]string

type outcome struct {
	Report   Report
	Threads  []attempts
	Statuses []map[string]string // /proc/self/task/*/status
}

func act(role string) error {
	var pid int
	var address uintptr
	if _, err := fmt.Sscan(os.Getenv(victimVariable), &pid, &address); err != nil {
		return err
	}
	// Threads that are there before.
	const threads = 4
	var ready, done sync.WaitGroup
	dropped := make(chan struct{})
	o := outcome{Threads: make([]attempts, threads+1)}
	for i := 0; i < threads; i++ {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			runtime.LockOSThread()
			ready.Done()
			<-dropped
			o.Threads[i] = try(pid, address)
		}()
	}
	ready.Wait()
	if role != unlimited {
		var err error
		if o.Report, err = Drop(Need{Probes: role == prober}); err != nil {
			return err
		}
	}
	close(dropped)
	done.Wait()
	o.Threads[threads] = try(pid, address) // maybe one that was made behind it

	tasks, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil {
		return err
	}
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			return err
		}
		status := map[string]string{}
		for _, line := range strings.Split(string(text), "\n") {
			if key, value, ok := strings.Cut(line, ":\t"); ok {
				status[key] = value
			}
		}
		o.Statuses = append(o.Statuses, status)
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

func try(pid int, address uintptr) attempts {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a := attempts{}
	result := func(name string, err error) {
		a[name] = ""
		if err != nil {
			a[name] = err.Error()
		}
	}
	errno := func(_, _ uintptr, e unix.Errno) error {
		if e == 0 {
			return nil
		}
		return e
	}
	memory := fmt.Sprintf("/proc/%d/mem", pid)
	open := func(flags int) error {
		fd, err := unix.Open(memory, flags, 0)
		unix.Close(fd)
		return err
	}

	own := make([]byte, len(secret))
	local := []unix.Iovec{{Base: &own[0], Len: uint64(len(own))}}
	remote := []unix.RemoteIovec{{Base: address, Len: len(own)}}
	_, err := unix.ProcessVMReadv(pid, local, remote, 0)
	if err == nil && string(own) != string(secret[:]) {
		err = fmt.Errorf("read %q", own)
	}
	result("process_vm_readv", err)
	result("open memory to read", open(unix.O_RDONLY))
	exe, err := os.Open(fmt.Sprintf("/proc/%d/exe", pid))
	exe.Close()
	result("open executable", err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		listener.Close()
	}
	result("listen", err)
	result("kill itself", unix.Kill(os.Getpid(), 0))
	runtime.GC() // which stops threads by signals

	_, err = unix.ProcessVMWritev(pid, local, remote, 0)
	result("process_vm_writev", err)
	result("open memory to write", open(unix.O_WRONLY))
	result("open memory to read and write", open(unix.O_RDWR))
	result("kill", unix.Kill(pid, 0))
	result("tgkill", unix.Tgkill(pid, pid, 0))
	result("execve", unix.Exec("/does/not/exist", nil, nil))
	result("openat2", func() error {
		_, err := unix.Openat2(unix.AT_FDCWD, memory, &unix.OpenHow{Flags: unix.O_RDWR})
		return err
	}())
	result("io_uring_setup", errno(unix.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)))
	result("open_by_handle_at", errno(unix.Syscall(unix.SYS_OPEN_BY_HANDLE_AT, 0, 0, 0)))
	result("mount", errno(unix.Syscall6(unix.SYS_MOUNT, 0, 0, 0, 0, 0, 0)))
	result("unshare", errno(unix.Syscall(unix.SYS_UNSHARE, unix.CLONE_FILES, 0, 0)))
	result("bpf", errno(unix.Syscall(unix.SYS_BPF, 1<<30, 0, 0)))
	result("perf_event_open", errno(unix.Syscall(unix.SYS_PERF_EVENT_OPEN, 0, 0, 0)))
	// The first thread that may traces it for as long as it lives, so that the others may not.
	result("ptrace", errno(unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(pid), 0, 0, 0, 0)))
	return a
}

// run starts a process in that role and returns what it could do to a victim of its own.
func run(t *testing.T, role string) outcome {
	t.Helper()
	start := func(role, target string) (*exec.Cmd, *bufio.Reader) {
		command := exec.Command("/proc/self/exe")
		command.Env = append(os.Environ(), roleVariable+"="+role, victimVariable+"="+target)
		command.Stderr = os.Stderr
		stdin, err := command.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			stdin.Close()
			_ = command.Wait()
		})
		return command, bufio.NewReader(stdout)
	}
	_, said := start(victim, "")
	target, err := said.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, said = start(role, target)
	var o outcome
	if err := json.NewDecoder(said).Decode(&o); err != nil {
		t.Fatalf("the %s said nothing: %v", role, err)
	}
	return o
}

// What an agent has to be able to do, and what nobody should be able to do with its privileges.
var (
	needed   = []string{"process_vm_readv", "open memory to read", "open executable", "listen", "kill itself"}
	harm     = []string{"process_vm_writev", "open memory to write", "open memory to read and write", "kill", "tgkill", "openat2", "unshare", "ptrace"}
	pointers = []string{"execve", "io_uring_setup", "open_by_handle_at", "mount"} // which the kernel refuses here for what they point to
	probing  = []string{"bpf", "perf_event_open"}
)

const (
	notPermitted = "operation not permitted"
	noSuchCall   = "function not implemented"
)

func TestWhoeverTakesTheAgentOverCannotTakeOthersOver(t *testing.T) {
	traced := false
	for _, a := range run(t, unlimited).Threads {
		traced = traced || a["ptrace"] == ""
		for _, what := range slices.Concat(needed, harm) {
			if a[what] != "" && what != "ptrace" {
				t.Skipf("%s is denied before anything is dropped (%s): run the test as root, and not under a seccomp filter", what, a[what])
			}
		}
		for _, what := range slices.Concat(pointers, probing) {
			if a[what] == notPermitted {
				t.Skipf("%s is not permitted before anything is dropped: run the test as root, and not under a seccomp filter", what)
			}
		}
	}
	if !traced {
		t.Skip("ptrace is denied before anything is dropped: run the test as root, and not under a seccomp filter")
	}
	for _, role := range []string{agent, prober} {
		for i, a := range run(t, role).Threads {
			for _, what := range needed {
				if a[what] != "" {
					t.Errorf("%s, thread %d: %s fails: %s", role, i, what, a[what])
				}
			}
			for _, what := range slices.Concat(harm, pointers) {
				want := notPermitted
				if what == "openat2" {
					want = noSuchCall
				}
				if a[what] != want {
					t.Errorf("%s, thread %d: %s: %q, want %q", role, i, what, a[what], want)
				}
			}
			for _, what := range probing {
				if denied := a[what] == notPermitted; denied != (role == agent) {
					t.Errorf("%s, thread %d: %s: %q", role, i, what, a[what])
				}
			}
		}
	}
}

func TestOnlyTheCapabilitiesThatAreNeededStay(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root has capabilities to drop")
	}
	for role, want := range map[string][]string{
		agent:  {"CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"},
		prober: {"CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH", "CAP_BPF", "CAP_PERFMON"},
	} {
		o := run(t, role)
		var kept []string
		var mask uint64
		for _, c := range o.Report.Kept {
			kept = append(kept, c.Name)
			mask |= 1 << map[string]int{
				"CAP_SYS_PTRACE": unix.CAP_SYS_PTRACE, "CAP_DAC_READ_SEARCH": unix.CAP_DAC_READ_SEARCH,
				"CAP_BPF": unix.CAP_BPF, "CAP_PERFMON": unix.CAP_PERFMON,
			}[c.Name]
		}
		if len(o.Report.Missing) != 0 || !slices.Equal(kept, want) {
			t.Errorf("%s: kept are %v, missing %v, want %v", role, kept, o.Report.Missing, want)
		}
		if len(o.Statuses) < 5 {
			t.Errorf("%s: the test is void: it has %d threads", role, len(o.Statuses))
		}
		for _, status := range o.Statuses {
			for key, want := range map[string]string{
				"CapPrm": fmt.Sprintf("%016x", mask),
				"CapEff": fmt.Sprintf("%016x", mask),
				"CapInh": "0000000000000000",
				"CapAmb": "0000000000000000",
				"CapBnd": "0000000000000000",
				// Of a filter.
				"Seccomp":    strconv.Itoa(2),
				"NoNewPrivs": "1",
			} {
				if status[key] != want {
					t.Errorf("%s, thread %s: %s is %s, want %s", role, status["Pid"], key, status[key], want)
				}
			}
		}
	}
}

func TestWithoutCapabilitiesItSaysWhatCannotBeDone(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root has capabilities to take away")
	}
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		t.Skip("setpriv (util-linux) starts programs without capabilities")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(setpriv, "--bounding-set=-all,+sys_ptrace", exe)
	command.Env = append(os.Environ(), roleVariable+"="+prober, victimVariable+"=1 1")
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var o outcome
	if err := json.Unmarshal(output, &o); err != nil {
		t.Fatal(err)
	}
	if len(o.Report.Kept) != 1 || o.Report.Kept[0] != capSysPtrace {
		t.Errorf("kept are %v", o.Report.Kept)
	}
	if !slices.Equal(o.Report.Missing, []Capability{capDacReadSearch, capBPF, capPerfmon}) {
		t.Errorf("missing are %v", o.Report.Missing)
	}
}

func TestKernelsBefore58NeedMoreForProbes(t *testing.T) {
	for _, c := range []struct {
		probes, kernelHasBPF bool
		want                 []Capability
	}{
		{false, false, []Capability{capSysPtrace, capDacReadSearch}},
		{false, true, []Capability{capSysPtrace, capDacReadSearch}},
		{true, true, []Capability{capSysPtrace, capDacReadSearch, capBPF, capPerfmon}},
		{true, false, []Capability{capSysPtrace, capDacReadSearch, capSysAdmin}},
	} {
		if got := Capabilities(Need{Probes: c.probes}, c.kernelHasBPF); !slices.Equal(got, c.want) {
			t.Errorf("probes %t, CAP_BPF %t: %v", c.probes, c.kernelHasBPF, got)
		}
	}
}

func TestTheFilterAnswersByArchitectureCallAndArguments(t *testing.T) {
	const pid = 4242
	vm, err := bpf.NewVM(filter(Need{}, pid))
	if err != nil {
		t.Fatal(err)
	}
	const allowed = unix.SECCOMP_RET_ALLOW
	type arguments = [6]uint64
	for name, c := range map[string]struct {
		arch      uint32
		call      uint32
		arguments arguments
		want      uint32
	}{
		"reading another process":                      {auditArch, unix.SYS_PROCESS_VM_READV, arguments{1}, allowed},
		"a file is opened to read":                     {auditArch, unix.SYS_OPENAT, arguments{2: unix.O_RDONLY | unix.O_CLOEXEC | unix.O_DIRECTORY}, allowed},
		"a file is opened to append":                   {auditArch, unix.SYS_OPENAT, arguments{2: unix.O_WRONLY | unix.O_APPEND}, deny},
		"a file is made":                               {auditArch, unix.SYS_OPENAT, arguments{2: unix.O_CREAT}, deny},
		"the runtime starts a thread":                  {auditArch, unix.SYS_CLONE, arguments{unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_SYSVSEM | unix.CLONE_THREAD}, allowed},
		"a namespace of users is made":                 {auditArch, unix.SYS_CLONE, arguments{unix.CLONE_NEWUSER | uint64(unix.SIGCHLD)}, deny},
		"a thread is made the way that no filter sees": {auditArch, unix.SYS_CLONE3, arguments{}, isAbsent},
		"the runtime preempts":                         {auditArch, unix.SYS_TGKILL, arguments{pid, pid + 1, uint64(unix.SIGURG)}, allowed},
		"another process gets a signal":                {auditArch, unix.SYS_TGKILL, arguments{pid + 1, pid + 1, uint64(unix.SIGKILL)}, deny},
		"all processes get a signal":                   {auditArch, unix.SYS_KILL, arguments{1<<64 - 1, uint64(unix.SIGKILL)}, deny},
		"probes that are not wanted":                   {auditArch, unix.SYS_BPF, arguments{}, deny},
		"ptrace":                                       {auditArch, unix.SYS_PTRACE, arguments{}, deny},
		"a system call newer than the filter":          {auditArch, newest + 1, arguments{}, isAbsent},
		"amd64's x32 ABI":                              {auditArch, 0x40000000 | unix.SYS_PTRACE, arguments{}, isAbsent},
		"i386, where 26 is ptrace":                     {unix.AUDIT_ARCH_I386, 26, arguments{}, deny},
		"arm, where 26 is ptrace":                      {unix.AUDIT_ARCH_ARM, 26, arguments{}, deny},
	} {
		// struct seccomp_data; the virtual machine reads big-endian, where the kernel reads as the processor does.
		data := binary.BigEndian.AppendUint32(nil, c.call)
		data = binary.BigEndian.AppendUint32(data, c.arch)
		data = binary.BigEndian.AppendUint64(data, 0) // instruction pointer
		for _, a := range c.arguments {
			data = binary.BigEndian.AppendUint32(data, uint32(a))
			data = binary.BigEndian.AppendUint32(data, uint32(a>>32))
		}
		if got, err := vm.Run(data); err != nil || uint32(got) != c.want {
			t.Errorf("%s: %#x, %v; want %#x", name, got, err, c.want)
		}
	}
}

func TestNoCallIsInTheFilterTwice(t *testing.T) {
	seen := map[uintptr]bool{}
	for _, call := range slices.Concat(denied, archDenied, deniedWithoutProbes, absent) {
		if seen[call] || call > newest {
			t.Errorf("call %d is there twice, or newer than %d", call, newest)
		}
		seen[call] = true
	}
	for _, c := range conditions(1) {
		if seen[c.call] {
			t.Errorf("call %d is denied whatever its arguments are", c.call)
		}
	}
}
