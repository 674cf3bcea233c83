package goscan

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// hooked is the memory of a process to which something happens before one of the readings.
type hooked struct {
	memory
	reads  int
	at     int
	happen func()
}

func (h *hooked) read(spans []span, into []byte) (int, error) {
	if h.reads++; h.reads == h.at {
		h.happen()
	}
	return h.memory.read(spans, into)
}

// scanWith scans a new process to which something happens before a reading of the scan, and returns how many there were.
func scanWith(t *testing.T, b build, at int, happen func(*target)) (snapshot *Snapshot, err error, reads int) {
	t.Helper()
	target := start(t, program(t, b), "churn")
	defer target.end()
	whenAllPark(t, target)
	target.ask("pause") // so that it does not take the time of the other tests
	h := &hooked{memory: newProcessMemory("/proc", target.pid())}
	p, err := open(h, target.executable)
	if err != nil {
		t.Fatal(err)
	}
	h.reads, h.at, h.happen = 0, at, func() { happen(target) }
	snapshot, err = p.Scan(Stacks)
	return snapshot, err, h.reads
}

// atSomeReads runs a test for the first readings of a scan, and for some of the others.
func atSomeReads(t *testing.T, happen func(*target)) {
	t.Helper()
	_, err, reads := scanWith(t, local, 0, nil)
	if err != nil || reads < 8 {
		t.Fatalf("%d readings: %v", reads, err)
	}
	for _, at := range []int{1, 2, 3, 4, 5, 6, reads / 2, reads} {
		if _, err, done := scanWith(t, local, at, happen); causeOf(err) != Gone && done >= at {
			t.Errorf("before reading %d of %d, the error is %v, want one of cause %s", at, reads, err, Gone)
		}
	}
}

func TestAProcessThatEndsInTheMiddleOfAScanIsGone(t *testing.T) {
	atSomeReads(t, func(target *target) { target.end() })
}

