//go:build amd64 || arm64

package agent

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stackpressure/goroutines/collector/internal/cgroupmem"
	"github.com/stackpressure/goroutines/collector/internal/discovery"
	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes"
)

// build returns the executable of a program in testdata.
func build(t *testing.T, folder, name string, flags ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), name)
	arguments := append(append([]string{"build", "-o", binary}, flags...), folder)
	if output, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return binary
}

// program is a running one.
type program struct {
	t       *testing.T
	command *exec.Cmd
	input   io.Writer
	output  *bufio.Scanner
}

func start(t *testing.T, binary string, arguments ...string) *program {
	t.Helper()
	p := &program{t: t, command: exec.Command(binary, arguments...)}
	var err error
	if p.input, err = p.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	p.output = bufio.NewScanner(output)
	t.Cleanup(p.end)
	p.waitFor("ready")
	return p
}

func (p *program) end() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

func (p *program) waitFor(line string) {
	p.t.Helper()
	for p.output.Scan() {
		if p.output.Text() == line {
			return
		}
	}
	p.t.Fatalf("the program ended without saying %q", line)
}

// stage is an agent whose rounds the test makes, so that nothing depends on time.
type stage struct {
	t        *testing.T
	agent    *Agent
	registry *prometheus.Registry
	log      *bytes.Buffer
}

func newStage(t *testing.T, options Options, include string) *stage {
	t.Helper()
	s := &stage{t: t, registry: prometheus.NewRegistry(), log: &bytes.Buffer{}}
	filter, err := discovery.ParseFilter(include)
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	options.Finder, err = discovery.New(discovery.Options{Host: "web-1", Include: []discovery.Filter{filter}, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = options.Finder.Close() })
	options.Proc, options.Cgroups = "/proc", cgroupmem.Reader{Proc: "/proc"}
	options.CPUShare, options.Interval = 1000, time.Nanosecond // each round reads
	options.Logger, options.Registerer = logger, s.registry
	s.agent = New(options)
	return s
}

func (s *stage) round() { s.agent.round(context.Background()) }

func (s *stage) probe(query string) (status int, body string) {
	s.t.Helper()
	recorder := httptest.NewRecorder()
	s.agent.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/probe?"+query, nil))
	return recorder.Code, recorder.Body.String()
}

// metrics returns the answer about a process.
func (s *stage) metrics(pid int) string {
	s.t.Helper()
	status, body := s.probe("process=" + id(s.t, pid))
	if status != http.StatusOK {
		s.t.Fatalf("status %d: %s", status, body)
	}
	return body
}

// id is the process as /probe?process= has it.
func id(t *testing.T, pid int) string {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // from the third on
	return fmt.Sprintf("%d-%s", pid, fields[22-3])
}

// value returns the value of the first series that starts like that.
func value(t *testing.T, metrics, series string) float64 {
	t.Helper()
	match := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + `.* (\S+)$`).FindStringSubmatch(metrics)
	if match == nil {
		t.Fatalf("no series %s in\n%s", series, metrics)
	}
	n, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAProcessIsReadFromOutside(t *testing.T) {
	leak := start(t, build(t, "./testdata/leak", "leak-read", "-ldflags=-s -w"), "300")
	s := newStage(t, Options{}, "leak-read")
	const all = `goroutine_wait_goroutines{reason="select (no cases)"} 301`
	for s.round(); !strings.Contains(s.metrics(leak.command.Process.Pid), all); s.round() { // the last is about to park
	}
	metrics := s.metrics(leak.command.Process.Pid)
	for series, want := range map[string]float64{
		"probe_success": 1,
		`goroutine_calltree_goroutines{depth="1",function="main.leak"`:    300,
		`goroutine_calltree_stack_bytes{depth="1",function="main.leak"`:   300 * 2048,
		`goroutine_calltree_goroutines{depth="2",function="main.descend"`: 1,
		`goroutine_stack_top_bytes{function="main.deep",rank="1"}`:        256 << 10,
		`goroutine_stack_size_goroutines{size="262144"}`:                  1,
		`goroutine_wait_goroutines{reason="select (no cases)"}`:           301,
		`goroutine_stack_exporter_dropped_nodes`:                          0,
	} {
		if got := value(t, metrics, series); got != want {
			t.Errorf("%s is %v, want %v", series, got, want)
		}
	}
	if frames := value(t, metrics, "goroutine_stack_frames_max"); frames < 1001 {
		t.Errorf("the deepest stack has %v frames, want more than 1,000", frames)
	}
	if strings.Contains(metrics, "goroutine_stack_grows_total") {
		t.Error("growth is exported though nothing counts it")
	}
	if _, ok, err := (cgroupmem.Reader{Proc: "/proc"}).Process(leak.command.Process.Pid); err != nil {
		t.Error(err)
	} else if ok != strings.Contains(metrics, "\ncgroup_memory_usage_bytes ") {
		t.Errorf("the memory of its cgroup is accounted: %t, but the metrics are\n%s", ok, metrics)
	}
}

