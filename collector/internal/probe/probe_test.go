package probe

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/stackpressure/goroutines/collector/internal/config"
	"github.com/stackpressure/goroutines/collector/internal/scrape"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// exporter is a Prober behind a real HTTP server, with what it logged and counted.
type exporter struct {
	*Prober
	t        *testing.T
	url      string
	logged   *lockedBuffer
	registry *prometheus.Registry
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// startExporter starts one with that configuration file, or without one if it is empty.
func startExporter(t *testing.T, configuration string, change ...func(*Options)) *exporter {
	t.Helper()
	e := &exporter{t: t, logged: &lockedBuffer{}, registry: prometheus.NewPedanticRegistry()}
	options := Options{
		CacheLifetime: 10 * time.Second,
		TimeoutOffset: 500 * time.Millisecond,
		MaxTargets:    100,
		Logger:        slog.New(slog.NewTextHandler(e.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Registerer:    e.registry,
	}
	for _, f := range change {
		f(&options)
	}
	e.Prober = New(options)
	e.apply(configuration)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

func (e *exporter) apply(configuration string) {
	e.t.Helper()
	c := config.Loopback()
	if configuration != "" {
		file := filepath.Join(e.t.TempDir(), "config.yml")
		if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
			e.t.Fatal(err)
		}
		var err error
		if c, err = config.Load(file); err != nil {
			e.t.Fatal(err)
		}
	}
	if err := e.Apply(c); err != nil {
		e.t.Fatal(err)
	}
}

// probe asks as Prometheus does, with a scrape time-out of 3 s unless the header says another.
func (e *exporter) probe(ctx context.Context, target string, header ...string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+"/probe?target="+url.QueryEscape(target), nil)
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "3")
	for i := 0; i < len(header); i += 2 {
		if header[i] == "query" {
			request.URL.RawQuery += "&" + header[i+1]
			continue
		}
		request.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// mustProbe returns the answer's text, whose status has to be 200.
func (e *exporter) mustProbe(target string, header ...string) string {
	e.t.Helper()
	status, body, err := e.probe(context.Background(), target, header...)
	if err != nil || status != http.StatusOK {
		e.t.Fatalf("HTTP %d, %v: %s", status, err, body)
	}
	return body
}

func (e *exporter) succeeds(target string, header ...string) string {
	e.t.Helper()
	body := e.mustProbe(target, header...)
	if !strings.Contains(body, "\nprobe_success 1\n") || !strings.Contains(body, "\ngoroutine_calltree_goroutines{") {
		e.t.Fatalf("the probe of %s did not succeed: %s\nlog: %s", target, body, e.logged)
	}
	return body
}

// failsWith holds for every failure: HTTP 200, probe_success 0, the cause, no tree, and a log line and a debug output
// that name the target and say what is in says.
func (e *exporter) failsWith(want cause, target, says string, header ...string) {
	e.t.Helper()
	body := e.mustProbe(target, header...)
	for _, line := range []string{
		"\nprobe_success 0\n", fmt.Sprintf("\ngoroutine_stack_exporter_probe_error{cause=%q} 1\n", want), "\nprobe_duration_seconds ",
	} {
		if !strings.Contains(body, line) {
			e.t.Errorf("%s: %q is not in\n%s", target, line, body)
		}
	}
	if strings.Contains(body, "goroutine_calltree") || strings.Contains(body, "goroutine_stack_frames_max") {
		e.t.Errorf("%s: a failed probe has a call tree:\n%s", target, body)
	}
	debug := e.mustProbe(target, append(header, "query", "debug=true")...)
	for where, text := range map[string]string{"log": e.logged.String(), "debug output": debug} {
		if !regexp.MustCompile("level=(WARN|DEBUG).*" + regexp.QuoteMeta(target) + ".*" + regexp.QuoteMeta(says)).MatchString(text) {
			e.t.Errorf("%s: the %s does not say %q:\n%s", target, where, says, text)
		}
	}
}

// serve starts a target, and checks at the end of the test that the exporter left no connection to it.
func serve(t *testing.T, handler http.HandlerFunc) (target string) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	watchConnections(t, server)
	server.Start()
	return strings.TrimPrefix(server.URL, "http://")
}

func watchConnections(t *testing.T, server *httptest.Server) {
	var open atomic.Int64
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
	}
	t.Cleanup(func() {
		eventually(t, "all connections to the target are closed", func() bool { return open.Load() == 0 })
		server.Close()
	})
}

func eventually(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !reached(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

// ownProfile answers with the goroutine profile of the test itself.
func ownProfile(w http.ResponseWriter, _ *http.Request) {
	_ = pprof.Lookup("goroutine").WriteTo(w, 0)
}

// startParked runs a Go program that knows nothing of the exporter.
func startParked(t *testing.T) (target string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "parked")
	if output, err := exec.Command("go", "build", "-o", binary, "./testdata/parked").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	command := exec.Command(binary)
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
			t.Errorf("the target: %v", err)
		}
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

func TestAGoProgramGivesItsCallTree(t *testing.T) {
	target := startParked(t)
	e := startExporter(t, "")
	body := e.succeeds(target)
	node := regexp.MustCompile(`goroutine_calltree_goroutines\{depth="(\d+)",function="([^"]+)",node="(\w{13})",parent="(\w*)"\} (\d+)`)
	byFunction := map[string][]string{}
	for _, match := range node.FindAllStringSubmatch(body, -1) {
		byFunction[match[2]] = match
	}
	work, park := byFunction["main.work"], byFunction["main.park"]
	if work == nil || park == nil {
		t.Fatalf("main.work and main.park are not both in\n%s", body)
	}
	if work[1] != "1" || work[4] != "" || work[5] != "25" {
		t.Errorf("main.work is %v, want depth 1, no parent, 25 goroutines", work)
	}
	if park[1] != "2" || park[4] != work[3] || park[5] != "25" {
		t.Errorf("main.park is %v, want depth 2, the parent %s, 25 goroutines", park, work[3])
	}
	for _, name := range []string{"goroutine_stack_frames_max", "goroutine_stack_exporter_snapshot_timestamp_seconds"} {
		if !regexp.MustCompile(`\n` + name + ` [1-9]`).MatchString(body) {
			t.Errorf("%s is not in\n%s", name, body)
		}
	}
}

func TestAnswersAreGoodPrometheusMetrics(t *testing.T) {
	e := startExporter(t, "")
	target := serve(t, ownProfile)
	e.succeeds(target)
	e.failsWith(connect, "127.0.0.1:1", "connection refused")
	tree, _ := e.read(deadline(t), (*e.modules.Load())["default"], mustParseTarget(t, target), time.Second, time.Hour)
	for name, a := range map[string]answer{
		"success": {reading: tree},
		"failure": {reading: reading{failure: failed(timedOut, "")}},
	} {
		problems, err := testutil.CollectAndLint(a)
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %v", name, problems, err)
		}
	}
	problems, err := testutil.GatherAndLint(e.registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("the exporter's own: %v %v", problems, err)
	}
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func mustParseTarget(t *testing.T, text string) config.Target {
	t.Helper()
	target, err := config.ParseTarget(text)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestRequestsThatCannotBeMeantAre400AndForbiddenTargets403(t *testing.T) {
	e := startExporter(t, "")
	for _, c := range []struct {
		target string
		header []string
		status int
		says   string
	}{
		{target: "", status: 400, says: "target is missing"},
		{target: "localhost", status: 400, says: "is not host:port"},
		{target: "http://localhost:80", status: 400, says: "give host:port"},
		{target: "localhost:80/debug/pprof/heap", status: 400, says: "not a number"},
		{target: "user:secret@localhost:80", status: 400, says: "is not host:port"},
		{target: "localhost#:80", status: 400, says: "neither an IP address nor a host name"},
		{target: "localhost:80", header: []string{"query", "module=other"}, status: 400, says: `no module "other"`},
		{target: "localhost:80", header: []string{"X-Prometheus-Scrape-Timeout-Seconds", "soon"}, status: 400, says: "number of seconds"},
		{target: "localhost:80", header: []string{"X-Prometheus-Scrape-Timeout-Seconds", "-1"}, status: 400, says: "number of seconds"},
		{target: "localhost:80", header: []string{"X-Prometheus-Scrape-Timeout-Seconds", "NaN"}, status: 400, says: "number of seconds"},
		{target: "10.1.2.3:80", status: 403, says: "--config.file"},
		{target: "169.254.169.254:80", status: 403, says: "not allowed"},
		{target: "0.0.0.0:80", status: 403, says: "not allowed"},
		{target: "[::]:80", status: 403, says: "not allowed"},
		{target: "[::ffff:10.1.2.3]:80", status: 403, says: "not allowed"},
		{target: "example.com:80", status: 403, says: "not allowed"},
		{target: "localhost.example.com:80", status: 403, says: "not allowed"},
	} {
		status, body, err := e.probe(context.Background(), c.target, c.header...)
		if err != nil || status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: HTTP %d %q (%v), want %d and %q", c.target, status, body, err, c.status, c.says)
		}
	}
}

func TestWhatIsNoProfileIsAClearFailure(t *testing.T) {
	e := startExporter(t, "")
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		cause   cause
		says    string
	}{
		"HTML page": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Welcome") }, notAProfile, "HTML page"},
		"garbage":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "\xff\xff\xff\xff") }, notAProfile, "no protocol buffer"},
		"nothing":   {func(http.ResponseWriter, *http.Request) {}, notAProfile, "got nothing"},
		"heap": {func(w http.ResponseWriter, _ *http.Request) { _ = pprof.Lookup("heap").WriteTo(w, 0) },
			notAProfile, "alloc_space"},
		"text form": {func(w http.ResponseWriter, _ *http.Request) { _ = pprof.Lookup("goroutine").WriteTo(w, 1) },
			notAProfile, "text form"},
		"404": {http.NotFound, notFound, "import net/http/pprof"},
		"500": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, httpStatus, "HTTP 500"},
		"403": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, unauthorized, "http_client_config"},
		"hangs up": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "half")
		}, connection, "broke"},
	} {
		t.Run(name, func(t *testing.T) {
			target := serve(t, c.handler)
			e := &exporter{Prober: e.Prober, t: t, url: e.url, logged: e.logged}
			e.failsWith(c.cause, target, c.says)
		})
	}
}

