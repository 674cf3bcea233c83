package pprofstacks

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"github.com/stackpressure/goroutines/collector/calltree"
)

var update = flag.Bool("update", false, "rewrite testdata/*.series.json from testdata/*.pb.gz")

// recorded are goroutine profiles of real programs: Prometheus 3.16 under queries, a net/http server under load of 90
// clients, and a program whose processNode starts two goroutines for each node of a tree.
var recorded = []string{"prometheus", "nethttp", "spawnstorm"}

func parseFile(t testing.TB, name string) []calltree.Stack {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".pb.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stacks, err := Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return stacks
}

// series is a series of goroutine_calltree_goroutines, as the TypeScript tests take it.
type series struct {
	Depth      string `json:"depth"`
	Function   string `json:"function"`
	Node       string `json:"node"`
	Parent     string `json:"parent,omitempty"`
	Goroutines int64  `json:"goroutines"`
}

func TestRecordedProfilesGiveTheRecordedSeries(t *testing.T) {
	for _, name := range recorded {
		all := []series{}
		for _, n := range calltree.NewBuilder().Build(parseFile(t, name), time.Time{}).Nodes {
			all = append(all, series{strconv.Itoa(n.Depth), n.Function, n.ID, n.Parent, n.Goroutines})
		}
		text, err := json.MarshalIndent(all, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
		file := filepath.Join("testdata", name+".series.json")
		if *update {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text, want) {
			t.Errorf("%s is not what the profile gives; if it should be: go test ./internal/pprofstacks -update", file)
		}
	}
}

// stacksByGooglePprof reads a profile through the reference decoder. It returns how many goroutines have each stack.
func stacksByGooglePprof(raw []byte) (map[string]int64, error) {
	p, err := profile.ParseData(raw)
	if err != nil {
		return nil, err
	}
	value := slices.IndexFunc(p.SampleType, func(t *profile.ValueType) bool { return t.Type == "goroutine" })
	goroutines := map[string]int64{}
	for _, s := range p.Sample {
		var functions []string
		for _, location := range s.Location {
			for _, line := range location.Line {
				if f := line.Function; !isLeftOut(f.Name, f.Filename) {
					functions = append(functions, calltree.PrintedName(f.Name))
				}
			}
			if len(location.Line) == 0 {
				functions = append(functions, calltree.Unknown)
			}
		}
		slices.Reverse(functions)
		goroutines[fmt.Sprintf("%q", functions)] += s.Value[value]
	}
	return goroutines, nil
}

func byFunctions(stacks []calltree.Stack) map[string]int64 {
	goroutines := map[string]int64{}
	for _, s := range stacks {
		goroutines[fmt.Sprintf("%q", s.Functions)] += s.Goroutines
	}
	return goroutines
}

func TestGooglePprofReadsTheSameStacks(t *testing.T) {
	files, err := filepath.Glob("testdata/*.pb.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded profiles: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := stacksByGooglePprof(raw)
		if err != nil {
			t.Fatal(err)
		}
		stacks, err := Parse(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := byFunctions(stacks); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: stacks are\n%v\nwant\n%v", file, got, want)
		}
	}
}

func TestAnUncompressedProfileIsReadToo(t *testing.T) {
	var raw bytes.Buffer
	f, err := os.Open("testdata/nethttp.pb.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	stacks, err := Parse(&raw)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(stacks, parseFile(t, "nethttp")) {
		t.Error("the stacks are others than those of the gzipped profile")
	}
}

// Each program has goroutines in main.start → main.walk, of that many frames, runtime.gopark and the like included.
func TestStacksThatTheRuntimeCutOffAreTruncated(t *testing.T) {
	for file, want := range map[string]map[int]bool{
		// Levels of recursion 10, 26, 27, 28, 60: the runtime keeps 32 frames, runtime.goexit among them.
		"go1.22": {15: false, 31: false, 32: true},
		// 10, 121, 122, 123, 200, 500, where it keeps 128. One was cut off between a frame and what it is inlined into.
		"go1.26": {15: false, 126: false, 127: false, 128: true, 129: true},
		// 10, 122, 300, 1500, where GODEBUG=profstackdepth=1024.
		"profstackdepth1024": {15: false, 127: false, 305: false, 1025: true},
	} {
		got := map[int]bool{}
		for _, s := range parseFile(t, file) {
			if slices.Contains(s.Functions, "main.walk") {
				got[len(s.Functions)] = s.Truncated
				if s.Functions[0] != "main.start" && !s.Truncated {
					t.Errorf("%s: a stack begins with %s and is not truncated", file, s.Functions[0])
				}
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: truncated by frames is %v, want %v", file, got, want)
		}
	}
}

type box[T any] []T

func (b *box[T]) park(until chan struct{}) { <-until }

type parker interface{ park(until chan struct{}) }

type embedding struct{ *box[struct{ A []int }] }

// ownStacks returns the stacks of the test's own goroutines through a real profile.
func ownStacks(t *testing.T) []calltree.Stack {
	t.Helper()
	var raw bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&raw, 0); err != nil {
		t.Fatal(err)
	}
	stacks, err := Parse(&raw)
	if err != nil {
		t.Fatal(err)
	}
	return stacks
}

// eventually waits for the goroutines to be where they park.
func eventually(t *testing.T, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !reached(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not reached within 30 s")
		}
	}
}

