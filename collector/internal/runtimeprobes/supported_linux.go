//go:build linux && (amd64 || arm64)

package runtimeprobes

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/features"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/rlimit"
	"golang.org/x/sys/unix"
)

// uprobePMU is where the kernel says the type of uprobe perf events.
const uprobePMU = "/sys/bus/event_source/devices/uprobe/type"

// Supported returns nil if this process may and can use uprobes with eBPF here, else all that is missing and what to do
// about it. CAP_BPF and CAP_PERFMON are needed for as long as targets come and go, and CAP_SYS_PTRACE to look at those of
// other users. It loads programs of a few instructions but attaches nothing. Its first answer about the kernel is kept, so that
// rights must not be dropped before it or [New] was called.
func Supported() error {
	_, err := supported()
	return err
}

// supported tells in addition whether probes are to be uprobe_multi links: wherever these work, as perf events need
// CAP_SYS_ADMIN on some kernels.
func supported() (multi bool, err error) {
	var missing []error
	memlock := rlimit.RemoveMemlock()
	if multi = uprobeMultiWorks(); !multi {
		if err := perfUprobesAllowed(); err != nil {
			missing = append(missing, err)
		}
	}
	for _, f := range []struct {
		name  string
		probe func() error
	}{
		{"eBPF programs on uprobes (CONFIG_BPF_EVENTS)", func() error { return features.HaveProgramType(ebpf.Kprobe) }},
		{"bounded loops in eBPF (Linux 5.3)", features.HaveBoundedLoops},
		{"eBPF ring buffers (Linux 5.8)", func() error { return features.HaveMapType(ebpf.RingBuf) }},
		{"bpf_probe_read_user (Linux 5.5)", func() error { return features.HaveProgramHelper(ebpf.Kprobe, asm.FnProbeReadUser) }},
		{"bpf_ringbuf_query (Linux 5.8)", func() error { return features.HaveProgramHelper(ebpf.Kprobe, asm.FnRingbufQuery) }},
	} {
		err := f.probe()
		if errors.Is(err, unix.EPERM) {
			return false, errors.Join(append(missing, bpfNotPermitted(err))...) // the others would say the same
		}
		if errors.Is(err, ebpf.ErrNotSupported) {
			missing = append(missing, fmt.Errorf("this kernel has no %s: it has to be Linux 5.8 or newer", f.name))
		} else if err != nil {
			missing = append(missing, fmt.Errorf("cannot find out whether this kernel has %s: %w", f.name, err))
		}
	}
	if memlock != nil {
		missing = append(missing, fmt.Errorf("locked memory is limited, and before Linux 5.11 eBPF maps count as such: give "+
			"CAP_SYS_RESOURCE, or set the limit to unlimited (systemd: LimitMEMLOCK=infinity): %w", memlock))
	}
	return multi, errors.Join(missing...)
}

func bpfNotPermitted(err error) error {
	return fmt.Errorf("loading eBPF programs is not permitted%s: run as root, or give CAP_BPF and CAP_PERFMON, and let the "+
		"seccomp profile allow bpf(2): %w", lockdown(), err)
}

// lockdown names the kernel's lockdown mode, as it takes rights from root too.
func lockdown() string {
	modes, err := os.ReadFile("/sys/kernel/security/lockdown")
	if err != nil {
		return "" // no lockdown in this kernel, or no securityfs
	}
	_, active, _ := strings.Cut(string(modes), "[")
	active, _, _ = strings.Cut(active, "]")
	if active == "" || active == "none" {
		return ""
	}
	return fmt.Sprintf(" (the kernel is locked down for %s, which may be why)", active)
}

// perfUprobesAllowed asks for a uprobe in no file. The kernel looks at our rights first: CAP_PERFMON, and since the fix
// of CVE-2025-38466 (Linux 6.16, 6.12.39, 6.6.99, 6.1.146, 5.15.189, 5.10.240) CAP_SYS_ADMIN.
func perfUprobesAllowed() error {
	text, err := os.ReadFile(uprobePMU)
	if err != nil {
		return fmt.Errorf("this kernel has no uprobe perf events: it has to be Linux 4.17 or newer with CONFIG_UPROBE_EVENTS, and "+
			"/sys has to be mounted: %w", err)
	}
	kind, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 32)
	if err != nil {
		return fmt.Errorf("%s: %w", uprobePMU, err)
	}
	var noFile [1]byte
	attr := unix.PerfEventAttr{
		Type: uint32(kind),
		Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Ext1: uint64(uintptr(unsafe.Pointer(&noFile[0]))), // uprobe_path, see perf_event_open(2)
	}
	fd, err := unix.PerfEventOpen(&attr, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err == nil {
		return unix.Close(fd)
	}
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		return fmt.Errorf("uprobes are not permitted%s: run as root, or give CAP_BPF and CAP_PERFMON on Linux 6.10 or newer, or "+
			"CAP_SYS_ADMIN as well on an older one, and let the seccomp profile allow perf_event_open(2): %w", lockdown(), err)
	}
	return nil
}

// uprobeMultiWorks tells whether uprobe_multi links are there, permitted (which CAP_BPF and CAP_PERFMON are enough for), and
// filter by process. They came with Linux 6.6 and filtered by thread at first. The kernels that do not any more are those
// that call -1 an invalid process id instead of one that does not exist, see Linux commit 46ba0e49b642.
func uprobeMultiWorks() bool {
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Type:         ebpf.Kprobe,
		AttachType:   ebpf.AttachTraceUprobeMulti,
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
		License:      "MIT",
	})
	if err != nil {
		return false
	}
	defer program.Close()
	own, err := link.OpenExecutable("/proc/self/exe")
	if err != nil {
		return false
	}
	probe := func(pid uint32) error {
		l, err := own.UprobeMulti(nil, program, &link.UprobeMultiOptions{Addresses: []uint64{1}, PID: pid})
		if err == nil {
			l.Close()
		}
		return err
	}
	const noSuchProcess = 1<<22 + 1 // above PID_MAX_LIMIT
	return errors.Is(probe(noSuchProcess), os.ErrNotExist) && errors.Is(probe(math.MaxUint32), unix.EINVAL)
}