func TestAContainersProcessIsTheFirstThatWasStarted(t *testing.T) {
	binary := build(t, "./testdata/leak", "leak-in-container")
	first := start(t, binary, "10")
	start(t, binary, "20")
	s := newStage(t, Options{}, "leak-in-container")
	s.round()
	container := strings.Repeat("4e5f", 16)
	for _, p := range s.agent.all() {
		found := *p.found
		found.Labels = map[string]string{"container_id": container}
		if found.PID == first.command.Process.Pid {
			found.StartTime--
		}
		p.found = &found
	}
	for _, id := range []string{container, "containerd://" + container} {
		status, body := s.probe("container_id=" + id)
		if status != http.StatusOK {
			t.Fatalf("status %d: %s", status, body)
		}
		if got := value(t, body, `goroutine_calltree_goroutines{depth="1",function="main.leak"`); got != 10 {
			t.Errorf("%s has %v leaks, want 10", id, got)
		}
	}
	if status, _ := s.probe("container_id=" + strings.Repeat("0", 64)); status != http.StatusNotFound {
		t.Errorf("an unknown container is answered with %d, want 404", status)
	}
}

func TestOnlyProcessesThatTheAgentFoundAreAnswered(t *testing.T) {
	leak := start(t, build(t, "./testdata/leak", "leak-left-out"), "1")
	s := newStage(t, Options{}, "another-name")
	s.round()
	for query, want := range map[string]int{
		"":                         http.StatusBadRequest,
		"target=127.0.0.1:6060":    http.StatusBadRequest,
		"process=1-1":              http.StatusNotFound,
		"process=../../etc/passwd": http.StatusNotFound,
		"process=" + id(t, leak.command.Process.Pid): http.StatusNotFound,
		"process=" + id(t, os.Getpid()):              http.StatusNotFound,
	} {
		if status, body := s.probe(query); status != want {
			t.Errorf("/probe?%s is answered with %d, want %d: %s", query, status, want, body)
		}
	}
}