func TestATargetThatIsDownIsAClearFailure(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := listener.Addr().String()
	listener.Close()
	startExporter(t, "").failsWith(connect, target, "connection refused")
}

func TestAnotherProtocolIsAClearFailure(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			fmt.Fprint(conn, "-ERR unknown command 'GET'\r\n")
			conn.Close()
		}
	}()
	e := startExporter(t, "")
	e.failsWith(connection, listener.Addr().String(), "not HTTP")
	listener.Close()
	<-done
}

func TestATargetThatIsTooSlowIsGivenUpAtTheScrapeTimeout(t *testing.T) {
	givenUp := make(chan struct{}, 2)
	slow := func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		givenUp <- struct{}{}
	}
	slowBody := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "\x1f\x8b")
		w.(http.Flusher).Flush()
		slow(w, r)
	}
	e := startExporter(t, "")
	for _, handler := range []http.HandlerFunc{slow, slowBody} {
		e.failsWith(timedOut, serve(t, handler), "within 500ms: raise scrape_timeout", "X-Prometheus-Scrape-Timeout-Seconds", "1")
		<-givenUp
		<-givenUp
	}
}

func TestTheModulesTimeoutIsTheLongest(t *testing.T) {
	e := startExporter(t, "modules: {default: {timeout: 200ms}}")
	target := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	e.failsWith(timedOut, target, "within 200ms", "X-Prometheus-Scrape-Timeout-Seconds", "60")
}