func TestAZombieIsGone(t *testing.T) {
	atSomeReads(t, func(target *target) {
		target.command.Process.Kill()
		if err := unix.Waitid(unix.P_PID, target.pid(), nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAProcessThatExecsInTheMiddleOfAScanIsGone(t *testing.T) {
	atSomeReads(t, func(target *target) {
		target.in.Write([]byte("exec\n"))
		target.answer() // of the new program
	})
}

func TestAProcessThatHasExecedCanBeOpenedAgain(t *testing.T) {
	target := start(t, program(t, local), "churn")
	process := target.open()
	target.in.Write([]byte("exec\n"))
	target.answer()
	if _, err := process.Scan(Stacks); causeOf(err) != Gone {
		t.Errorf("the error is %v, want one of cause %s", err, Gone)
	}
	checkSums(t, scanned(t, target.open(), Stacks))
}

// status returns what of /proc/PID/status a tracer, a stop or a signal would change.
func status(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(regexp.MustCompile(`(?m)^(State|TracerPid|SigPnd|ShdPnd|SigBlk|SigIgn|SigCgt):.*$`).FindAllString(string(text), -1), "\n")
}

func TestAStoppedProcessIsReadAndStaysStopped(t *testing.T) {
	target := start(t, program(t, local), "zoo")
	process := target.open()
	answer, _ := parkedScan(t, target, process)
	if err := target.command.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(status(t, target.pid()), "T (stopped)") {
		time.Sleep(time.Millisecond)
	}
	before := status(t, target.pid())
	snapshot := scanned(t, process, Stacks)
	fresh := scanned(t, target.open(), Stacks)
	if after := status(t, target.pid()); after != before || !strings.Contains(after, "TracerPid:\t0") {
		t.Errorf("the process was\n%s\nand is\n%s", before, after)
	}
	_, got := split(fresh.Stacks, deepFunctions...)
	_, want := split(parse(t, answer.Profile), deepFunctions...)
	if !maps.Equal(nodesOf(got), nodesOf(want)) {
		t.Error(difference(nodesOf(got), nodesOf(want)))
	}
	if !maps.Equal(summary(fresh), summary(snapshot)) {
		t.Error(difference(summary(fresh), summary(snapshot)))
	}
	if err := target.command.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	target.ask("know")
}

func TestARunningProcessIsNeitherStoppedNorTraced(t *testing.T) {
	target := start(t, program(t, local), "spin")
	target.ask("know")
	process := target.open()
	for i := 0; i < 100; i++ {
		scanned(t, process, Stacks)
		if now := status(t, target.pid()); !regexp.MustCompile(`(?s)State:\t[RS] .*TracerPid:\t0\n`).MatchString(now) {
			t.Fatalf("the process is\n%s", now)
		}
	}
}

func TestAProcessThatForksAndItsChildrenAreReadApart(t *testing.T) {
	target := start(t, program(t, local), "zoo")
	process := target.open()
	before, _ := parkedScan(t, target, process)
	target.ask("fork")
	after, snapshot := parkedScan(t, target, process)
	if after.Goroutines != before.Goroutines+5 || snapshot.Goroutines != int64(after.Goroutines+after.Finalizers) {
		t.Errorf("%d goroutines, want %d more than %d", snapshot.Goroutines, 5, before.Goroutines)
	}
	children := 0
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", target.pid()))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that has ended
		}
		for _, field := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(field)
			child, err := Open("/proc", pid, target.executable)
			if err != nil {
				t.Fatal(err)
			}
			checkSums(t, scanned(t, child, Stacks))
			children++
		}
	}
	if children != 5 {
		t.Errorf("%d children were read, want 5", children)
	}
}

func TestAnExecutableThatIsReplacedOrDeletedIsStillTheOneThatRuns(t *testing.T) {
	for what, change := range map[string]func(path string) error{
		"deleted": os.Remove,
		"replaced": func(path string) error {
			other := program(t, build{"local", "stripped"})
			text, err := os.ReadFile(other)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path+".new", text, 0o755); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
	} {
		path := filepath.Join(t.TempDir(), "program")
		text, err := os.ReadFile(program(t, local))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o755); err != nil {
			t.Fatal(err)
		}
		target := start(t, path, "zoo")
		answer, before := parkedScan(t, target, target.open())
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		// As the agent opens it: what runs, whatever is at its path now.
		process, err := Open("/proc", target.pid(), open1(t, fmt.Sprintf("/proc/%d/exe", target.pid())))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		after := scanned(t, process, Stacks)
		if after.Goroutines != int64(answer.Goroutines+answer.Finalizers) || !maps.Equal(summary(after), summary(before)) {
			t.Errorf("%s: %s", what, difference(summary(after), summary(before)))
		}
		// The executable that took its place does not fit.
		if what == "replaced" {
			if _, err := Open("/proc", target.pid(), open1(t, path)); err == nil {
				t.Error("the process was opened with an executable that it does not run")
			}
		}
	}
}

// The runtime makes no stack larger than 1 GB, whatever debug.SetMaxStack is told (runtime.maxstackceiling).
func TestTwoStacksOfAGigabyteAreReadWhole(t *testing.T) {
	const megabytes = 950
	if available := meminfo(t, "MemAvailable"); available < 5<<30 {
		t.Skipf("it takes 3 GB, and this machine has only %d MB available", available>>20)
	}
	target := start(t, program(t, local), "deep", strconv.Itoa(megabytes))
	target.ask("know")
	process := target.open()
	before := memoryInUse()
	snapshot := scanned(t, process, Stacks)
	grown := memoryInUse() - before
	target.end()
	deepest, next := snapshot.Largest[0], snapshot.Largest[1]
	if deepest.Size != 1<<30 || next.Size != deepest.Size || next.Used != deepest.Used || deepest.Used < megabytes<<20 || deepest.Truncated {
		t.Errorf("the largest stack has %d bytes, %d in use; truncated is %t", deepest.Size, deepest.Used, deepest.Truncated)
	}
	// Its entry function is there twice: of the recursion, one turn is left.
	if want := "main.descend/runtime.chanrecv1/runtime.chanrecv/runtime.gopark"; strings.Join(deepest.Stack, "/") != want {
		t.Errorf("the largest stack is %q, want %s", deepest.Stack, want)
	}
	if want := megabytes<<20/4000 + 1 + 3; snapshot.FramesMax != want {
		t.Errorf("the deepest stack has %d frames, want %d", snapshot.FramesMax, want)
	}
	t.Logf("%d frames in %s, of which %s CPU; %d MB more memory", snapshot.FramesMax, snapshot.Duration, snapshot.CPU, grown>>20)
	if grown > 128<<20 {
		t.Errorf("the scan took %d MB of memory", grown>>20)
	}
}

