package topview

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// looks is a process that looks as it is told: what a test makes up.
type looks struct {
	sample  func(n int, q query) (*sample, error) // the n-th look
	n       int
	queries []query
}

func (l *looks) look(q query) (*sample, error) {
	l.n++
	return l.choose(q)
}

func (l *looks) choose(q query) (*sample, error) {
	l.queries = append(l.queries, q)
	return l.sample(l.n, q)
}

// quick is a look after which the next is soon.
func quick() *sample {
	s := shop()
	s.interval = time.Millisecond
	return s
}

func TestATableIsWrittenWithNamesInFull(t *testing.T) {
	var text strings.Builder
	if err := writeTable(&text, shop(), columnSize); err != nil {
		t.Fatal(err)
	}
	expectGolden(t, "pipe", text.String())
}

func TestThereAreAsManyTablesAsLooksWereAskedFor(t *testing.T) {
	source := &looks{sample: func(int, query) (*sample, error) { return quick(), nil }}
	done := make(chan bool)
	w := startWorker(source, func() { close(done) })
	written := 0
	err := stream(context.Background(), w, query{limit: 7}, 3, func(*sample) error { written++; return nil })
	w.stop()
	<-done
	if err != nil || written != 3 || source.n != 3 || source.queries[2].limit != 7 {
		t.Errorf("%d tables of %d looks, %v, %+v", written, source.n, err, source.queries)
	}
}

func TestAStreamEndsWithTheContextAlsoDuringALook(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	release := make(chan bool)
	source := &looks{sample: func(int, query) (*sample, error) {
		cancel()
		<-release // longer than anybody would wait
		return quick(), nil
	}}
	w := startWorker(source, func() {})
	if err := stream(ctx, w, query{}, 0, func(*sample) error { t.Error("written after the end"); return nil }); err != nil {
		t.Error(err)
	}
	close(release)
	w.stop()
}

func TestAStreamEndsWithTheProcess(t *testing.T) {
	gone := errors.New("process 4711 (shop) has ended")
	source := &looks{sample: func(n int, _ query) (*sample, error) {
		if n == 3 {
			return nil, gone
		}
		return quick(), nil
	}}
	w := startWorker(source, func() {})
	defer w.stop()
	written := 0
	if err := stream(context.Background(), w, query{}, 0, func(*sample) error { written++; return nil }); !errors.Is(err, gone) || written != 2 {
		t.Errorf("after %d tables the error is %v", written, err)
	}
}

func TestAPanicWhileLookingIsAnError(t *testing.T) {
	w := startWorker(&looks{sample: func(int, query) (*sample, error) { panic("out of range") }}, func() {})
	defer w.stop()
	err := stream(context.Background(), w, query{}, 0, func(*sample) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "panicked: out of range") {
		t.Errorf("the error is %v", err)
	}
}

func TestALookAsJSONIsOneLineWithAllThatIsKnown(t *testing.T) {
	var text strings.Builder
	if err := writeJSON(&text, shop(), columnSize); err != nil {
		t.Fatal(err)
	}
	if strings.Count(text.String(), "\n") != 1 || !strings.HasSuffix(text.String(), "}\n") {
		t.Errorf("not one line: %q", text.String())
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(text.String()), &object); err != nil {
		t.Fatal(err)
	}
	top := object["top"].([]any)
	delete(object, "top")
	want := map[string]any{
		"timestamp": "2026-11-25T09:38:07.000Z", "pid": 4711.0, "command": "shop", "go_version": "go1.26.8", "goroutines": 12_345.0,
		"stack_bytes": 101_056_512.0, "stack_used_bytes": 53_687_091.0, "system_stack_bytes": 18_432.0, "dead_stack_bytes": 2_097_152.0,
		"scan_seconds": 0.01234, "interval_seconds": 1.0,
	}
	if !reflect.DeepEqual(object, want) {
		t.Errorf("the process is %v\nwant %v", object, want)
	}
	path := []string{"github.com/acme/shop/internal/worker.(*Pool).run", "runtime.gopark"}
	goroutine := map[string]any{
		"goid": 17.0, "stack_size": 65_536.0, "stack_used": 51_234.0, "growth": 4096.0, "state": "chan receive", "wait_seconds": 192.0,
		"creator": "github.com/acme/shop/internal/worker.(*Pool).Start", "start": path[0], "function": path[0],
		"stack": []any{path[0], path[1]}, "stack_id": calltree.NodeID(path),
	}
	if !reflect.DeepEqual(top[1], goroutine) {
		t.Errorf("the second goroutine is %v\nwant %v", top[1], goroutine)
	}
	for i, absent := range map[int]string{0: "wait_seconds", 3: "creator", 4: "stack_used"} {
		if value, ok := top[i].(map[string]any)[absent]; ok {
			t.Errorf("%s of goroutine %d is not known, and yet %v", absent, i, value)
		}
	}
}

func TestAProcessWithoutGoroutinesHasAnEmptyList(t *testing.T) {
	var text strings.Builder
	if err := writeJSON(&text, &sample{}, columnSize); err != nil || !strings.Contains(text.String(), `"top":[]`) {
		t.Errorf("%s, %v", text.String(), err)
	}
}

func TestATruncatedStackStartsWithASyntheticFrame(t *testing.T) {
	got := goroutineToJSON(goscan.Selected{Goroutine: goscan.Goroutine{Stack: []string{"main.f"}, Truncated: true}})
	if want := []string{"(truncated)", "main.f"}; !reflect.DeepEqual(got.Stack, want) || got.StackID != calltree.NodeID(want) {
		t.Errorf("the stack is %v with the id %s", got.Stack, got.StackID)
	}
}

func TestNamesInJSONAreWhatTheyWereThoughNotSentToTheTerminalRaw(t *testing.T) {
	const name = "main.\x1b[2J\x7f\u009b31m\u202e\U000e0001é世"
	s := shop()
	s.selected[0].Function = name
	var text strings.Builder
	if err := writeJSON(&text, s, columnSize); err != nil {
		t.Fatal(err)
	}
	var object jsonSample
	if err := json.Unmarshal([]byte(text.String()), &object); err != nil {
		t.Fatal(err)
	}
	if got := object.Top[0].Function; got != name {
		t.Errorf("%q became %q", name, got)
	}
}

func TestOptionsThatCannotBeAreRefused(t *testing.T) {
	for want, o := range map[string]Options{
		"one can by id, size, used, growth, state, creator, function": {PID: 1, Sort: "wait"},
		"at least 10ms":                {PID: 1, Interval: time.Microsecond},
		"have to be at least 0":        {PID: 1, Rows: -1},
		"Give its PID, or its name":    {},
		"there is no process 99999999": {PID: 99_999_999},
	} {
		if err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v gives the error %v, want one that says %q", o, err, want)
		}
	}
}
