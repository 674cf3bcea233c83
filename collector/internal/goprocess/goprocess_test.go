package goprocess

import (
	"bufio"
	"errors"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// idle is a program that waits until its standard input ends.
const idle = `package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
}
`

// buildIdle builds a program of that name.
func buildIdle(t *testing.T, name string, flags ...string) (program string) {
	t.Helper()
	folder := t.TempDir()
	source := filepath.Join(folder, "main.go")
	if err := os.WriteFile(source, []byte(idle), 0o600); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(folder, name)
	build := exec.Command("go", append(append([]string{"build"}, flags...), "-o", program, source)...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return program
}

// start runs a program until the test ends, and returns its PID.
func start(t *testing.T, program string) int {
	t.Helper()
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
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return command.Process.Pid
}

func open(t *testing.T, choice Choice) *Process {
	t.Helper()
	p, err := Open(choice)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestAProcessIsOpenedByItsPIDOrByItsName(t *testing.T) {
	program := buildIdle(t, "the-only-idler")
	pid := start(t, program)
	for _, choice := range []Choice{{PID: pid}, {Name: "the-only-idler"}, {Name: "the-only-.*", Proc: "/proc"}} {
		p := open(t, choice)
		if p.PID != pid || p.Command != "the-only-idler" || p.Path != program {
			t.Errorf("%+v opens process %d, %s, %s", choice, p.PID, p.Command, p.Path)
		}
		if got := p.Executable().GoVersion; !strings.HasPrefix(got, runtime.Version()) {
			t.Errorf("it is built with %s, want %s", got, runtime.Version())
		}
		snapshot, err := p.Scan(goscan.Stacks)
		if err != nil || snapshot.Goroutines < 1 {
			t.Errorf("its goroutines: %+v, %v", snapshot, err)
		}
	}
}

func TestANameOfSeveralProcessesListsThem(t *testing.T) {
	program := buildIdle(t, "one-of-two-idlers")
	pids := []int{start(t, program), start(t, program)}
	slices.Sort(pids)

	candidates, err := FindByName("/proc", "one-of-two-idlers")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, c := range candidates {
		found = append(found, c.PID)
		if c.Command != "one-of-two-idlers" || !strings.HasPrefix(c.GoVersion, "go1.") {
			t.Errorf("a candidate is %+v", c)
		}
	}
	if !slices.Equal(found, pids) {
		t.Errorf("found %v, want %v", found, pids)
	}

	_, err = Open(Choice{Name: "one-of-two-idlers"})
	if err == nil {
		t.Fatal("one of two processes was opened")
	}
	for _, pid := range pids {
		if line := "\n  " + strconv.Itoa(pid) + "\tone-of-two-idlers\tgo1."; !strings.Contains(err.Error(), line) {
			t.Errorf("the error does not list process %d: %v", pid, err)
		}
	}
}

func TestANameHasToBeThatOfTheWholeExecutable(t *testing.T) {
	start(t, buildIdle(t, "idler-with-a-long-name"))
	for _, name := range []string{"idler-with", "with", "cgroup:.*", "label:pod=.*"} {
		if candidates, err := FindByName("/proc", name); err != nil || len(candidates) > 0 {
			t.Errorf("%q finds %+v, %v", name, candidates, err)
		}
	}
	if _, err := FindByName("/proc", "idler("); err == nil || !strings.Contains(err.Error(), "regular expression") {
		t.Errorf("a name that is no regular expression gives the error %v", err)
	}
}

func TestWhatCannotBeOpenedSaysWhatToDo(t *testing.T) {
	shell := exec.Command("sleep", "60")
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shell.Process.Kill(); _ = shell.Wait() })
	for want, choice := range map[string]Choice{
		"Give its PID, or its name":            {},
		"not by both":                          {PID: 1, Name: "x"},
		"-5 is no PID":                         {PID: -5},
		"there is no process 99999999: see ps": {PID: 99999999},
		"no build information of Go":           {PID: shell.Process.Pid},
		"no Go process that may be looked at":  {Name: "nobody-is-called-so"},
		"is a thread of the kernel":            {PID: kernelThread(t)},
	} {
		if p, err := Open(choice); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v gives %v, %v; want an error that says %q", choice, p, err, want)
		}
	}
}

// kernelThread returns the PID of one; where there is none to be seen, as in containers, makes what looks like one.
func kernelThread(t *testing.T) int {
	t.Helper()
	const kthreadd = 2
	if _, err := os.Readlink("/proc/2/exe"); errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat("/proc/2/stat"); err == nil {
			return kthreadd
		}
	}
	zombie := exec.Command("true")
	if err := zombie.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = zombie.Wait() })
	for { // until it has ended, and waits for us to see that
		if _, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(zombie.Process.Pid), "exe")); err != nil {
			return zombie.Process.Pid
		}
	}
}

func TestTheBuildIDIsTheLinkersIfThereIsOne(t *testing.T) {
	none := "-B=none"
	if version.Compare(runtime.Version(), "go1.24") < 0 {
		none = "" // as it was then
	}
	for want, flags := range map[string][]string{
		`^[0-9a-f]{16,}$`: {"-ldflags=-B=0x0123456789abcdef0123"},
		`^[\w-]+/[\w-]+/`: {"-ldflags=" + none},
		`^$`:              {"-ldflags=-buildid= " + none},
	} {
		file, err := os.Open(buildIdle(t, "idle", flags...))
		if err != nil {
			t.Fatal(err)
		}
		if got := buildID(file); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%v gives the build id %q, want %s", flags, got, want)
		}
		file.Close()
	}
	if got := buildID(strings.NewReader("#!/bin/sh")); got != "" {
		t.Errorf("a script has the build id %q", got)
	}
}

func TestACommandWithControlCharactersIsShownWithoutThem(t *testing.T) {
	program := buildIdle(t, "idle\x1b[2Jr\x07")
	p := open(t, Choice{PID: start(t, program)})
	if p.Command != "idle_[2Jr_" {
		t.Errorf("the command is %q", p.Command)
	}
}

func TestAnExecutableThatWasReplacedIsStillReadAsItRuns(t *testing.T) {
	program := buildIdle(t, "upgraded")
	pid := start(t, program)
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, []byte("another"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := open(t, Choice{PID: pid})
	if p.Path != program || p.Command != "upgraded" {
		t.Errorf("it is %s at %s", p.Command, p.Path)
	}
	if _, err := p.Scan(goscan.Sizes); err != nil {
		t.Error(err)
	}
}