func TestTheScrapeTimeoutLessTheOffset(t *testing.T) {
	for _, c := range []struct {
		header string
		want   time.Duration
	}{
		{"10", 9500 * time.Millisecond},
		{"1.5", time.Second},
		{"0.6", 300 * time.Millisecond},
	} {
		got, err := scrape.Timeout(http.Header{"X-Prometheus-Scrape-Timeout-Seconds": {c.header}}, 500*time.Millisecond)
		if err != nil || got != c.want {
			t.Errorf("%s s: %s, %v, want %s", c.header, got, err, c.want)
		}
	}
}

func TestTwoProbesAtOnceCostOneProfile(t *testing.T) {
	var profiles atomic.Int64
	begun, proceed := make(chan struct{}), make(chan struct{})
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		profiles.Add(1)
		close(begun)
		<-proceed
		ownProfile(w, r)
	})
	e := startExporter(t, "", func(o *Options) { o.CacheLifetime = 0 })
	bodies := make(chan string, 2)
	ask := func() {
		_, body, _ := e.probe(context.Background(), target)
		bodies <- body
	}
	go ask()
	<-begun
	go ask()
	eventually(t, "both wait for the same flight", func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.targets[key{"default", mustParseTarget(t, target)}].flight.waiting == 2
	})
	close(proceed)
	first, second := <-bodies, <-bodies
	if profiles.Load() != 1 {
		t.Errorf("%d profiles were read", profiles.Load())
	}
	withoutDuration := regexp.MustCompile(`probe_duration_seconds .*`)
	if first, second = withoutDuration.ReplaceAllString(first, ""), withoutDuration.ReplaceAllString(second, ""); first != second {
		t.Errorf("the answers differ:\n%s\n%s", first, second)
	}
	if !strings.Contains(first, "probe_success 1") {
		t.Error(first)
	}
}

