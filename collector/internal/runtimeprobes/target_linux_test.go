//go:build linux && (amd64 || arm64)

package runtimeprobes

import (
	"bufio"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// goVersions are the oldest version that we know, one in between, and the one that runs the tests.
var goVersions = []string{"go1.22.12", "go1.24.13", runtime.Version()}

// builds are shared by all tests, as each takes seconds.
var builds struct {
	sync.Mutex
	dir  string
	made map[string]func() (string, error)
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "runtimeprobes")
	if err != nil {
		panic(err)
	}
	builds.dir, builds.made = dir, map[string]func() (string, error){}
	code := m.Run()
	os.RemoveAll(dir)
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// build compiles testdata/target. It skips the test if that version of Go cannot be had.
func build(t *testing.T, version, arch string, flags ...string) string {
	t.Helper()
	name := strings.NewReplacer(" ", "", "/", "", "=", "").Replace("target" + version + arch + strings.Join(flags, ""))
	builds.Lock()
	made := builds.made[name]
	if made == nil {
		made = sync.OnceValues(func() (string, error) {
			path := filepath.Join(builds.dir, name)
			c := exec.Command("go", append(append([]string{"build", "-buildvcs=false"}, flags...), "-o", path, "./testdata/target")...)
			c.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOARCH="+arch)
			if version != runtime.Version() {
				c.Env = append(c.Env, "GOTOOLCHAIN="+version)
			}
			out, err := c.CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%v: %w\n%s", c.Args, err, out)
			}
			return path, err
		})
		builds.made[name] = made
	}
	builds.Unlock()
	path, err := made()
	if err != nil && strings.Contains(err.Error(), "download") {
		t.Skipf("%s cannot be downloaded: %v", version, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// symbols of an executable that is not stripped.
type symbols struct {
	path  string
	file  *elf.File
	funcs []elf.Symbol // by address
}

// layouts by path, as it takes long to find one.
var layouts sync.Map

func readSymbols(t testing.TB, path string) *symbols {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	all, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	s := &symbols{path: path, file: f}
	for _, symbol := range all {
		if elf.ST_TYPE(symbol.Info) == elf.STT_FUNC {
			s.funcs = append(s.funcs, symbol)
		}
	}
	sort.Slice(s.funcs, func(i, j int) bool { return s.funcs[i].Value < s.funcs[j].Value })
	return s
}

// offset returns where in the file a function begins.
func (s *symbols) offset(t testing.TB, function string) uint64 {
	t.Helper()
	for _, f := range s.funcs {
		if f.Name != function {
			continue
		}
		for _, p := range s.file.Progs {
			if p.Type == elf.PT_LOAD && p.Vaddr <= f.Value && f.Value < p.Vaddr+p.Filesz {
				return f.Value - p.Vaddr + p.Off
			}
		}
	}
	t.Fatalf("no function %s", function)
	return 0
}

// code returns the machine code of a function.
func (s *symbols) code(t testing.TB, function string) []byte {
	t.Helper()
	for _, f := range s.funcs {
		if f.Name == function {
			code := make([]byte, f.Size)
			if _, err := s.file.Section(".text").ReadAt(code, int64(f.Value-s.file.Section(".text").Addr)); err != nil {
				t.Fatal(err)
			}
			return code
		}
	}
	t.Fatalf("no function %s", function)
	return nil
}

// function returns the name of the function that has the call before a return address.
func (s *symbols) function(pc uint64) string {
	i := sort.Search(len(s.funcs), func(i int) bool { return s.funcs[i].Value > pc-1 })
	if i == 0 || pc-1 >= s.funcs[i-1].Value+s.funcs[i-1].Size {
		return fmt.Sprintf("%#x", pc)
	}
	return s.funcs[i-1].Name
}

// layout reads the layout of runtime.g from the debugging information.
func (s *symbols) layout(t testing.TB) Layout {
	t.Helper()
	if l, ok := layouts.Load(s.path); ok {
		return l.(Layout)
	}
	offsets, ok, err := goelf.StructOffsets(s.file, "runtime.g")
	if err != nil || !ok {
		t.Fatalf("no layout of runtime.g: %v", err)
	}
	l := Layout{
		StackLo: uint32(offsets["stack.lo"]), StackHi: uint32(offsets["stack.hi"]),
		SchedSP: uint32(offsets["sched.sp"]), SchedPC: uint32(offsets["sched.pc"]),
		SchedBP: uint32(offsets["sched.bp"]), SchedLR: uint32(offsets["sched.lr"]),
		Goid: uint32(offsets["goid"]), Gopc: uint32(offsets["gopc"]),
	}
	layouts.Store(s.path, l)
	return l
}

// process is testdata/target, running.
type process struct {
	*symbols
	t      testing.TB
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

func start(t testing.TB, path string, change ...func(*exec.Cmd)) *process {
	t.Helper()
	p := &process{t: t, symbols: readSymbols(t, path), cmd: exec.Command(path)}
	for _, f := range change {
		f(p.cmd)
	}
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewReader(stdout)
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	p.tell("release") // it has started
	return p
}

// tell gives a command and returns the answer.
func (p *process) tell(format string, args ...any) int {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.stdin, format+"\n", args...); err != nil {
		p.t.Fatal(err)
	}
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || n < 0 {
		p.t.Fatalf("the target answers %q", line)
	}
	return n
}

// end closes the target's input, and returns when it has ended thereupon.
func (p *process) end() {
	if p.cmd.ProcessState == nil {
		p.stdin.Close()
		if err := p.cmd.Wait(); err != nil {
			p.t.Errorf("the target: %v", err)
		}
	}
}

// target returns what is to be known for attaching to the process.
func (p *process) target() Target {
	p.t.Helper()
	exe, err := os.Open(p.path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { exe.Close() })
	return Target{
		PID:       p.cmd.Process.Pid,
		Exe:       exe,
		Layout:    p.layout(p.t),
		Copystack: p.offset(p.t, "runtime.copystack"),
		Newproc1:  p.offset(p.t, "runtime.newproc1"),
		Gdestroy:  p.offset(p.t, "runtime.gdestroy"),
	}
}

// startTarget starts a target that is built by the Go that runs the tests.
func startTarget(t *testing.T) *process {
	t.Helper()
	return start(t, build(t, runtime.Version(), runtime.GOARCH))
}
