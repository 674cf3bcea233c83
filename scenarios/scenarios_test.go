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

	"github.com/google/pprof/profile"
)

// program is the built command: in a test binary the functions would not be package main's.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "scenarios")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "scenarios")
		args := []string{"build", "-o", program}
		if raceEnabled {
			args = append(args, "-race")
		}
		if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

type running struct {
	*exec.Cmd
	url string
}

// start runs the program on a free port and ends it with the test.
func start(t *testing.T, args ...string) running {
	t.Helper()
	cmd := exec.Command(program, append([]string{"-listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), "GOMEMLIMIT=64MiB")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no ready line: %v", err)
	}
	url := regexp.MustCompile(`ready: (http://\S+)/ `).FindStringSubmatch(line)
	if url == nil {
		t.Fatalf("ready line without an address: %q", line)
	}
	return running{cmd, url[1]}
}

func (r running) get(t *testing.T, path string) string {
	t.Helper()
	res, err := http.Get(r.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", path, res.Status, err)
	}
	return string(body)
}

// stacks are the live goroutines by their function names, from the leaf to the root, joined by spaces.
func (r running) stacks(t *testing.T) map[string]int64 {
	t.Helper()
	p, err := profile.ParseData([]byte(r.get(t, "/debug/pprof/goroutine")))
	if err != nil {
		t.Fatal(err)
	}
	stacks := map[string]int64{}
	for _, sample := range p.Sample {
		var names []string
		for _, location := range sample.Location {
			for _, line := range location.Line {
				names = append(names, line.Function.Name)
			}
		}
		stacks[strings.Join(names, " ")] += sample.Value[0]
	}
	return stacks
}

// startedIn counts the goroutines that started in function, and all.
func (r running) startedIn(t *testing.T, function string) (in, all int64) {
	t.Helper()
	for stack, count := range r.stacks(t) {
		all += count
		if stack == function || strings.HasSuffix(stack, " "+function) {
			in += count
		}
	}
	return in, all
}

func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

func TestSpawnStormGrowsUnderProcessNodeAtItsRateUntilItsBound(t *testing.T) {
	r := start(t, "-scenario", "spawn-storm", "-rate", "500", "-max", "1000")
	began := time.Now()
	first, _ := r.startedIn(t, "main.processNode")
	within(t, 10*time.Second, "1,000 goroutines less the odd one", func() bool {
		in, _ := r.startedIn(t, "main.processNode")
		return in >= 999
	})
	if took := time.Since(began); first > 300 || took < time.Second {
		t.Errorf("%d goroutines at once and 999 after %v: faster than 500 a second", first, took)
	}
	time.Sleep(300 * time.Millisecond)
	in, all := r.startedIn(t, "main.processNode")
	if in > 1000 {
		t.Errorf("%d goroutines, over the bound of 1,000", in)
	}
	if others := all - in; others > 20 {
		t.Errorf("%d other goroutines beside the storm's", others)
	}
}

func TestSpawnStormIsOneUniformStack(t *testing.T) {
	r := start(t, "-scenario", "spawn-storm", "-rate", "5000", "-max", "501")
	within(t, 10*time.Second, "the bound of 501 goroutines, all of one stack", func() bool {
		for stack, count := range r.stacks(t) {
			if count == 501 {
				return strings.HasSuffix(stack, " main.processNode")
			}
		}
		return false
	})
}

func TestHandlerLeakGrowsByOneGoroutineForEachRequestUntilItsBound(t *testing.T) {
	r := start(t, "-scenario", "handler-leak", "-rate", "0.001", "-max", "1000")
	// At this rate the two that may catch up at once are all that it sends by itself.
	const before = 2
	within(t, 5*time.Second, "its own first two requests", func() bool {
		in, _ := r.startedIn(t, "main.handle")
		return in == before
	})
	for range 25 {
		res, err := http.Get(r.url + "/orders")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	within(t, 5*time.Second, "25 more goroutines for 25 requests", func() bool {
		after, _ := r.startedIn(t, "main.handle")
		return after == before+25
	})

	r = start(t, "-scenario", "handler-leak", "-rate", "500", "-max", "100")
	within(t, 10*time.Second, "its own requests reach the bound of 100", func() bool {
		in, _ := r.startedIn(t, "main.handle")
		return in == 100
	})
	time.Sleep(300 * time.Millisecond)
	if in, _ := r.startedIn(t, "main.handle"); in != 100 {
		t.Errorf("%d goroutines, over the bound of 100", in)
	}
}

func TestHealthyGoroutinesComeAndGoAroundASteadyNumber(t *testing.T) {
	r := start(t, "-scenario", "healthy", "-rate", "100")
	time.Sleep(time.Second)
	var most, least int64 = 0, 1 << 62
	for range 20 {
		in, _ := r.startedIn(t, "main.lookup")
		most, least = max(most, in), min(least, in)
		time.Sleep(100 * time.Millisecond)
	}
	// By Little's law 100 a second of 150 ms each are 15 at once.
	if least < 1 || most > 60 {
		t.Errorf("between %d and %d goroutines under main.lookup, not around 15", least, most)
	}
	if most == least {
		t.Errorf("always %d goroutines: none comes or goes", most)
	}
}

func TestEveryScenarioServesWhatAGoServiceHasAndEndsOnATermination(t *testing.T) {
	for _, s := range scenarios {
		if !withCgo && strings.HasPrefix(s.Name, "cgo-") {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "-scenario", s.Name)
			if page := r.get(t, "/"); !strings.Contains(page, s.Does) || !strings.Contains(page, s.Look) {
				t.Errorf("/ says neither what it does nor what to see: %s", page)
			}
			metrics := r.get(t, "/metrics")
			for _, line := range []string{
				`(?m)^go_goroutines \d`,
				`(?m)^go_memstats_next_gc_bytes `,
				`(?m)^go_gc_gomemlimit_bytes 6\.7108864e\+07$`,
				`(?m)^process_start_time_seconds `,
			} {
				if !regexp.MustCompile(line).MatchString(metrics) {
					t.Errorf("/metrics lacks %s", line)
				}
			}
			if err := r.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- r.Wait() }()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("a termination is no failure: %v", err)
				}
			case <-time.After(5 * time.Second):
				t.Error("still running five seconds after SIGTERM")
			}
		})
	}
}

