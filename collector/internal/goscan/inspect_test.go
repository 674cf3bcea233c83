package goscan

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// inspected is a running testdata/inspected that was scanned.
type inspected struct {
	*Process
	t        *testing.T
	command  *exec.Cmd
	stdin    io.WriteCloser
	lines    *bufio.Reader
	started  time.Time
	snapshot *Snapshot
}

// buildInspected is called once: the folder is there as long as the tests run.
var buildInspected = sync.OnceValues(func() (program string, err error) {
	program = filepath.Join(programs.folder, "inspected")
	build := exec.Command("go", "build", "-o", program, "./testdata/inspected")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, output)
	}
	return program, nil
})

func startInspected(t *testing.T) *inspected {
	t.Helper()
	program, err := buildInspected()
	if err != nil {
		t.Fatal(err)
	}
	p := &inspected{t: t, command: exec.Command(program), started: time.Now()}
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	p.lines = bufio.NewReader(stdout)
	p.expect("ready\n")
	file, err := os.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	executable, err := goelf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if p.Process, err = Open("/proc", p.command.Process.Pid, executable); err != nil {
		t.Fatal(err)
	}
	if p.snapshot, err = p.Scan(Stacks); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *inspected) end() {
	p.stdin.Close()
	_ = p.command.Wait() // again, where the test has ended it
}

func (p *inspected) expect(want string) {
	p.t.Helper()
	if line, err := p.lines.ReadString('\n'); err != nil || line != want {
		p.t.Fatalf("the target says %q, %v; want %q", line, err, want)
	}
}

// in returns the goroutine whose entry function it is.
func (p *inspected) in(start string) Selected {
	p.t.Helper()
	selected, _, err := p.Goroutines(Selection{Limit: MaxSelected})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, s := range selected {
		if s.Start == start {
			return s
		}
	}
	p.t.Fatalf("no goroutine was started in %s: %+v", start, selected)
	return Selected{}
}

func (p *inspected) inspect(id uint64) *Inspection {
	p.t.Helper()
	found, err := p.Inspect(id)
	if err != nil {
		p.t.Fatal(err)
	}
	return found
}

