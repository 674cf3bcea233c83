package goscan

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// matrix is what takes half an hour with a cold build cache: each version in each mode.
var matrix = flag.Bool("matrix", false, "compare programs built with every version of Go in every mode, not a few of these")

// build is how testdata/truth is built.
type build struct {
	version string // such as "go1.24.13", or "local"
	mode    string // see modes
}

func (b build) String() string { return b.version + " " + b.mode }

// mode is how a program is built.
type mode struct {
	flags []string
	cgo   bool
}

var modes = map[string]mode{
	"plain":                 {},
	"stripped":              {flags: []string{"-ldflags=-s -w"}},
	"pie":                   {flags: []string{"-buildmode=pie"}},
	"pie stripped":          {flags: []string{"-buildmode=pie", "-ldflags=-s -w"}},
	"cgo":                   {cgo: true},
	"external":              {flags: []string{"-ldflags=-linkmode=external"}, cgo: true},
	"external stripped":     {flags: []string{"-ldflags=-linkmode=external -s -w"}, cgo: true},
	"external pie stripped": {flags: []string{"-buildmode=pie", "-ldflags=-linkmode=external -s -w"}, cgo: true},
	"race":                  {flags: []string{"-race"}, cgo: true},
	"no inlining":           {flags: []string{"-gcflags=all=-l"}},
	"unoptimized":           {flags: []string{"-gcflags=all=-N -l"}},
	"trimpath":              {flags: []string{"-trimpath"}},
}

// versions are the last releases of the supported minor versions.
var versions = []string{"go1.22.12", "go1.23.12", "go1.24.13", "go1.25.5", "local", "go1.27.4"}

// builds returns those that are compared: each way to find the tables at least once, oldest and newest version.
func builds() []build {
	if !*matrix {
		return []build{{"go1.22.12", "plain"}, {"go1.24.13", "pie stripped"}, {"go1.24.13", "external pie stripped"}, {"local", "plain"}, {"go1.27.4", "external stripped"}}
	}
	var all []build
	for _, version := range versions {
		for mode := range modes {
			all = append(all, build{version, mode})
		}
	}
	return all
}

var (
	local = build{"local", "plain"}
	arm64 = build{"local", "arm64"} // which cannot run here
)

var programs = struct {
	sync.Mutex
	folder string
	built  map[build]func() (string, error)
}{built: map[build]func() (string, error){}}

func TestMain(m *testing.M) {
	if runAsHelper() {
		return
	}
	flag.Parse()
	folder, err := os.MkdirTemp("", "goscan")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	programs.folder = folder
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// program builds testdata/truth, each way once, and returns the path of the executable.
func program(t testing.TB, b build) string {
	t.Helper()
	if modes[b.mode].cgo {
		if _, err := exec.LookPath("gcc"); err != nil {
			t.Skipf("%s: programs with C code are built by gcc, which is not installed here", b)
		}
	}
	programs.Lock()
	once, ok := programs.built[b]
	if !ok {
		once = sync.OnceValues(func() (string, error) { return buildProgram("testdata/truth", b) })
		programs.built[b] = once
	}
	programs.Unlock()
	path, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func buildProgram(folder string, b build) (string, error) {
	path := filepath.Join(programs.folder, strings.ReplaceAll(b.String(), " ", "-"))
	arch := "amd64"
	if b.mode == "arm64" {
		arch = b.mode
	}
	cgo := "0"
	if modes[b.mode].cgo {
		cgo = "1"
	}
	command := exec.Command("go", append([]string{"build", "-o", path}, modes[b.mode].flags...)...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOTOOLCHAIN="+b.version, "CGO_ENABLED="+cgo, "GOARCH="+arch, "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s with %s: %v\n%s", folder, b, err, out)
	}
	return path, nil
}

// target is a running testdata/truth.
type target struct {
	t          testing.TB
	command    *exec.Cmd
	in         io.WriteCloser
	out        *bufio.Reader
	executable *goelf.Executable
}

// answer is as in testdata/truth/main.go.
type answer struct {
	Goroutines int
	Profile    []byte
	Traceback  string
	StackBytes uint64
	Threads    int
	Callers    map[string][]string
	Finalizers int
	Parked     int
}

// start runs a program until the test ends.
func start(t testing.TB, path string, args ...string) *target {
	t.Helper()
	return startCommand(t, path, exec.Command(path, args...))
}

func startCommand(t testing.TB, path string, command *exec.Cmd) *target {
	t.Helper()
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	target := &target{t: t, command: command, in: in, out: bufio.NewReader(out), executable: open1(t, path)}
	t.Cleanup(target.end)
	return target
}

func (p *target) end() {
	p.command.Process.Kill()
	p.command.Wait()
}

func (p *target) pid() int { return p.command.Process.Pid }

func open1(t testing.TB, path string) *goelf.Executable {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	executable, err := goelf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return executable
}

// ask sends a command, and returns what the program then knows of itself.
func (p *target) ask(command string) answer {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.in, command); err != nil {
		p.t.Fatal(err)
	}
	return p.answer()
}

func (p *target) answer() answer {
	p.t.Helper()
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		p.t.Fatalf("the program has not answered: %v", err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		p.t.Fatal(err)
	}
	return a
}

// open opens the running program.
func (p *target) open() *Process {
	p.t.Helper()
	process, err := Open("/proc", p.pid(), p.executable)
	if err != nil {
		p.t.Fatal(err)
	}
	return process
}

func scanned(t testing.TB, p *Process, depth Depth) *Snapshot {
	t.Helper()
	snapshot, err := p.Scan(depth)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}
