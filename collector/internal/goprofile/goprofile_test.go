package goprofile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"golang.org/x/sys/unix"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

var example = &goscan.Snapshot{
	Taken:      time.Date(2026, 11, 25, 9, 38, 0, 123, time.UTC),
	Duration:   80 * time.Millisecond,
	Goroutines: 1061,
	Stacks: []calltree.Stack{
		{Functions: []string{"main.serve", "net/http.(*conn).serve", "runtime.gopark"}, Goroutines: 1000, StackBytes: 8_192_000},
		{Functions: []string{"main.serve", "main.Map[...].func1"}, Goroutines: 50, StackBytes: 102_400},
		{Functions: []string{"main.fib"}, Goroutines: 10, StackBytes: 655_360, Truncated: true},
		{Goroutines: 1, StackBytes: 2048},
	},
	FramesMax: 40_000,
	Sizes:     map[int64]int64{2048: 51, 8192: 1000, 65536: 10},
	DeadBytes: 4096, SystemBytes: 16384,
}

var exampleExecutable = Executable{Path: "/usr/bin/shop", BuildID: "c0ffee", GoVersion: "go1.26.8", PID: 4711}

// written returns the profile of a snapshot as a reader of the file gets it.
func written(t *testing.T, snapshot *goscan.Snapshot, executable Executable) *profile.Profile {
	t.Helper()
	var file bytes.Buffer
	if err := Write(&file, snapshot, executable); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(file.Bytes(), []byte{0x1f, 0x8b}) {
		t.Errorf("the file starts with % x, which is not gzip", file.Bytes()[:2])
	}
	return parsed(t, file.Bytes())
}

func parsed(t *testing.T, file []byte) *profile.Profile {
	t.Helper()
	p, err := profile.ParseData(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckValid(); err != nil {
		t.Fatal(err)
	}
	return p
}

// byStack returns the values of each stack, written root first.
func byStack(p *profile.Profile) map[string][2]int64 {
	values := map[string][2]int64{}
	for _, s := range p.Sample {
		var names []string
		for i := len(s.Location) - 1; i >= 0; i-- {
			names = append(names, s.Location[i].Line[0].Function.Name)
		}
		values[strings.Join(names, " > ")] = [2]int64(s.Value)
	}
	return values
}

func TestEachStackHasItsGoroutinesAndBytes(t *testing.T) {
	got := byStack(written(t, example, exampleExecutable))
	want := map[string][2]int64{
		"main.serve > net/http.(*conn).serve > runtime.gopark": {1000, 8_192_000},
		"main.serve > main.Map[...].func1":                     {50, 102_400},
		"(truncated) > main.fib":                               {10, 655_360},
		"(not started)":                                        {1, 2048},
	}
	if len(got) != len(want) {
		t.Errorf("%d stacks, want %d: %v", len(got), len(want), got)
	}
	for stack, values := range want {
		if got[stack] != values {
			t.Errorf("%s has %v, want %v", stack, got[stack], values)
		}
	}
}

func TestTheProfileSaysWhatItIsOf(t *testing.T) {
	p := written(t, example, exampleExecutable)
	if p.TimeNanos != example.Taken.UnixNano() || p.DurationNanos != int64(80*time.Millisecond) {
		t.Errorf("time %d, duration %d", p.TimeNanos, p.DurationNanos)
	}
	if m := p.Mapping[0]; m.File != "/usr/bin/shop" || m.BuildID != "c0ffee" {
		t.Errorf("mapping of %q with build id %q", m.File, m.BuildID)
	}
	if p.PeriodType.Type != "goroutine" || p.PeriodType.Unit != "count" || p.DefaultSampleType != "stack_space" {
		t.Errorf("period type %v, default sample type %q", p.PeriodType, p.DefaultSampleType)
	}
	comments := strings.Join(p.Comments, "\n")
	for _, want := range []string{"process 4711", "go1.26.8", "40000 frames", "4096 bytes kept", "16384 bytes of the runtime's own"} {
		if !strings.Contains(comments, want) {
			t.Errorf("the comments do not say %q:\n%s", want, comments)
		}
	}
}

func TestFunctionsAreThereOnce(t *testing.T) {
	p := written(t, example, exampleExecutable)
	seen := map[string]bool{}
	for _, f := range p.Function {
		if seen[f.Name] {
			t.Errorf("function %s is there twice", f.Name)
		}
		seen[f.Name] = true
	}
	if len(p.Location) != len(p.Function) {
		t.Errorf("%d locations of %d functions", len(p.Location), len(p.Function))
	}
}

func TestAProcessWithoutGoroutinesGivesAValidProfile(t *testing.T) {
	if p := written(t, &goscan.Snapshot{Taken: time.Now()}, Executable{PID: 1}); len(p.Sample) != 0 {
		t.Errorf("%d samples", len(p.Sample))
	}
}

func TestTheProfileOfARunningProcessIsWhatItsGoroutinesAre(t *testing.T) {
	pid := startLeaks(t)
	file := filepath.Join(t.TempDir(), "leaks.pb.gz")
	var log bytes.Buffer
	if err := Run(context.Background(), Options{PID: pid, Output: file, Log: &log}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := parsed(t, content)
	var goroutines, bytes int64
	for _, s := range p.Sample {
		goroutines += s.Value[0]
		bytes += s.Value[1]
	}
	said := regexp.MustCompile(`^Wrote (\d+) goroutines of process (\d+) \(leaks\) with (\d+) bytes of stacks, \d+ of them different, to .*leaks\.pb\.gz\n$`).
		FindStringSubmatch(log.String())
	if said == nil {
		t.Fatalf("it says %q", log.String())
	}
	for i, want := range []int64{goroutines, int64(pid), bytes} {
		if said[i+1] != strconv.FormatInt(want, 10) {
			t.Errorf("it says %s, and should %d: %s", said[i+1], want, log.String())
		}
	}
	if goroutines != 27 { // main, 25 parked, 1 deep
		t.Errorf("%d goroutines, want 27", goroutines)
	}
	stacks := byStack(p)
	for stack, want := range map[string]int64{
		"main.park > runtime.block > runtime.gopark":             25,
		"main.dive > main.park > runtime.block > runtime.gopark": 1,
	} {
		if got := stacks[stack]; got[0] != want || got[1] < 2048*want {
			t.Errorf("%s has %v, want %d goroutines: %v", stack, got, want, stacks)
		}
	}
	if got := stacks["main.dive > main.park > runtime.block > runtime.gopark"][1]; got < 1000*16 {
		t.Errorf("a stack of a thousand calls has %d bytes", got)
	}
	if p.Mapping[0].BuildID == "" || filepath.Base(p.Mapping[0].File) != "leaks" {
		t.Errorf("the executable is %q with build id %q", p.Mapping[0].File, p.Mapping[0].BuildID)
	}
}

func TestGoToolPprofReadsBothSampleTypes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "profile.pb.gz")
	var content bytes.Buffer
	if err := Write(&content, example, exampleExecutable); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for arguments, want := range map[string][]string{
		"-sample_index=goroutine":   {"Type: goroutine", "1061 total", `1000 94\.25% .* runtime\.gopark`, `1050 98\.96%\s+main\.serve`},
		"-sample_index=stack_space": {"Type: stack_space", `8742kB total`, `8000kB 91\.51% .* runtime\.gopark`},
		"-unit=MB":                  {"Type: stack_space", `8\.54MB total`},
	} {
		command := exec.Command("go", "tool", "pprof", "-top", arguments, file)
		command.Env = append(os.Environ(), "HOME="+t.TempDir(), "GOCACHE="+goEnv(t, "GOCACHE"), "GOPATH="+goEnv(t, "GOPATH"), "PPROF_TMPDIR="+t.TempDir())
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, output)
		}
		for _, pattern := range want {
			if !regexp.MustCompile(pattern).Match(output) {
				t.Errorf("%s does not show %q:\n%s", command, pattern, output)
			}
		}
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	output, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(output))
}

