package stackdepth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/cgroupmem"
)

// gather returns the values of the collector's series by "name{label="value",…}", the labels sorted.
func gather(t testing.TB, c prometheus.Collector) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			name := fmt.Sprintf("%s{%s}", f.GetName(), strings.Join(labels, ","))
			if f.GetType() == dto.MetricType_COUNTER {
				values[name] = m.GetCounter().GetValue()
			} else {
				values[name] = m.GetGauge().GetValue()
			}
		}
	}
	return values
}

const here = "github.com/stackpressure/goroutines/collector/stackdepth."

func serve(ready *sync.WaitGroup, done chan struct{}) { handle(ready, done) }

//go:noinline
func handle(ready *sync.WaitGroup, done chan struct{}) {
	ready.Done()
	<-done
}

// start starts goroutines in serve → handle, which end with the test.
func start(t testing.TB, goroutines int) {
	var ready sync.WaitGroup
	done := make(chan struct{})
	ready.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		go serve(&ready, done)
	}
	ready.Wait()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		close(done)
		for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before-goroutines; runtime.Gosched() {
			if time.Now().After(deadline) {
				t.Error("the test's goroutines have not ended within 30 s")
				return
			}
		}
	})
}

// clock is a time that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

func newCollector(c *clock, options ...Option) *collector {
	collector := NewCollector(options...).(*collector)
	collector.now = c.Now
	return collector
}

func TestTheProgramsGoroutinesAreACallTree(t *testing.T) {
	start(t, 40)
	values := gather(t, NewCollector())
	root, child := calltree.NodeID([]string{here + "serve"}), calltree.NodeID([]string{here + "serve", here + "handle"})
	for series, want := range map[string]float64{
		fmt.Sprintf(`goroutine_calltree_goroutines{depth="1",function="%sserve",node="%s",parent=""}`, here, root):           40,
		fmt.Sprintf(`goroutine_calltree_goroutines{depth="2",function="%shandle",node="%s",parent="%s"}`, here, child, root): 40,
		`goroutine_stack_exporter_dropped_nodes{}`:               0,
		`goroutine_stack_exporter_truncated_goroutines{}`:        0,
		`goroutine_stack_exporter_errors_total{cause="profile"}`: 0,
		`goroutine_stack_exporter_errors_total{cause="cgroup"}`:  0,
	} {
		if got, ok := values[series]; !ok || got != want {
			t.Errorf("%s is %v (there: %t), want %v", series, got, ok, want)
		}
	}
	if got := values["goroutine_stack_frames_max{}"]; got < 5 {
		t.Errorf("the deepest stack has %v frames; this test's has more", got)
	}
}

func TestTheRootsSumToTheNumberOfGoroutines(t *testing.T) {
	start(t, 1000)
	var sum float64
	before := runtime.NumGoroutine()
	for series, value := range gather(t, NewCollector()) {
		if strings.HasPrefix(series, `goroutine_calltree_goroutines{depth="1"`) {
			sum += value
		}
	}
	// Gather has some goroutines of its own while it collects.
	if sum < float64(before) || sum > float64(before+10) {
		t.Errorf("the roots sum to %v, and there are %d goroutines", sum, before)
	}
}

func TestScrapesWithinTheIntervalShareOneSnapshot(t *testing.T) {
	start(t, 1)
	clock := &clock{now: time.Unix(1764000000, 0)}
	c := newCollector(clock, WithMinInterval(20*time.Second))
	const taken = "goroutine_stack_exporter_snapshot_timestamp_seconds{}"
	for _, step := range []struct {
		pass time.Duration
		want float64
	}{
		{0, 1764000000},
		{10 * time.Second, 1764000000},
		{9 * time.Second, 1764000019}, // a scrape of every 20 s that comes a little early
		{15 * time.Second, 1764000019},
		{time.Hour, 1764003634},
	} {
		clock.pass(step.pass)
		if got := gather(t, c)[taken]; got != step.want {
			t.Errorf("at %v the snapshot is of %.0f, want %.0f", clock.now.Unix(), got, step.want)
		}
	}
}