func TestEveryScenarioIsDescribedInOneSentenceEach(t *testing.T) {
	for _, s := range scenarios {
		for _, sentence := range []string{s.Does, s.Look} {
			if !strings.HasSuffix(sentence, ".") || strings.Contains(sentence, ". ") {
				t.Errorf("%s: not one sentence: %q", s.Name, sentence)
			}
		}
		if s.Rate <= 0 || s.Max <= 0 || s.Run == nil {
			t.Errorf("%s has no rate, bound or Run of its own", s.Name)
		}
	}
}

func TestWrongUseSaysWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, use := range map[string]struct {
		args []string
		says string
	}{
		"an unknown scenario lists the known": {[]string{"-scenario", "storm"}, `no scenario "storm": there are spawn-storm, channel-receiver, handler-leak, `},
		"so does none":                        {nil, "no scenario chosen: give one with -scenario: spawn-storm, channel-receiver, handler-leak, "},
		"a port in use is named":              {[]string{"-scenario", "healthy", "-listen", taken.Addr().String()}, taken.Addr().String() + " is in use: stop what listens there, or give another address with -listen"},
		"a negative rate is refused":          {[]string{"-scenario", "healthy", "-rate", "-1"}, "cannot be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(program, use.args...).CombinedOutput()
			if err == nil || !strings.Contains(string(out), use.says) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

func TestDurationEndsTheProgram(t *testing.T) {
	r := start(t, "-scenario", "spawn-storm", "-rate", "0.1", "-duration", "500ms")
	began := time.Now()
	if err := r.Wait(); err != nil {
		t.Errorf("the end of -duration is no failure: %v", err)
	}
	if took := time.Since(began); took < 300*time.Millisecond || took > 4*time.Second {
		t.Errorf("ended after %v, not after half a second", took)
	}
}

func TestWithTheLibraryTheCallTreeIsAmongTheProgramsOwnMetrics(t *testing.T) {
	tree := regexp.MustCompile(`(?m)^goroutine_calltree_goroutines\{depth="1",function="main.processNode",.*\} 5\d\d$`)
	r := start(t, "-scenario", "spawn-storm", "-rate", "50000", "-max", "501", "-library")
	within(t, 5*time.Second, "the bound of 501 goroutines", func() bool {
		in, _ := r.startedIn(t, "main.processNode")
		return in == 501
	})
	if metrics := r.get(t, "/metrics"); !tree.MatchString(metrics) {
		t.Errorf("/metrics lacks %s", tree)
	}
	if metrics := start(t, "-scenario", "spawn-storm").get(t, "/metrics"); strings.Contains(metrics, "goroutine_calltree_") {
		t.Error("/metrics has a call tree without -library")
	}
}

func TestListNamesEachScenarioWithItsRowInTheArticle(t *testing.T) {
	out, err := exec.Command(program, "-list").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`(?m)^spawn-storm +row 1 `, `(?m)^handler-leak +row 3 `, `(?m)^healthy +- `} {
		if !regexp.MustCompile(line).Match(out) {
			t.Errorf("no line %s in\n%s", line, out)
		}
	}
}
