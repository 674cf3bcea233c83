package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests run the exporter as its own process: this test binary with asExporter set.
const asExporter = "RUN_AS_GOROUTINE_STACK_EXPORTER"

func TestMain(m *testing.M) {
	if os.Getenv(asExporter) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func exporterCommand(arguments ...string) *exec.Cmd {
	command := exec.Command(os.Args[0], arguments...)
	command.Env = append(os.Environ(), asExporter+"=1")
	return command
}

// process is a running exporter.
type process struct {
	t       *testing.T
	command *exec.Cmd
	address string
	log     chan string // a line each
}

// start waits until the exporter listens at a free port.
func start(t *testing.T, arguments ...string) *process {
	t.Helper()
	p := &process{t: t, log: make(chan string, 1000)}
	p.command = exporterCommand(append([]string{"--web.listen-address=127.0.0.1:0"}, arguments...)...)
	stderr, err := p.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.command.Process.Kill() }) // an error says that it ended before, as it should
	go func() {
		defer close(p.log)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			p.log <- lines.Text()
		}
	}()
	p.address = p.logs(`msg="Listening on" address=(\S+)`)[1]
	return p
}

// logs waits for a line of that pattern and returns its groups.
func (p *process) logs(pattern string) []string {
	p.t.Helper()
	expression := regexp.MustCompile(pattern)
	timeout := time.After(30 * time.Second)
	for {
		select {
		case line, open := <-p.log:
			if !open {
				p.t.Fatalf("the exporter ended without a line like %s", pattern)
			}
			if match := expression.FindStringSubmatch(line); match != nil {
				return match
			}
		case <-timeout:
			p.t.Fatalf("no line like %s within 30 s", pattern)
		}
	}
}

func (p *process) get(path string) (status int, body string) {
	p.t.Helper()
	return p.do(http.MethodGet, path)
}

func (p *process) do(method, path string) (status int, body string) {
	p.t.Helper()
	request, err := http.NewRequest(method, "http://"+p.address+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func (p *process) ends(signal os.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	p.logs("Ending, when probes under way are answered")
	for range p.log {
	}
	if err := p.command.Wait(); err != nil {
		p.t.Errorf("the exporter ended with %v", err)
	}
}

func TestTheExporterAnswersAndEnds(t *testing.T) {
	p := start(t)
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		// The exporter is a Go process that serves its profile, so it can be its own target.
		{"/probe?target=" + p.address, 200, "\nprobe_success 1\n"},
		{"/probe?target=" + p.address, 200, `function="main.main"`},
		{"/probe?target=10.0.0.1:80", 403, "--config.file"},
		{"/probe", 400, "target is missing"},
		{"/metrics", 200, `goroutine_stack_exporter_probes_total{source="profile"} 1`},
		{"/metrics", 200, "\ngoroutine_stack_exporter_build_info{"},
		{"/metrics", 200, "\ngoroutine_stack_exporter_config_last_reload_successful 1\n"},
		{"/metrics", 200, "\nprocess_cpu_seconds_total "},
		{"/metrics", 200, "\ngo_goroutines "},
		{"/metrics", 200, `goroutine_stack_exporter_probe_requests_total{code="403"} 1`},
		{"/-/healthy", 200, "Healthy"},
		{"/-/reload", 405, "POST"},
		{"/", 200, `action="/probe"`},
		{"/nowhere", 404, "not found"},
	} {
		if status, body := p.get(c.path); status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: HTTP %d, want %d and %q in\n%s", c.path, status, c.status, c.says, body)
		}
	}
	p.ends(syscall.SIGTERM)
}

func TestFlagsMoveThePaths(t *testing.T) {
	p := start(t, "--web.telemetry-path=/own", "--log.format=logfmt", "--log.level=debug")
	if status, _ := p.get("/own"); status != 200 {
		t.Errorf("--web.telemetry-path is HTTP %d", status)
	}
	if status, _ := p.get("/metrics"); status != 404 {
		t.Errorf("/metrics is HTTP %d although the path is another", status)
	}
	p.ends(os.Interrupt)
}

func TestABadConfigurationLeavesTheOneBeforeInUse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "exporter.yml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("modules: {first: {}}")
	p := start(t, "--config.file="+file)
	moduleIs := func(name string, status int) {
		t.Helper()
		if got, body := p.get("/probe?module=" + name + "&target=" + p.address); got != status {
			t.Errorf("module %s: HTTP %d, want %d: %s", name, got, status, body)
		}
	}
	hangUp := func() {
		t.Helper()
		if err := p.command.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	moduleIs("first", 200)

	write("modules:\n  second: {}\n  third: {tragets: []}")
	hangUp()
	p.logs("level=ERROR.*exporter.yml.*line 3: field tragets not found")
	moduleIs("first", 200)
	moduleIs("second", 400)
	if _, body := p.get("/metrics"); !strings.Contains(body, "\ngoroutine_stack_exporter_config_last_reload_successful 0\n") {
		t.Error("the metrics do not tell of the failed reload")
	}
	if status, body := p.do(http.MethodPost, "/-/reload"); status != 500 || !strings.Contains(body, "line 3: field tragets") {
		t.Errorf("a reload that fails is HTTP %d %s", status, body)
	}

	write("modules: {second: {}}")
	hangUp()
	p.logs("The configuration was reloaded")
	moduleIs("first", 400)
	moduleIs("second", 200)
	write("modules: {third: {}}")
	if status, body := p.do(http.MethodPost, "/-/reload"); status != 200 {
		t.Errorf("a reload is HTTP %d %s", status, body)
	}
	moduleIs("third", 200)
	p.ends(syscall.SIGTERM)
}

func TestAProbeUnderWayIsAnsweredBeforeTheEnd(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := start(t)
	answer := make(chan string, 1)
	go func() {
		_, body := p.get("/probe?target=" + listener.Addr().String())
		answer <- body
	}()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.logs("Ending")
	fmt.Fprint(conn, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
	conn.Close()
	if body := <-answer; !strings.Contains(body, `cause="not_found"`) {
		t.Errorf("the answer is %q", body)
	}
	if err := p.command.Wait(); err != nil {
		t.Errorf("the exporter ended with %v", err)
	}
}

func TestCommandLinesThatEndAtOnce(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yml")
	if err := os.WriteFile(bad, []byte("modules:\n  default: {scheme: ftp}"), 0o600); err != nil {
		t.Fatal(err)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, c := range []struct {
		arguments string
		fails     bool
		says      string
	}{
		{"--version", false, "goroutine_stack_exporter, version"},
		{"--help", false, "config.check"},
		{"--config.check --config.file=../../goroutine_stack_exporter.yml", false, "The configuration is valid"},
		{"--config.check", false, "The configuration is valid"},
		{"--config.check --config.file=" + bad, true, "bad.yml: line 2: module"},
		{"--config.file=/does/not/exist", true, "/does/not/exist"},
		{"--probe.max-targets=0", true, "at least 1"},
		{"--web.listen-address=" + busy.Addr().String(), true, "address already in use"},
	} {
		output, err := exporterCommand(strings.Fields(c.arguments)...).CombinedOutput()
		if (err != nil) != c.fails || !strings.Contains(string(output), c.says) {
			t.Errorf("%s: %v, want %q in\n%s", c.arguments, err, c.says, output)
		}
	}
}