func TestConcurrentScrapesTakeOneProfile(t *testing.T) {
	c := NewCollector().(*collector)
	var profiles atomic.Int32
	write := c.writeProfile
	c.writeProfile = func(w io.Writer) error {
		profiles.Add(1)
		time.Sleep(50 * time.Millisecond)
		return write(w)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	var scrapes sync.WaitGroup
	for i := 0; i < 20; i++ {
		scrapes.Add(1)
		go func() {
			defer scrapes.Done()
			if _, err := registry.Gather(); err != nil {
				t.Error(err)
			}
		}()
	}
	scrapes.Wait()
	if got := profiles.Load(); got != 1 {
		t.Errorf("20 scrapes took %d profiles", got)
	}
}

func TestTheDepthMetricIsTheTreeWithoutNodes(t *testing.T) {
	start(t, 7)
	series := fmt.Sprintf(`stack_depth_goroutines_total{depth="2",function="%shandle"}`, here)
	if got := gather(t, NewCollector(WithDepthMetric()))[series]; got != 7 {
		t.Errorf("%s is %v, want 7", series, got)
	}
	if _, ok := gather(t, NewCollector())[series]; ok {
		t.Errorf("%s is there without the option", series)
	}
}

func TestMetricNamesAreThoseThatPrometheusRecommends(t *testing.T) {
	problems, err := testutil.CollectAndLint(NewCollector())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestTheMemoryOfTheCgroupIsExported(t *testing.T) {
	c := NewCollector().(*collector)
	for _, step := range []struct {
		memory cgroupmem.Memory
		ok     bool
		want   map[string]float64
	}{
		{cgroupmem.Memory{Limit: 300, Usage: 200, Unreclaimable: 100}, true, map[string]float64{"limit": 300, "usage": 200, "unreclaimable": 100}},
		{cgroupmem.Memory{Usage: 200, Unreclaimable: 100}, true, map[string]float64{"usage": 200, "unreclaimable": 100}},
		{cgroupmem.Memory{}, false, nil},
	} {
		c.memory = func() (cgroupmem.Memory, bool, error) { return step.memory, step.ok, nil }
		values := gather(t, c)
		for _, figure := range []string{"limit", "usage", "unreclaimable"} {
			got, ok := values["cgroup_memory_"+figure+"_bytes{}"]
			want, wanted := step.want[figure]
			if got != want || ok != wanted {
				t.Errorf("%+v: %s is %v (there: %t), want %v (%t)", step.memory, figure, got, ok, want, wanted)
			}
		}
	}
}

func TestWhatFailsIsLeftOutCountedAndLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	c := NewCollector(WithLogger(slog.New(slog.NewTextHandler(&log, nil)))).(*collector)
	c.writeProfile = func(io.Writer) error { return errors.New("no profile today") }
	c.memory = func() (cgroupmem.Memory, bool, error) {
		return cgroupmem.Memory{}, false, errors.New("no cgroup today")
	}
	gather(t, c)
	values := gather(t, c)
	for _, cause := range []string{"profile", "cgroup"} {
		series := fmt.Sprintf("goroutine_stack_exporter_errors_total{cause=%q}", cause)
		if values[series] != 2 {
			t.Errorf("%s is %v after two failures", series, values[series])
		}
		if n := strings.Count(log.String(), "no "+cause+" today"); n != 1 {
			t.Errorf("the error of the %s is logged %d times:\n%s", cause, n, &log)
		}
	}
	if len(values) != 2 {
		t.Errorf("there are other series than the errors: %v", values)
	}
}

func TestTreesOfLongAndHostileNamesCanBeScraped(t *testing.T) {
	c := NewCollector().(*collector)
	gather(t, c)
	c.last.Tree = calltree.NewBuilder().Build([]calltree.Stack{
		{Functions: []string{"main.\xff", calltree.Dropped, strings.Repeat("x", 5000)}, Goroutines: 1},
		{Functions: []string{"main.\xff", "", "\x00"}, Goroutines: 1},
	}, time.Now())
	if got := len(gather(t, c)); got == 0 {
		t.Error("no series")
	}
}

func BenchmarkCollect(b *testing.B) {
	for _, goroutines := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			start(b, goroutines)
			registry := prometheus.NewRegistry()
			registry.MustRegister(NewCollector(WithMinInterval(0)))
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				if _, err := registry.Gather(); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
		})
	}
}