func TestStandardOutputIsForPipesAlone(t *testing.T) {
	pid := startLeaks(t)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	go func() {
		defer writer.Close()
		if err := Run(context.Background(), Options{PID: pid, Output: Stdout, Out: writer, Log: &bytes.Buffer{}}); err != nil {
			t.Error(err)
		}
	}()
	var content bytes.Buffer
	if _, err := content.ReadFrom(reader); err != nil {
		t.Fatal(err)
	}
	if p := parsed(t, content.Bytes()); len(p.Sample) == 0 {
		t.Error("the profile in the pipe has no samples")
	}

	err = Run(context.Background(), Options{PID: pid, Output: Stdout, Out: openTerminal(t), Log: &bytes.Buffer{}})
	if err == nil || !strings.Contains(err.Error(), "not written to a terminal") {
		t.Errorf("writing to a terminal gives the error %v", err)
	}
}

// openTerminal returns a pseudo terminal.
func openTerminal(t *testing.T) *os.File {
	t.Helper()
	controller, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { controller.Close() })
	number, err := unix.IoctlGetInt(int(controller.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(controller.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return terminal
}

func TestAFileIsReplacedInOneStepAndKeepsItsMode(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "profile.pb.gz")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	old, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	link := filepath.Join(folder, "latest.pb.gz")
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(link, []byte("new content")); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(name); err != nil || string(content) != "new content" {
		t.Errorf("the file has %q, %v", content, err)
	}
	before := make([]byte, 10)
	if n, _ := old.Read(before); string(before[:n]) != "old" {
		t.Errorf("who had the file open reads %q", before[:n])
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link has become %v, %v", info.Mode(), err)
	}
	expectNames(t, folder, "latest.pb.gz", "profile.pb.gz")
}

func TestNothingIsLeftBehindWhereNothingCanBeWritten(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "taken")
	if err := os.MkdirAll(filepath.Join(name, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(name, []byte("content")); err == nil {
		t.Error("a folder was written to")
	}
	if err := replaceFile(filepath.Join(folder, "missing", "file"), []byte("content")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file in a folder that is not there gives %v", err)
	}
	expectNames(t, folder, "taken")
}

func expectNames(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("the folder has %v, want %v", names, want)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for want, o := range map[string]Options{
		"Give a file":                  {PID: 1},
		"Give its PID, or its name":    {Output: "x"},
		"there is no process 99999999": {PID: 99999999, Output: "x"},
		"no Go process":                {Name: "no such program", Output: "x"},
		"not by both":                  {PID: 1, Name: "init", Output: "x"},
	} {
		if err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v gives the error %v, want one that says %q", o, err, want)
		}
	}
}

// startLeaks builds and runs the target, and returns its PID when all of its goroutines wait.
func startLeaks(t *testing.T) int {
	t.Helper()
	program := filepath.Join(t.TempDir(), "leaks")
	build := exec.Command("go", "build", "-o", program, "./testdata/leaks")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	command := exec.Command(program)
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
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
	})
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the target says %q, %v", line, err)
	}
	return command.Process.Pid
}