func TestReplicasShareAProfileButNoScrapeGetsTheOneBefore(t *testing.T) {
	var profiles atomic.Int64
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		profiles.Add(1)
		ownProfile(w, r)
	})
	e := startExporter(t, "")
	// Two replicas with a scrape interval and time-out of 3 s: the cache lasts as long as a probe may take.
	timeout := []string{"X-Prometheus-Scrape-Timeout-Seconds", "3"}
	e.succeeds(target, timeout...)
	e.succeeds(target, timeout...)
	if profiles.Load() != 1 {
		t.Errorf("two scrapes in quick succession took %d profiles", profiles.Load())
	}
	time.Sleep(2600 * time.Millisecond)
	e.succeeds(target, timeout...)
	if profiles.Load() != 2 {
		t.Errorf("%d profiles after the next scrape, want 2", profiles.Load())
	}
	if got := testutil.ToFloat64(e.metrics.probes.WithLabelValues(byCache)); got != 1 {
		t.Errorf("%g probes were answered from the cache, want 1", got)
	}
}

func TestAFailureIsNotCached(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			w.WriteHeader(500)
			return
		}
		ownProfile(w, r)
	})
	e := startExporter(t, "")
	e.failsWith(httpStatus, target, "HTTP 500")
	broken.Store(false)
	e.succeeds(target)
	if got := strings.Count(e.logged.String(), "level=WARN"); got != 1 {
		t.Errorf("two equal failures were logged %d times as warnings, want once:\n%s", got, e.logged)
	}
	if !strings.Contains(e.logged.String(), `level=INFO msg="Probe succeeded again"`) {
		t.Errorf("the recovery was not logged:\n%s", e.logged)
	}
}

func TestWhenAllWhoAskHaveGoneTheTargetIsLeftInPeace(t *testing.T) {
	begun, givenUp := make(chan struct{}), make(chan struct{})
	var requests atomic.Int64
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 1 {
			ownProfile(w, r)
			return
		}
		close(begun)
		<-r.Context().Done()
		close(givenUp)
	})
	e := startExporter(t, "")
	ctx, cancel := context.WithCancel(context.Background())
	returned := make(chan struct{})
	go func() {
		_, _, _ = e.probe(ctx, target, "X-Prometheus-Scrape-Timeout-Seconds", "60")
		close(returned)
	}()
	<-begun
	cancel()
	select {
	case <-givenUp:
	case <-time.After(30 * time.Second):
		t.Fatal("the request to the target goes on although nobody waits for it")
	}
	<-returned
	e.succeeds(target)
}