func TestProbesAndScrapesDoNotDisturbTheReading(t *testing.T) {
	leak := start(t, build(t, "./testdata/leak", "leak-disturbed"), "100")
	s := newStage(t, Options{}, "leak-disturbed")
	s.round()
	query := "process=" + id(t, leak.command.Process.Pid)
	done := make(chan struct{})
	for i := 0; i < 2; i++ {
		go func() {
			defer func() { done <- struct{}{} }()
			for j := 0; j < 50; j++ {
				if status, body := s.probe(query); status != http.StatusOK || !strings.Contains(body, "\nprobe_success 1\n") {
					t.Errorf("status %d: %s", status, body)
				}
				if _, err := s.registry.Gather(); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	for ended := 0; ended < 2; {
		select {
		case <-done:
			ended++
		default:
			s.round()
		}
	}
}

func TestAProcessThatEndsIsForgotten(t *testing.T) {
	leak := start(t, build(t, "./testdata/leak", "leak-ends"), "1")
	s := newStage(t, Options{}, "leak-ends")
	s.round()
	name := id(t, leak.command.Process.Pid)
	leak.end()
	s.round()
	if status, _ := s.probe("process=" + name); status != http.StatusNotFound {
		t.Errorf("an ended process is answered with %d, want 404", status)
	}
}

func TestTheTreeOfAProgramThatLinksTheLibraryIsLeftToIt(t *testing.T) {
	binary := build(t, "./testdata/linked", "leak-linked")
	linked := start(t, binary)
	for _, force := range []bool{false, true} {
		s := newStage(t, Options{ForceTrees: force}, "leak-linked")
		s.round()
		metrics := s.metrics(linked.command.Process.Pid)
		for _, name := range []string{"goroutine_calltree_goroutines", "goroutine_calltree_stack_bytes", "goroutine_stack_frames_max"} {
			if got := strings.Contains(metrics, "\n"+name); got != force {
				t.Errorf("with ForceTrees %t, %s is exported: %t", force, name, got)
			}
		}
		if value(t, metrics, "goroutine_stack_top_bytes{") == 0 {
			t.Error("what only the agent knows is missing")
		}
	}
}

func TestAProcessOfAnUnknownVersionIsSkippedWithTheReason(t *testing.T) {
	binary := build(t, "./testdata/leak", "leak-unknown", "-ldflags=-s -w")
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`go1\.[0-9]+`)
	// The build information has the version; as long as before, so that nothing moves.
	faked := version.ReplaceAllFunc(program, func(v []byte) []byte { return append([]byte("go1."), bytes.Repeat([]byte("9"), len(v)-4)...) })
	if err := os.WriteFile(binary, faked, 0o755); err != nil {
		t.Fatal(err)
	}
	unknown := start(t, binary, "1")
	s := newStage(t, Options{}, "leak-unknown")
	s.round()
	metrics := s.metrics(unknown.command.Process.Pid)
	for series, want := range map[string]float64{
		"probe_success": 0,
		`goroutine_stack_exporter_probe_error{cause="unsupported_version"}`: 1,
	} {
		if got := value(t, metrics, series); got != want {
			t.Errorf("%s is %v, want %v", series, got, want)
		}
	}
	if strings.Contains(metrics, "goroutine_calltree") {
		t.Error("there is a tree")
	}
	if !strings.Contains(s.log.String(), "supported are Go 1.22") {
		t.Errorf("the log does not tell what is supported:\n%s", s.log)
	}
	own, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(fmt.Sprint(own), `value:"unsupported_version"`) {
		t.Error("the agent's own metrics do not count it")
	}
}

func TestGrowthAndChurnAreCountedByFunction(t *testing.T) {
	probes, err := runtimeprobes.New(runtimeprobes.Options{Window: time.Second, Period: time.Second, HitsPerSecond: 1e9})
	if err != nil {
		t.Skipf("this machine lets nobody attach uprobes: %v", err)
	}
	defer probes.Close()
	leak := start(t, build(t, "./testdata/leak", "leak-counted"), "0")
	s := newStage(t, Options{Probes: probes, Churn: true}, "leak-counted")
	s.round()
	if metrics := s.metrics(leak.command.Process.Pid); value(t, metrics, `goroutine_stack_exporter_uprobes_attached{kind="growth"}`) != 1 {
		t.Fatalf("the probes are not attached:\n%s", metrics)
	}
	fmt.Fprintln(leak.input, 500)
	leak.waitFor("started 500")
	const created, ended = `goroutine_creations_total{function="main.start"}`, `goroutine_exits_total{function="main.start"}`
	metrics := s.metrics(leak.command.Process.Pid)
	// A goroutine that has told that it is about to end may take its time.
	for ; value(t, metrics, ended) < 500; metrics = s.metrics(leak.command.Process.Pid) {
		time.Sleep(10 * time.Millisecond)
	}
	for _, series := range []string{created, ended} {
		if got := value(t, metrics, series); got != 500 {
			t.Errorf("%s is %v, want 500", series, got)
		}
	}
}