func TestGenericFunctionsAndWrappersArePrintedAsGoDoes(t *testing.T) {
	until := make(chan struct{})
	defer close(until)
	b := &box[struct{ A []int }]{}
	promoted := parker(embedding{b})
	methodValue := promoted.park
	go b.park(until)
	go promoted.park(until)
	go methodValue(until)
	go func() { defer promoted.park(until) }()

	const method = "github.com/stackpressure/goroutines/collector/internal/pprofstacks.(*box[...]).park"
	var below []string
	eventually(t, func() bool {
		below = nil
		var goroutines int64
		for _, s := range ownStacks(t) {
			if at := slices.Index(s.Functions, method); at >= 0 {
				goroutines += s.Goroutines
				below = append(below, s.Functions[:at]...)
			}
		}
		return goroutines == 4
	})
	if len(below) != 1 || !strings.HasSuffix(below[0], ".func1") {
		t.Errorf("between the entry functions and the method are %q, want the closure that defers it alone", below)
	}
}

func TestNamesOfWrappers(t *testing.T) {
	for name, want := range map[string]bool{
		"main.main.gowrap1":     true,
		"main.f.func2.gowrap12": true,
		"main.f.deferwrap1":     true,
		"main.(*T).M-fm":        true,
		"runtime.goexit":        true,
		"main.gowrap":           false,
		"main.gowrapper1":       false,
		"main.main.func1":       false,
		"":                      false,
	} {
		if got := isLeftOut(name, "main.go"); got != want {
			t.Errorf("isLeftOut(%q) = %t", name, got)
		}
	}
}

func TestAnythingElseIsAnErrorThatSaysWhatItIs(t *testing.T) {
	write := func(name string, debug int) []byte {
		var b bytes.Buffer
		if err := pprof.Lookup(name).WriteTo(&b, debug); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	zip := func(raw []byte) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(raw); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	whole := write("goroutine", 0)
	for _, c := range []struct {
		what string
		body []byte
		says string
	}{
		{"heap profile", write("heap", 0), `got a profile of ["alloc_objects" "alloc_space" "inuse_objects" "inuse_space"]`},
		{"text form", write("goroutine", 1), "leave debug= out"},
		{"tracebacks", write("goroutine", 2), "leave debug= out"},
		{"HTML page", []byte("\n<!DOCTYPE html><html>Log in"), "HTML page"},
		{"nothing", nil, "got nothing"},
		{"gzipped nothing", zip(nil), "got nothing"},
		{"plain text", []byte("404 page not found\n"), "pprof profile"},
		{"metrics", []byte("# HELP up 1 if up\nup 1\n"), "pprof profile"},
		{"half a profile", whole[:len(whole)/2], "decompress the profile: unexpected EOF"},
		{"bytes", []byte{0xff, 0xff, 0xff, 0xff}, "pprof profile"},
		{"bomb", zip(make([]byte, MaxBytes+1)), "larger than 32 MiB"},
		{"too much", make([]byte, MaxBytes+1), "larger than 32 MiB"},
		{"samples of nothing", zip(bytes.Repeat([]byte{profileSample<<3 | 2, 0}, 1000)), "pprof profile"},
		{"strings of nothing", zip(bytes.Repeat([]byte{profileString<<3 | 2, 0}, maxEntries+1)), "more than 1048576 strings"},
	} {
		stacks, err := Parse(bytes.NewReader(c.body))
		if err == nil {
			t.Errorf("%s: read as %d stacks", c.what, len(stacks))
		} else if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error is %q, want one that says %q", c.what, err, c.says)
		}
	}
}

// FuzzParse holds that no input makes Parse panic, and that it reads what google/pprof reads, as google/pprof reads it.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.pb.gz")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		packed, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			f.Fatal(err)
		}
		var raw bytes.Buffer
		if _, err := raw.ReadFrom(z); err != nil {
			f.Fatal(err)
		}
		f.Add(raw.Bytes())
		f.Add(packed)
	}
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		stacks, err := Parse(bytes.NewReader(raw))
		if err != nil {
			return
		}
		want, err := stacksByGooglePprof(raw)
		if err != nil {
			return // it checks more of the file than we read
		}
		if got := byFunctions(stacks); !reflect.DeepEqual(got, want) {
			t.Errorf("stacks are\n%v\nwant\n%v", got, want)
		}
	})
}