// memoryInUse returns the bytes that this process has from the operating system.
func memoryInUse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

func meminfo(t *testing.T, name string) uint64 {
	t.Helper()
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(name + `:\s+(\d+) kB`).FindStringSubmatch(string(text))
	if match == nil {
		t.Fatalf("/proc/meminfo has no %s", name)
	}
	n, _ := strconv.ParseUint(match[1], 10, 64)
	return n << 10
}

// runAsHelper is the process without rights of the test below: it scans, and prints the cause of the error and its text.
func runAsHelper() bool {
	pid, err := strconv.Atoi(os.Getenv("GOSCAN_TEST_SCAN"))
	if err != nil {
		return false
	}
	executable, err := goelf.Open(os.NewFile(3, "executable"))
	if err == nil {
		_, err = Open("/proc", pid, executable)
	}
	var e *Error
	errors.As(err, &e)
	if e == nil {
		fmt.Println(err)
	} else {
		fmt.Printf("%s\n%s\n", e.Cause, e.Text)
	}
	return true
}

func TestWithoutRightsTheErrorSaysWhichAreMissing(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("another user can only be taken by root")
	}
	target := start(t, program(t, local), "zoo")
	file, err := os.Open(program(t, local))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	other := exec.Command("/proc/self/exe")
	other.Env = append(os.Environ(), fmt.Sprint("GOSCAN_TEST_SCAN=", target.pid()))
	other.ExtraFiles = []*os.File{file}
	other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := other.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cause, text, _ := strings.Cut(string(out), "\n")
	if cause != NotPermitted || !strings.Contains(text, "CAP_SYS_PTRACE") || !strings.Contains(text, strconv.Itoa(target.pid())) {
		t.Errorf("the cause is %q, and the error %q", cause, text)
	}
}

func TestAProcessCanBeOpenedAsSoonAsItIsStarted(t *testing.T) {
	for _, b := range []build{local, {"go1.24.13", "pie stripped"}} {
		for i := 0; i < 30; i++ {
			target := start(t, program(t, b), "zoo")
			snapshot := scanned(t, target.open(), Stacks)
			if snapshot.Goroutines < 1 {
				t.Errorf("%s: %d goroutines", b, snapshot.Goroutines)
			}
			checkSums(t, snapshot)
			target.end()
		}
	}
}

func TestAProcessThatEndsWhileItIsOpenedIsGone(t *testing.T) {
	for i := 0; i < 30; i++ {
		target := start(t, program(t, local), "exit")
		process, err := Open("/proc", target.pid(), target.executable)
		for err == nil {
			_, err = process.Scan(Stacks)
		}
		if causeOf(err) != Gone {
			t.Fatalf("the error is %v, want one of cause %s", err, Gone)
		}
		target.end()
	}
	if _, err := Open("/proc", 1<<22+1, open1(t, program(t, local))); causeOf(err) != Gone {
		t.Errorf("the error is %v, want one of cause %s", err, Gone)
	}
}

func TestAProcessOfAnotherProgramIsNotOpened(t *testing.T) {
	sleep := exec.Command("sleep", "1000")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		sleep.Process.Kill()
		sleep.Wait()
	}()
	if _, err := Open("/proc", sleep.Process.Pid, open1(t, program(t, local))); err == nil {
		t.Error("it was opened")
	}
}

