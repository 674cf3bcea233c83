package discovery

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"golang.org/x/sys/unix"
)

// ours is the module that the tests' programs are of.
const ours = "github.com/stackpressure/goroutines/collector"

// finder is one whose host is called host, and the text that it logs.
type finder struct {
	*Finder
	t        *testing.T
	registry *prometheus.Registry
	logged   *bytes.Buffer
}

func newFinder(t *testing.T, change ...func(*Options)) finder {
	t.Helper()
	f := finder{t: t, registry: prometheus.NewPedanticRegistry(), logged: &bytes.Buffer{}}
	options := Options{
		Host:              "host",
		KubeletContainers: filepath.Join(t.TempDir(), "none"),
		KubeletPods:       filepath.Join(t.TempDir(), "none"),
		Logger:            slog.New(slog.NewTextHandler(f.logged, nil)),
		Registerer:        f.registry,
	}
	for _, c := range change {
		c(&options)
	}
	var err error
	if f.Finder, err = New(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func (f finder) refresh() []*Process {
	f.t.Helper()
	processes, err := f.Refresh()
	if err != nil {
		f.t.Fatal(err)
	}
	return processes
}

// find refreshes and returns the process, nil if it is not found.
func (f finder) find(pid int) *Process {
	f.t.Helper()
	var found *Process
	for _, p := range f.refresh() {
		if p.PID != pid {
			continue
		}
		if found != nil {
			f.t.Errorf("process %d was found twice", pid)
		}
		found = p
	}
	return found
}

func (f finder) mustFind(pid int) *Process {
	f.t.Helper()
	p := f.find(pid)
	if p == nil {
		f.t.Fatalf("process %d was not found; the log is\n%s", pid, f.logged)
	}
	return p
}

func (f finder) errors(reason reason) float64 {
	return testutil.ToFloat64(f.Finder.metrics.errors.WithLabelValues(string(reason)))
}

// built are executables of testdata/waits by the flags that they were built with, as building takes longer than all else.
var built = map[string][]byte{}

// build returns an executable of testdata/waits that has that name, and is a file of its own.
func build(t *testing.T, name string, flags ...string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), name)
	key := strings.Join(flags, " ")
	if built[key] == nil {
		command := exec.Command("go", append(append([]string{"build", "-o", file}, flags...), "./testdata/waits")...)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, output)
		}
		executable, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		built[key] = executable
	} else if err := os.WriteFile(file, built[key], 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// process is one that runs, until the test ends or its standard input is closed.
type process struct {
	*exec.Cmd
	t     *testing.T
	stdin io.WriteCloser
	lines *bufio.Reader
	done  bool
}

// start starts a program that says when it runs.
func start(t *testing.T, file string, change ...func(*exec.Cmd)) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(file), t: t}
	p.Stderr = os.Stderr
	for _, c := range change {
		c(p.Cmd)
	}
	stdin, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin, p.lines = stdin, bufio.NewReader(stdout)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	p.awaitRunning()
	return p
}

func (p *process) pid() int { return p.Process.Pid }

func (p *process) awaitRunning() {
	p.t.Helper()
	if line, err := p.lines.ReadString('\n'); err != nil || line != "runs\n" {
		p.t.Fatalf("%s said %q: %v", p.Path, line, err)
	}
}

func (p *process) exec(file string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.stdin, "exec", file); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) end() {
	if !p.done {
		p.done = true
		p.stdin.Close()
		_ = p.Wait()
	}
}

func read(t *testing.T, file io.ReaderAt) []byte {
	t.Helper()
	content, err := io.ReadAll(io.NewSectionReader(file, 0, 1<<30))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestGoProcessesAreFoundHoweverTheyAreBuilt(t *testing.T) {
	f := newFinder(t)
	for name, flags := range map[string][]string{
		"plain":    nil,
		"stripped": {"-ldflags=-s -w"},
		"pie":      {"-buildmode=pie"},
	} {
		p := start(t, build(t, name, flags...))
		got := f.mustFind(p.pid())
		if got.Command != name || got.GoVersion != runtime.Version() || got.Module != ours {
			t.Errorf("%s: %+v", name, got)
		}
		if want := fmt.Sprintf("host:%s:%d", name, p.pid()); got.Labels["instance"] != want {
			t.Errorf("%s: the labels are %v, want instance %s", name, got.Labels, want)
		}
		if again := f.mustFind(p.pid()); again != got {
			t.Errorf("%s: nothing has changed, but it is another process: %+v", name, again)
		}
		if byID, ok := f.Lookup(got.ID()); !ok || byID != got || got.ID() != fmt.Sprintf("%d-%d", p.pid(), got.StartTime) {
			t.Errorf("%s: Lookup(%q) is %+v", name, got.ID(), byID)
		}
	}
}

func TestAProgramInCIsNotGos(t *testing.T) {
	cat := exec.Command("cat")
	stdin, err := cat.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		stdin.Close()
		_ = cat.Wait()
	}()
	f := newFinder(t)
	if p := f.find(cat.Process.Pid); p != nil {
		t.Errorf("cat is said to be Go's: %+v", p)
	}
}

