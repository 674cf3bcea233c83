package topview

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// programs are built once, into a folder that is there as long as the tests run.
var programs struct {
	folder string
	build  sync.Once
	err    error
}

func TestMain(m *testing.M) {
	var err error
	if programs.folder, err = os.MkdirTemp("", "topview"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(programs.folder)
	os.Exit(code)
}

func program(t *testing.T, name string) string {
	t.Helper()
	programs.build.Do(func() {
		build := exec.Command("go", "build", "-o", programs.folder, "./testdata/top", "./testdata/leaking")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := build.CombinedOutput(); err != nil {
			programs.err = fmt.Errorf("%w\n%s", err, output)
		}
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return filepath.Join(programs.folder, name)
}

// leaking is a running testdata/leaking.
type leaking struct {
	pid string
	end func()
}

func startLeaking(t *testing.T) leaking {
	t.Helper()
	command := exec.Command(program(t, "leaking"))
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
	l := leaking{strconv.Itoa(command.Process.Pid), sync.OnceFunc(func() {
		stdin.Close()
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
	})}
	t.Cleanup(l.end)
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the target says %q, %v", line, err)
	}
	return l
}

func TestInAPipeThereIsATableForEachLook(t *testing.T) {
	l := startLeaking(t)
	var stderr bytes.Buffer
	command := exec.Command(program(t, "top"), "-pid", l.pid, "-interval", "50ms", "-n", "2", "-rows", "3")
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%v, %s", err, stderr.String())
	}
	tables := strings.Split(strings.TrimSuffix(string(output), "\n\n"), "\n\n")
	if len(tables) != 2 {
		t.Fatalf("%d tables:\n%s", len(tables), output)
	}
	for _, table := range tables {
		lines := strings.Split(table, "\n")
		if len(lines) != 5 || !strings.Contains(lines[0], "leaking  pid "+l.pid+"  go1.") || !strings.Contains(lines[1], "FUNCTION") {
			t.Errorf("a table is\n%s", table)
		}
		if !regexp.MustCompile(`^\s*\d+ +\d+K +\d+K +0 +select \(no cases\) .* main\.main +main\.descend$|leaked`).MatchString(lines[2]) {
			t.Errorf("the goroutine with the largest stack is\n%s", lines[2])
		}
	}
	if bytes.ContainsRune(output, '\x1b') {
		t.Errorf("escape codes in a pipe: %q", output)
	}
}

func TestAsJSONEachLookIsAnObject(t *testing.T) {
	l := startLeaking(t)
	output, err := exec.Command(program(t, "top"), "-pid", l.pid, "-interval", "200ms", "-n", "3", "-json", "-sort", "id", "-reverse").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(output))
	decoder.DisallowUnknownFields()
	var seen []jsonSample
	for {
		var s jsonSample
		if err := decoder.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, s)
	}
	if len(seen) != 3 {
		t.Fatalf("%d objects:\n%s", len(seen), output)
	}
	for i, s := range seen {
		if strconv.Itoa(s.PID) != l.pid || s.Command != "leaking" || s.Goroutines < 3 || s.StackBytes < 2048*s.Goroutines || s.StackUsedBytes <= 0 {
			t.Errorf("look %d: %+v", i, s)
		}
		if i > 0 && s.Goroutines <= seen[i-1].Goroutines {
			t.Errorf("%d goroutines after %d, and it leaks", s.Goroutines, seen[i-1].Goroutines)
		}
		for j := 1; j < len(s.Top); j++ {
			if s.Top[j].GoID >= s.Top[j-1].GoID {
				t.Errorf("goroutine %d comes after %d: they are not sorted by id, the last first", s.Top[j].GoID, s.Top[j-1].GoID)
			}
		}
	}
}

func TestATableNobodyReadsAnyMoreEndsQuietly(t *testing.T) {
	l := startLeaking(t)
	command := exec.Command(program(t, "top"), "-pid", l.pid, "-interval", "10ms")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Error(err)
	}
	stdout.Close()
	if err := command.Wait(); err != nil || stderr.Len() > 0 {
		t.Errorf("it ends with %v, and says %q", err, stderr.String())
	}
}

func TestAProcessThatEndsEndsThePipeWithAnError(t *testing.T) {
	l := startLeaking(t)
	command := exec.Command(program(t, "top"), "-pid", l.pid, "-interval", "10ms")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Error(err)
	}
	l.end()
	if _, err := io.Copy(io.Discard, stdout); err != nil {
		t.Error(err)
	}
	var exit *exec.ExitError
	if err := command.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(stderr.String(), "process "+l.pid+" (leaking) has ended") {
		t.Errorf("it ends with %v, and says %q", err, stderr.String())
	}
}

// terminal is a program that runs in a pseudo terminal.
type terminal struct {
	t          *testing.T
	controller *os.File
	device     *os.File
	before     *unix.Termios
	command    *exec.Cmd
	mu         sync.Mutex
	output     bytes.Buffer
	changed    *sync.Cond
}