// lies is as in testdata/truth/lie.go.
type lies struct {
	How                                                            string
	Length, Pointer                                                uint64
	StackLo, StackHi, SP, PC, G, ID, Status, GoPC, StartPC, Return uint64
	Size, Entries                                                  int
}

func liesOf(t *testing.T, how string, process *Process) lies {
	t.Helper()
	found, err := process.functions.Find("main.parked")
	if err != nil || found["main.parked"].Entry == 0 {
		t.Fatalf("main.parked is not found: %v", err)
	}
	resident, err := process.memory.resident()
	if err != nil {
		t.Fatal(err)
	}
	g := process.layout
	return lies{
		How: how, Length: process.allgs.Length, Pointer: process.allgs.Pointer,
		StackLo: g.StackLo, StackHi: g.StackHi, SP: g.SchedSP, PC: g.SchedPC, G: g.SchedG, ID: g.GoID, Status: g.AtomicStatus, GoPC: g.GoPC, StartPC: g.StartPC,
		Return: found["main.parked"].Entry + 1, Size: g.Size(), Entries: int(resident)/g.Size() - 10,
	}
}

// How a hostile process makes up its list of goroutines, and the causes that an error may then have. Where "" is one of
// them, a scan may also succeed.
var waysToLie = map[string][]string{
	"length":       {Implausible},
	"list nowhere": {Implausible},
	"zeros":        {Implausible},
	"same":         {"", Implausible}, // as often as its address space has room for their stacks
	"kernel":       {Implausible},
	"unmapped":     {Implausible},
	"wild":         {Implausible},
	"large":        {Implausible},
	"one deep":     {""},
	"deep":         {Implausible},
	"random":       {"", Implausible},
	"changing":     {"", Implausible},
}

func TestAProcessThatLiesIsReadWithinBounds(t *testing.T) {
	for how, causes := range waysToLie {
		t.Run(how, func(t *testing.T) {
			target := start(t, program(t, local), "lie")
			process := target.open()
			scanned(t, process, Stacks)
			text, err := json.Marshal(liesOf(t, how, process))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(target.in, "%s\n", text); err != nil {
				t.Fatal(err)
			}
			target.answer()
			before := memoryInUse()
			times := 3
			if how == "changing" {
				times = 300
			}
			results := map[string]int{}
			var longest time.Duration
			for i := 0; i < times; i++ {
				start := time.Now()
				snapshot, err := process.Scan(Depth(1 - i%3/2)) // twice with stacks, then without
				longest = max(longest, time.Since(start))
				cause := causeOf(err)
				if err != nil && cause == "" {
					t.Fatalf("an error without a cause: %v", err)
				}
				results[cause]++
				if !strings.Contains(" "+strings.Join(causes, " ")+" ", " "+cause+" ") {
					t.Fatalf("the error is %v (%q), want one of the causes %q", err, cause, causes)
				}
				if err != nil {
					process = reopened(target, process)
					continue
				}
				virtual, err := process.memory.virtual()
				if err != nil {
					t.Fatal(err)
				}
				if sum := snapshot.allBytes(); sum < 0 || sum > int64(virtual) {
					t.Errorf("the stacks have %d bytes, in an address space of %d", sum, virtual)
				}
				if i%3 != 2 {
					checkSums(t, snapshot)
				}
			}
			grown := memoryInUse() - before
			t.Logf("%v; the longest scan took %s, and all %d MB of memory", results, longest, grown>>20)
			if grown > 256<<20 {
				t.Errorf("the scans took %d MB of memory", grown>>20)
			}
		})
	}
}

// reopened opens a process again after a scan has failed; or returns the old one where that fails too, as in what it
// keeps it must not be worse.
func reopened(target *target, old *Process) *Process {
	if p, err := Open("/proc", target.pid(), target.executable); err == nil {
		return p
	}
	return old
}