func TestAProcessThatRunsAnotherProgramIsAnotherGeneration(t *testing.T) {
	first, second := build(t, "first"), build(t, "second", "-ldflags=-s -w")
	f := newFinder(t)
	p := start(t, first)
	before := f.mustFind(p.pid())

	p.exec(second)
	p.awaitRunning()
	after := f.mustFind(p.pid())
	if after.ID() != before.ID() || after.Generation <= before.Generation || after.Command != "second" {
		t.Errorf("before the exec it is\n%+v, and behind it\n%+v", before, after)
	}
	content, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, after.Exe), content) {
		t.Error("the executable is not that of the program that runs")
	}
	if _, err := before.Exe.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the executable of the program before is not closed: %v", err)
	}

	// The same file again has a new memory all the same.
	p.exec(second)
	p.awaitRunning()
	again := f.mustFind(p.pid())
	if again.Generation <= after.Generation {
		t.Errorf("an exec of the same program was not noticed: %+v", again)
	}

	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Fatal(err)
	}
	p.exec(cat)
	fmt.Fprintln(p.stdin, "runs")
	p.awaitRunning()
	if got := f.find(p.pid()); got != nil {
		t.Errorf("it is cat now, and still said to be Go's: %+v", got)
	}
	if _, err := again.Exe.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the executable of the program before is not closed: %v", err)
	}
}

func TestAProcessThatHasEndedIsForgotten(t *testing.T) {
	f := newFinder(t)
	p := start(t, build(t, "ends"))
	before := f.mustFind(p.pid())

	p.stdin.Close()
	// Until its parent, this test, asks for it, it is a zombie.
	if err := unix.Waitid(unix.P_PID, p.pid(), nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	if got := f.find(p.pid()); got != nil {
		t.Errorf("a zombie is found: %+v", got)
	}
	if _, ok := f.Lookup(before.ID()); ok {
		t.Error("a zombie is looked up")
	}
	if _, err := before.Exe.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the executable is not closed: %v", err)
	}
	p.end()
	if got := f.find(p.pid()); got != nil {
		t.Errorf("a process that is gone is found: %+v", got)
	}
	if n := f.errors(unreadable) + f.errors(stuck) + f.errors(fileDenied); n != 0 {
		t.Errorf("%g errors were counted:\n%s", n, f.logged)
	}
}

func TestAnUpgradedBinaryIsStillTheOneThatRuns(t *testing.T) {
	file := build(t, "server")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, file)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("the next version"), 0o755); err != nil {
		t.Fatal(err)
	}
	got := newFinder(t).mustFind(p.pid())
	if got.Command != "server" {
		t.Errorf("it is called %q", got.Command)
	}
	if !bytes.Equal(read(t, got.Exe), content) {
		t.Error("the executable is not the one that runs")
	}
}

func TestProcessesOfAContainerAreFoundFromOutside(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may make PID and mount namespaces and change the root folder")
	}
	file := build(t, "inside")
	p := start(t, "/inside", func(c *exec.Cmd) {
		c.SysProcAttr = &syscall.SysProcAttr{
			Chroot:     filepath.Dir(file),
			Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		}
		c.Dir = "/"
	})
	got := newFinder(t).mustFind(p.pid())
	if got.Command != "inside" || got.Labels["instance"] != fmt.Sprintf("host:inside:%d", p.pid()) {
		t.Errorf("it is %+v", got)
	}
	if _, err := os.Stat(filepath.Join(got.Root, "inside")); err != nil {
		t.Errorf("its root folder is not visible: %v", err)
	}
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid()), "status"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(status), fmt.Sprintf("NSpid:\t%d\t1\n", p.pid())) {
		t.Errorf("the test is void: it is not the first of a PID namespace:\n%s", status)
	}
}