func TestNoMoreTargetsThanThereIsRoomFor(t *testing.T) {
	e := startExporter(t, "", func(o *Options) { o.MaxTargets = 2 })
	first, second, third := serve(t, ownProfile), serve(t, ownProfile), serve(t, ownProfile)
	e.succeeds(first)
	// Addresses where nothing is do not take the room of those where something is.
	e.failsWith(connect, "127.0.0.1:1", "refused")
	e.failsWith(connect, "127.0.0.1:2", "refused")
	e.succeeds(second)
	e.failsWith(overloaded, third, "raise it")

	e.mu.Lock()
	for k, s := range e.targets {
		if k.target == mustParseTarget(t, first) {
			s.asked = time.Now().Add(-forgetAfter - time.Second)
		}
	}
	e.sweep(time.Now())
	e.mu.Unlock()
	e.succeeds(third)
}

func TestANewConfigurationIsUsedAtOnceAndABadOneNotAtAll(t *testing.T) {
	e := startExporter(t, "modules: {default: {path: /old}}")
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/old" {
			http.NotFound(w, r)
			return
		}
		ownProfile(w, r)
	})
	e.succeeds(target)
	bad := config.Loopback()
	bad.Modules["default"].HTTPClientConfig.TLSConfig.CAFile = "/does/not/exist"
	if err := e.Apply(bad); err == nil || !strings.Contains(err.Error(), "/does/not/exist") || !strings.Contains(err.Error(), "default") {
		t.Errorf("Apply returned %v, want an error that names module and file", err)
	}
	e.succeeds(target)
	e.apply("modules: {default: {path: /new}}")
	e.failsWith(notFound, target, "nothing at /new")
	e.apply("modules: {default: {targets: ['other:1']}}")
	if status, body, _ := e.probe(context.Background(), target); status != http.StatusForbidden {
		t.Errorf("HTTP %d for a target that is not allowed any more: %s", status, body)
	}
}

func TestAProbeUnderWayIsNotSharedAcrossConfigurations(t *testing.T) {
	begun, proceed := make(chan struct{}), make(chan struct{})
	var paths []string // one request at a time
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if paths = append(paths, r.URL.Path); len(paths) == 1 {
			close(begun)
			<-proceed
		}
		ownProfile(w, r)
	})
	e := startExporter(t, "modules: {default: {path: /old}}")
	answers := make(chan string, 2)
	ask := func() {
		_, body, _ := e.probe(context.Background(), target)
		answers <- body
	}
	go ask()
	<-begun
	e.apply("modules: {default: {path: /new}}")
	go ask()
	time.Sleep(50 * time.Millisecond) // it would be wrong if it asked meanwhile
	close(proceed)
	for i := 0; i < 2; i++ {
		if body := <-answers; !strings.Contains(body, "\nprobe_success 1\n") {
			t.Error(body)
		}
	}
	if strings.Join(paths, " ") != "/old /new" {
		t.Errorf("the target was asked for %s, want /old, and then /new", paths)
	}
}

func TestManyProbesOfManyTargets(t *testing.T) {
	e := startExporter(t, "", func(o *Options) { o.CacheLifetime = time.Millisecond })
	var targets []string
	for i := 0; i < 8; i++ {
		targets = append(targets, serve(t, ownProfile))
	}
	var wg sync.WaitGroup
	for i := 0; i < 64; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			status, body, err := e.probe(context.Background(), targets[i%len(targets)], "X-Prometheus-Scrape-Timeout-Seconds", "30")
			if err != nil || status != 200 || !strings.Contains(body, "\nprobe_success 1\n") {
				t.Errorf("HTTP %d, %v: %.200s", status, err, body)
			}
		}()
	}
	wg.Wait()
	want := `
# HELP goroutine_stack_exporter_targets Targets that were probed in the last 15 minutes.
# TYPE goroutine_stack_exporter_targets gauge
goroutine_stack_exporter_targets 8
# HELP goroutine_stack_exporter_targets_up Of these, targets whose last profile could be read.
# TYPE goroutine_stack_exporter_targets_up gauge
goroutine_stack_exporter_targets_up 8
`
	if err := testutil.GatherAndCompare(e.registry, strings.NewReader(want),
		"goroutine_stack_exporter_targets", "goroutine_stack_exporter_targets_up"); err != nil {
		t.Error(err)
	}
}