// startInTerminal runs testdata/top in a pseudo terminal of 80×24.
func startInTerminal(t *testing.T, environment []string, arguments ...string) *terminal {
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
	device, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { device.Close() })
	term := &terminal{t: t, controller: controller, device: device}
	term.changed = sync.NewCond(&term.mu)
	term.resize(80, 24)
	if term.before, err = unix.IoctlGetTermios(int(device.Fd()), unix.TCGETS); err != nil {
		t.Fatal(err)
	}
	term.command = exec.Command(program(t, "top"), arguments...)
	term.command.Stdin, term.command.Stdout, term.command.Stderr = device, device, device
	term.command.Env = append(append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR="), environment...)
	term.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := term.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := controller.Read(buffer)
			if err != nil {
				return
			}
			term.mu.Lock()
			term.output.Write(buffer[:n])
			term.changed.Broadcast()
			term.mu.Unlock()
		}
	}()
	return term
}

func (s *terminal) resize(columns, rows uint16) {
	s.t.Helper()
	if err := unix.IoctlSetWinsize(int(s.controller.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows}); err != nil {
		s.t.Fatal(err)
	}
}

// patience is how long tests wait for what has to come, on a machine with much else to do.
const patience = time.Minute

// waitFor returns when a text was written since the last one that was waited for.
func (s *terminal) waitFor(text string) {
	s.t.Helper()
	tooLate := false
	defer time.AfterFunc(patience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		tooLate = true
		s.changed.Broadcast()
	}).Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if at := bytes.Index(s.output.Bytes(), []byte(text)); at >= 0 {
			s.output.Next(at + len(text))
			return
		}
		if tooLate {
			s.t.Fatalf("%q is never written, but %q", text, s.output.Bytes())
		}
		s.changed.Wait()
	}
}

func (s *terminal) press(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.controller, keys); err != nil {
		s.t.Fatal(err)
	}
}

// expectEnd waits for the program to end, and checks that the terminal is as it was before.
func (s *terminal) expectEnd(code int) {
	s.t.Helper()
	s.waitFor("\x1b[?1049l") // back from the alternate screen
	err := s.command.Wait()
	if got := s.command.ProcessState.ExitCode(); got != code {
		s.t.Errorf("it ends with %v", err)
	}
	after, err := unix.IoctlGetTermios(int(s.device.Fd()), unix.TCGETS)
	if err != nil {
		s.t.Fatal(err)
	}
	if *after != *s.before {
		s.t.Errorf("the terminal's modes are %+v, and were %+v", *after, *s.before)
	}
}

const (
	arrowDown = "\x1b[B"
	enter     = "\r"
)

func TestInATerminalKeysWorkAndTheTerminalIsRestored(t *testing.T) {
	l := startLeaking(t)
	s := startInTerminal(t, nil, "-pid", l.pid, "-interval", "100ms")
	s.waitFor("\x1b[?1049h") // the alternate screen
	s.waitFor("leaking")
	s.waitFor("main.descend")
	s.press("?")
	s.waitFor("Columns")
	s.press("x/descend" + enter)
	s.waitFor("Filter")
	s.press(enter)
	s.waitFor("innermost")
	s.waitFor("× 1,00")
	s.press("\x7f" + "t")
	s.waitFor("STACK")
	s.resize(160, 40)
	s.waitFor("t goroutines")
	s.press(arrowDown + "q")
	s.expectEnd(0)
}

func TestTheTerminalIsRestoredBeforeTheErrorIfTheProcessEnds(t *testing.T) {
	l := startLeaking(t)
	s := startInTerminal(t, nil, "-pid", l.pid, "-interval", "20ms")
	s.waitFor("main.descend")
	l.end()
	s.expectEnd(1)
	s.waitFor("process " + l.pid + " (leaking) has ended")
}

func TestTheTerminalIsRestoredAfterASignal(t *testing.T) {
	l := startLeaking(t)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		s := startInTerminal(t, nil, "-pid", l.pid)
		s.waitFor("main.descend")
		if err := s.command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		s.expectEnd(0)
	}
}

func TestNOCOLORIsHonoured(t *testing.T) {
	l := startLeaking(t)
	colour := regexp.MustCompile(`\x1b\[(3[0-7]|4[0-7]|9[0-7]|[34]8;[0-9;]*)m`)
	for variable, want := range map[string]bool{"NO_COLOR=": true, "NO_COLOR=1": false} {
		s := startInTerminal(t, []string{variable}, "-pid", l.pid, "-n", "2", "-interval", "20ms")
		err := s.command.Wait()
		s.waitFor("") // for the lock
		s.mu.Lock()
		got := colour.Match(s.output.Bytes())
		s.mu.Unlock()
		if err != nil || got != want {
			t.Errorf("with %s: %v, colours %t", variable, err, got)
		}
	}
}

func TestATerminalThatIsNotKnownIsAnErrorThatSaysWhatToDo(t *testing.T) {
	l := startLeaking(t)
	s := startInTerminal(t, []string{"TERM=no-such-terminal"}, "-pid", l.pid)
	s.waitFor("set TERM")
	s.waitFor("piping")
	if err := s.command.Wait(); err == nil {
		t.Error("it ends without an error")
	}
}