func TestFiltersDecideWhichProcessesAreKeptOpen(t *testing.T) {
	wanted, other := start(t, build(t, "wanted")), start(t, build(t, "other"))
	f := newFinder(t, func(o *Options) { o.Include = parseFilters(t, "wanted|other"); o.Exclude = parseFilters(t, "oth.*") })
	processes := f.refresh()
	if len(processes) != 1 || processes[0].PID != wanted.pid() {
		t.Errorf("kept are %v, and only %d is wanted, not %d", processes, wanted.pid(), other.pid())
	}
	if got := testutil.ToFloat64(f.Finder.metrics.processes.WithLabelValues(stateKept)); got != 1 {
		t.Errorf("%g processes are counted as kept", got)
	}
	if got := testutil.ToFloat64(f.Finder.metrics.processes.WithLabelValues(stateFiltered)); got < 1 {
		t.Errorf("%g processes are counted as filtered out", got)
	}
}

func TestTheFinderFindsItselfOnlyIfToldTo(t *testing.T) {
	if p := newFinder(t).find(os.Getpid()); p != nil {
		t.Errorf("it found itself: %+v", p)
	}
	if p := newFinder(t, func(o *Options) { o.Self = true }).find(os.Getpid()); p == nil {
		t.Error("it did not find itself")
	}
}

func TestNoMoreProcessesThanThereIsRoomFor(t *testing.T) {
	file := build(t, "crowd")
	first := start(t, file)
	f := newFinder(t, func(o *Options) { o.MaxProcesses = 1; o.Include = parseFilters(t, "crowd") })
	f.mustFind(first.pid())
	second := start(t, file)
	for i := 0; i < 3; i++ {
		if p := f.find(second.pid()); p != nil {
			t.Errorf("it is one too many: %+v", p)
		}
	}
	if n := f.errors(tooMany); n != 1 || !strings.Contains(f.logged.String(), "too_many_processes") {
		t.Errorf("it is counted %g times, want once; the log is\n%s", n, f.logged)
	}
	first.end()
	f.refresh()
	if e := f.Finder.known[second.pid()]; e.failure != tooMany {
		t.Errorf("it is tried again before its time: %+v", e)
	}
	f.Finder.known[second.pid()].again = f.Finder.known[second.pid()].again.Add(-retryAfter)
	f.mustFind(second.pid())
}

func TestAfterCloseNothingIsOpen(t *testing.T) {
	p := start(t, build(t, "closes"))
	f := newFinder(t)
	got := f.mustFind(p.pid())
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := got.Exe.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the executable is not closed: %v", err)
	}
	if _, err := f.Refresh(); !errors.Is(err, fs.ErrClosed) || len(f.Processes()) != 0 {
		t.Errorf("after Close, Refresh returns %v, and there are %d processes", err, len(f.Processes()))
	}
}

// nobodyVariable makes the test binary list processes, as TestMain does it.
const nobodyVariable = "DISCOVERY_TEST_PID"

