package goelf

import (
	"debug/elf"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// matrix is what takes ten minutes with a cold build cache.
var matrix = flag.Bool("matrix", false, "look at programs built with every version of Go, not at those of the oldest and of the local one")

// build is how testdata/program is built.
type build struct {
	version string // such as "go1.24.13", or "local"
	arch    Arch
	flags   string
}

func (b build) String() string {
	return strings.TrimSpace(fmt.Sprint(b.version, " ", b.arch, " ", b.flags))
}

var (
	local    = build{version: "local", arch: AMD64}
	stripped = build{version: "local", arch: AMD64, flags: "-ldflags=-s -w"}
)

func builds() (all []build) {
	versions := []string{"go1.22.12", "local"}
	if *matrix {
		versions = []string{"go1.22.12", "go1.23.12", "go1.24.13", "go1.25.5", "local", "go1.27.4"}
	}
	for _, version := range versions {
		for _, arch := range []Arch{AMD64, ARM64} {
			all = append(all, build{version: version, arch: arch})
		}
	}
	return all
}

var programs = struct {
	sync.Mutex
	folder string
	built  map[build]func() (string, error)
}{built: map[build]func() (string, error){}}

func TestMain(m *testing.M) {
	flag.Parse()
	folder, err := os.MkdirTemp("", "goelf")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	programs.folder = folder
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// program builds testdata/program, each way once, and returns the path of the executable. No C compiler is needed, for
// arm64 neither.
func program(t testing.TB, b build) string {
	t.Helper()
	programs.Lock()
	once, ok := programs.built[b]
	if !ok {
		once = sync.OnceValues(func() (string, error) { return buildProgram(b) })
		programs.built[b] = once
	}
	programs.Unlock()
	path, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func buildProgram(b build) (string, error) {
	path := filepath.Join(programs.folder, strings.NewReplacer(" ", "-", "=", "-").Replace(b.String()))
	args := []string{"build", "-o", path}
	if b.flags != "" {
		args = append(args, b.flags)
	}
	command := exec.Command("go", args...)
	command.Dir = "testdata/program"
	command.Env = append(os.Environ(), "GOTOOLCHAIN="+b.version, "GOARCH="+string(b.arch), "GOOS=linux", "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build for %s: %v\n%s", b, err, out)
	}
	return path, nil
}

func forBuilds(t *testing.T, test func(t *testing.T, b build)) {
	t.Helper()
	for _, b := range builds() {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			test(t, b)
		})
	}
}

// opened opens the executable, and its functions as they are in a process before it runs: these executables do not move,
// so that the process's memory begins as what is in the file.
func opened(t testing.TB, path string) (*Executable, *Functions, *elf.File) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	e, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	functions, err := e.OpenFunctions(loaded{e}, 0)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := elf.NewFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return e, functions, parsed
}

// loaded is the memory of a process before it runs.
type loaded struct{ *Executable }

func (l loaded) ReadAt(b []byte, address int64) (int, error) {
	offset, ok := l.FileOffset(uint64(address))
	if !ok {
		return 0, io.ErrUnexpectedEOF
	}
	return l.reader.ReadAt(b, int64(offset))
}

func symbolsOf(t *testing.T, file *elf.File) map[string]elf.Symbol {
	t.Helper()
	all, err := file.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]elf.Symbol{}
	for _, s := range all {
		byName[s.Name] = s
	}
	return byName
}

func TestTheListOfGoroutinesIsFoundByCodeWhereItIsBySymbols(t *testing.T) {
	forBuilds(t, func(t *testing.T, b build) {
		_, functions, file := opened(t, program(t, b))
		symbols := symbolsOf(t, file)
		want := AllGs{symbols["runtime.allglen"].Value, symbols["runtime.allgptr"].Value}
		byCode, err := functions.allGsByCode()
		if err != nil || byCode != want || want.Length == 0 {
			t.Errorf("by code %#x, %v, want %#x", byCode, err, want)
		}
		bySymbol, err := functions.FindAllGs()
		if err != nil || bySymbol != want {
			t.Errorf("by symbols %#x, %v, want %#x", bySymbol, err, want)
		}
		b.flags = stripped.flags
		_, functions, _ = opened(t, program(t, b))
		if found, err := functions.FindAllGs(); err != nil || found == (AllGs{}) {
			t.Errorf("of the stripped one %#x, %v", found, err)
		}
	})
}

func TestTheModuleIsWhatTheLinkerSays(t *testing.T) {
	forBuilds(t, func(t *testing.T, b build) {
		e, functions, file := opened(t, program(t, b))
		symbols := symbolsOf(t, file)
		m := functions.Module()
		if m.Text != symbols["runtime.text"].Value || m.TextEnd != symbols["runtime.etext"].Value || m.GoFunc != symbols["go:func.*"].Value {
			t.Errorf("the module is %+v, want text %#x to %#x and go:func.* %#x", m, symbols["runtime.text"].Value, symbols["runtime.etext"].Value, symbols["go:func.*"].Value)
		}
		if e.Arch != b.arch || b.version != "local" && e.GoVersion != b.version {
			t.Errorf("it is for %s by %s", e.Arch, e.GoVersion)
		}
	})
}

// abi0 is what the linker appends to the symbols of functions that take arguments as assembly does. Their own names, in
// pclntab, are without it, also where a wrapper for other callers has the same.
const abi0 = ".abi0"

func unversioned(symbol string) string { return strings.TrimSuffix(symbol, abi0) }

func TestFunctionsAreWhereTheirSymbolsAre(t *testing.T) {
	forBuilds(t, func(t *testing.T, b build) {
		_, functions, file := opened(t, program(t, b))
		module := functions.Module()
		var names []string
		checked := 0
		symbols := symbolsOf(t, file)
		for name, s := range symbols {
			if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Value < module.Text || s.Value >= module.TextEnd || s.Size == 0 {
				continue
			}
			for _, pc := range []uint64{s.Value, s.Value + s.Size/2, s.Value + s.Size - 1} {
				f, ok, err := functions.Lookup(pc)
				if !ok || err != nil {
					t.Fatalf("%s: %t, %v", name, ok, err)
				}
				if f.Entry != s.Value || f.End < s.Value+s.Size || f.Name != unversioned(name) && !strings.Contains(f.Name, "·") { // which the linker writes as a dot
					t.Errorf("at %#x is %+v, want %s from %#x, of %d bytes", pc, f, name, s.Value, s.Size)
				}
			}
			checked++
			names = append(names, unversioned(name))
		}
		if checked < 1000 {
			t.Errorf("only %d functions", checked)
		}
		found, err := functions.Find(append(names, "no.such.function")...)
		if err != nil || len(found) < len(names)*97/100 {
			t.Errorf("%d of %d functions are found by name: %v", len(found), len(names), err)
		}
		for name, f := range found {
			if f.Name != name || f.Entry != symbols[name].Value && f.Entry != symbols[name+abi0].Value {
				t.Errorf("%s is found as %+v", name, f)
			}
		}
		for _, pc := range []uint64{0, module.Text - 1, module.TextEnd, 1<<64 - 1} {
			if f, ok, err := functions.Lookup(pc); ok || err != nil {
				t.Errorf("at %#x is %+v, %v, want nothing", pc, f, err)
			}
		}
	})
}