func TestTheTotalsOfASelectionAreThoseOfTheSnapshot(t *testing.T) {
	p := startInspected(t)
	selected, totals, err := p.Goroutines(Selection{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	var stackBytes int64
	for size, n := range p.snapshot.Sizes {
		stackBytes += size * n
	}
	if totals.Goroutines != p.snapshot.Goroutines || totals.StackBytes != stackBytes || len(selected) != 1 {
		t.Errorf("%d of %+v, want 1 of %d goroutines with %d bytes", len(selected), totals, p.snapshot.Goroutines, stackBytes)
	}
	if totals.UsedBytes <= 0 || totals.UsedBytes > totals.StackBytes {
		t.Errorf("%d bytes in use of %d", totals.UsedBytes, totals.StackBytes)
	}
}

func TestTheWholeStackOfOneGoroutineIsReadWithItsRecursionCounted(t *testing.T) {
	p := startInspected(t)
	deep := p.in("main.odd")
	found := p.inspect(deep.ID)
	if found.ID != deep.ID || found.Size != deep.Size || found.Used != deep.Used || found.State != "chan receive" {
		t.Errorf("it is %+v, and was %+v", found, deep)
	}
	if found.Creator != "main.main" || found.Parent != 1 {
		t.Errorf("created by %s in goroutine %d, want main.main in 1", found.Creator, found.Parent)
	}
	for found.Wait == 0 { // until a garbage collection has seen it wait
		time.Sleep(10 * time.Millisecond)
		found = p.inspect(deep.ID)
	}
	if age := time.Since(p.started); found.Wait < 0 || found.Wait > age {
		t.Errorf("it has waited for %s, and the program has run for %s", found.Wait, age)
	}
	want := []Turn{
		{[]string{"main.odd", "main.even"}, 251}, {[]string{"runtime.chanrecv1"}, 1}, {[]string{"runtime.chanrecv"}, 1}, {[]string{"runtime.gopark"}, 1},
	}
	if !reflect.DeepEqual(found.Turns, want) || found.Frames != 505 || found.Truncated {
		t.Errorf("the stack of %d frames is %v, truncated %t; want %v", found.Frames, found.Turns, found.Truncated, want)
	}
}

func TestAGoroutineThatRunsHasNoStackToInspect(t *testing.T) {
	p := startInspected(t)
	id := p.in("main.spin").ID
	found := p.inspect(id)
	for attempts := 0; found.State != "running" && attempts < 1000; attempts++ { // another had its processor
		found = p.inspect(id)
	}
	if want := []Turn{{[]string{"main.spin", "(running)"}, 1}}; !reflect.DeepEqual(found.Turns, want) || found.Used != -1 || found.State != "running" {
		t.Errorf("it is %+v, want the stack %v", found, want)
	}
}

func TestAGoroutineThatHasEndedCannotBeInspected(t *testing.T) {
	p := startInspected(t)
	id := p.in("main.end").ID
	p.inspect(id)
	if _, err := io.WriteString(p.stdin, "\n"); err != nil {
		t.Fatal(err)
	}
	p.expect("ended\n")
	if found, err := p.Inspect(id); !errors.Is(err, ErrEnded) {
		t.Errorf("inspecting it gives %+v, %v", found, err)
	}
	if found, err := p.Inspect(999_999); !errors.Is(err, ErrEnded) {
		t.Errorf("inspecting one that never was gives %+v, %v", found, err)
	}
	if found, err := p.Inspect(0); !errors.Is(err, ErrEnded) {
		t.Errorf("inspecting goroutine 0 gives %+v, %v", found, err)
	}
}

func TestAProcessThatHasEndedCannotBeInspected(t *testing.T) {
	p := startInspected(t)
	id := p.in("main.odd").ID
	p.end()
	var e *Error
	if found, err := p.Inspect(id); !errors.As(err, &e) || e.Cause != Gone {
		t.Errorf("inspecting a goroutine of it gives %+v, %v", found, err)
	}
}

func TestTurnsAreThePathInFewerLines(t *testing.T) {
	for _, test := range []struct {
		path []nameID
		want []turn
	}{
		{nil, nil},
		{[]nameID{1, 2, 3}, []turn{{[]nameID{1}, 1}, {[]nameID{2}, 1}, {[]nameID{3}, 1}}},
		{[]nameID{1, 1, 1, 2}, []turn{{[]nameID{1}, 3}, {[]nameID{2}, 1}}},
		{[]nameID{0, 1, 2, 1, 2, 1}, []turn{{[]nameID{0}, 1}, {[]nameID{1, 2}, 2}, {[]nameID{1}, 1}}},
		{[]nameID{1, 1, 2, 1, 1, 2}, []turn{{[]nameID{1, 1, 2}, 2}}},
		{[]nameID{1, 2, 3, 4, 1, 2, 3, 4}, []turn{{[]nameID{1, 2, 3, 4}, 2}}},
		{[]nameID{1, 2, 3, 4, 5, 1, 2, 3, 4, 5}, nil}, // too long: as it is
	} {
		got := turns(test.path)
		if test.want == nil {
			for _, n := range test.path {
				test.want = append(test.want, turn{[]nameID{n}, 1})
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%v gives %v, want %v", test.path, got, test.want)
		}
	}
}

func TestNoFrameIsLostInTurns(t *testing.T) {
	random := rand.New(rand.NewSource(11))
	for round := 0; round < 2000; round++ {
		path := make([]nameID, random.Intn(60))
		for i := range path {
			path[i] = nameID(random.Intn(3))
		}
		var again []nameID
		for _, turn := range turns(path) {
			for i := 0; i < turn.times; i++ {
				again = append(again, turn.names...)
			}
		}
		if !slices.Equal(again, path) {
			t.Fatalf("%v became %v", path, again)
		}
	}
}

func TestOfManyTurnsBothEndsAreKept(t *testing.T) {
	var all []turn
	for i := 0; i < 11; i++ {
		all = append(all, turn{[]nameID{nameID(i)}, 1})
	}
	if got := bothEnds(all, 6); len(got) != 11 {
		t.Errorf("11 of at most 12 became %d", len(got))
	}
	kept := bothEnds(all, 2)
	if want := []turn{all[0], all[1], all[9], all[10]}; !reflect.DeepEqual(kept, want) {
		t.Errorf("both ends are %v, want %v", kept, want)
	}
}