// TestMain is also the main function of a finder without rights: it looks for one process and prints what it logs.
func TestMain(m *testing.M) {
	pid := os.Getenv(nobodyVariable)
	if pid == "" {
		os.Exit(m.Run())
	}
	registry := prometheus.NewRegistry()
	f, err := New(Options{Logger: slog.New(slog.NewTextHandler(os.Stdout, nil)), Registerer: registry})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for i := 0; i < 3; i++ {
		processes, err := f.Refresh()
		for _, p := range processes {
			if strconv.Itoa(p.PID) == pid {
				err = errors.Join(err, errors.New("the process was found"))
			}
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

func TestWithoutRightsItSaysWhichAreMissing(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may run a process as another user")
	}
	p := start(t, build(t, "root"))
	nobody := exec.Command("/proc/self/exe")
	nobody.Env = append(os.Environ(), fmt.Sprintf("%s=%d", nobodyVariable, p.pid()))
	nobody.Dir = "/"
	nobody.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	output, err := nobody.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if lines := strings.Count(string(output), "level=WARN"); lines != 1 {
		t.Errorf("%d warnings were logged, want one for all processes:\n%s", lines, output)
	}
	for _, says := range []string{"CAP_SYS_PTRACE", "reason=denied"} {
		if !strings.Contains(string(output), says) {
			t.Errorf("the log does not say %s:\n%s", says, output)
		}
	}
}

// procFixture is a folder in the shape of /proc.
type procFixture struct {
	t    *testing.T
	root string
}

func newProcFixture(t *testing.T) procFixture {
	return procFixture{t, t.TempDir()}
}

// add makes a process whose link exe leads to that file; without one, a thread of the kernel.
func (p procFixture) add(pid int, start uint64, exe, cgroup string) {
	p.t.Helper()
	folder := filepath.Join(p.root, strconv.Itoa(pid))
	if err := os.RemoveAll(folder); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		p.t.Fatal(err)
	}
	line := strings.Replace(statLine, " 3963191 ", fmt.Sprintf(" %d ", start), 1)
	for file, text := range map[string]string{"stat": line + "\n", "comm": "a command\n", "cgroup": cgroup} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
	if exe != "" {
		if err := os.Symlink(exe, filepath.Join(folder, "exe")); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p procFixture) option(o *Options) { o.Proc = p.root }

// goFile is a file that says it is Go's.
func goFile(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, goImage("go1.26.8", "").bytes(t), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

const kubepod = "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + uid_ + ".slice/cri-containerd-" + id + ".scope\n"

func TestAPodsProcessHasLabelsThatJoinWithItsMetrics(t *testing.T) {
	proc := newProcFixture(t)
	proc.add(42, 1000, goFile(t, "web"), kubepod)
	_, logs := logFolders(t)
	f := newFinder(t, proc.option, func(o *Options) {
		o.KubeletContainers, o.KubeletPods = filepath.Join(logs, "containers"), filepath.Join(logs, "pods")
		o.Exclude = parseFilters(t, "label:namespace=kube-system")
	})
	before := f.mustFind(42)
	if want := labelsOf("host", "web", 42, names{}, id); fmt.Sprint(before.Labels) != fmt.Sprint(want) {
		t.Errorf("before the kubelet has written it down, the labels are %v, want %v", before.Labels, want)
	}
	add(t, logs, "containers/web-5d_shop_web-"+id+".log")
	after := f.mustFind(42)
	if want := labelsOf("host", "web", 42, names{"shop", "web-5d", "web"}, id); fmt.Sprint(after.Labels) != fmt.Sprint(want) {
		t.Errorf("the labels are %v, want %v", after.Labels, want)
	}
	if after.Generation != before.Generation || after.Exe != before.Exe {
		t.Error("the process is taken for another one because of its labels")
	}
	if _, err := after.Exe.ReadAt(make([]byte, 1), 0); err != nil {
		t.Errorf("its executable is closed: %v", err)
	}
}

func TestAFilterByLabelDecidesAgainWhenTheLabelIsKnown(t *testing.T) {
	for _, c := range []struct {
		name          string
		filters       func(*Options)
		before, after bool
	}{
		{"include", func(o *Options) { o.Include = parseFilters(t, "label:namespace=shop") }, false, true},
		{"exclude", func(o *Options) { o.Exclude = parseFilters(t, "label:namespace=shop") }, true, false},
	} {
		proc := newProcFixture(t)
		proc.add(42, 1000, goFile(t, "web"), kubepod)
		_, logs := logFolders(t)
		f := newFinder(t, proc.option, c.filters, func(o *Options) { o.KubeletContainers = filepath.Join(logs, "containers") })
		before := f.find(42)
		if (before != nil) != c.before {
			t.Errorf("%s: before, the process is kept: %t", c.name, before != nil)
		}
		add(t, logs, "containers/web-5d_shop_web-"+id+".log")
		if after := f.find(42); (after != nil) != c.after {
			t.Errorf("%s: then, the process is kept: %t", c.name, after != nil)
		}
		if before != nil {
			if _, err := before.Exe.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
				t.Errorf("%s: the executable of what is not kept any more is open: %v", c.name, err)
			}
		}
	}
}

func TestAPIDThatIsUsedAgainIsAnotherProcess(t *testing.T) {
	proc := newProcFixture(t)
	file := goFile(t, "web")
	proc.add(42, 1000, file, "0::/\n")
	f := newFinder(t, proc.option)
	before := f.mustFind(42)
	proc.add(42, 2000, file, "0::/\n")
	after := f.mustFind(42)
	if before.ID() != "42-1000" || after.ID() != "42-2000" || after.Generation == before.Generation {
		t.Errorf("before it is\n%+v, and then\n%+v", before, after)
	}
	if _, ok := f.Lookup("42-1000"); ok {
		t.Error("the process that is gone is looked up")
	}
}

func TestWhatIsNoProgramIsPassedOverInSilence(t *testing.T) {
	proc := newProcFixture(t)
	proc.add(2, 10, "", "0::/\n") // a thread of the kernel
	proc.add(3, 10, goFile(t, "zombie"), "0::/\n")
	if err := os.WriteFile(filepath.Join(proc.root, "3/stat"), []byte(strings.Replace(statLine, ") S ", ") Z ", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	proc.add(4, 10, script, "0::/\n")
	proc.add(5, 10, goFile(t, "vanishes"), "0::/\n")
	if err := os.Remove(filepath.Join(proc.root, "5/cgroup")); err != nil { // in the middle of it
		t.Fatal(err)
	}
	for _, name := range []string{"self-made", "uptime", "0x2a"} {
		if err := os.WriteFile(filepath.Join(proc.root, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f := newFinder(t, proc.option)
	if processes := f.refresh(); len(processes) != 0 {
		t.Errorf("%v are said to be Go's", processes)
	}
	for _, reason := range reasons {
		if n := f.errors(reason); n != 0 {
			t.Errorf("%g errors are counted as %s", n, reason)
		}
	}
	if f.logged.Len() != 0 {
		t.Errorf("it logs\n%s", f.logged)
	}
}

func TestHostileExecutablesDoNotHideOthers(t *testing.T) {
	proc := newProcFixture(t)
	pid := 100
	for _, content := range hostile(t) {
		file := filepath.Join(t.TempDir(), "hostile")
		if err := os.WriteFile(file, content, 0o755); err != nil {
			t.Fatal(err)
		}
		proc.add(pid, 1, file, "0::/\n")
		pid++
	}
	proc.add(pid, 1, goFile(t, "web"), "0::/\n")
	processes := newFinder(t, proc.option).refresh()
	if len(processes) != 1 || processes[0].PID != pid {
		t.Errorf("found are %v, want %d alone", processes, pid)
	}
}

func TestExecutablesThatRanLongAgoAreForgotten(t *testing.T) {
	proc := newProcFixture(t)
	file := goFile(t, "web")
	proc.add(42, 1, file, "0::/\n")
	f := newFinder(t, proc.option)
	f.refresh()
	for i := 0; i <= maxPrograms; i++ {
		f.Finder.programs[FileID{Inode: uint64(i)}] = program{}
	}
	f.refresh()
	if n := len(f.Finder.programs); n != 1 {
		t.Errorf("%d executables are remembered, want the one that runs", n)
	}
}

func TestAnExecutableOnAFileSystemThatDoesNotAnswerIsLeftOut(t *testing.T) {
	// Opening a pipe waits for a writer, as opening a file of a dead server waits for it.
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	proc := newProcFixture(t)
	proc.add(42, 1, pipe, "0::/\n")
	proc.add(43, 1, goFile(t, "web"), "0::/\n")
	f := newFinder(t, proc.option)
	f.mustFind(43)
	if n := f.errors(stuck); n != 1 {
		t.Errorf("it is counted %g times as stuck; the log is\n%s", n, f.logged)
	}
	if len(f.Finder.openings) != 1 {
		t.Errorf("%d executables are being opened, want the one", len(f.Finder.openings))
	}
	writer, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	writer.Close()
	// Its thread is free again, and there is room for all.
	for i := 0; i < maxOpenings; i++ {
		f.Finder.openings <- struct{}{}
	}
}

func TestMetricsAreWhatPromtoolWants(t *testing.T) {
	f := newFinder(t)
	f.refresh()
	problems, err := testutil.GatherAndLint(f.registry)
	if err != nil || len(problems) != 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestWithoutProcfsItSaysWhereItLooked(t *testing.T) {
	if _, err := New(Options{Proc: "/does/not/exist"}); err == nil || !strings.Contains(err.Error(), "/does/not/exist") {
		t.Errorf("the error is %v", err)
	}
}
