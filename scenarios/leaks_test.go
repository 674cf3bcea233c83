package main

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// metric is the value of a metric without labels.
func (r running) metric(t *testing.T, name string) float64 {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(r.get(t, "/metrics"))
	if line == nil {
		t.Fatalf("/metrics lacks %s", name)
	}
	value, err := strconv.ParseFloat(line[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestLeaksOfGoroutinesGrowByTheirRateUntilTheirBound(t *testing.T) {
	for scenario, starts := range map[string]string{
		"channel-receiver": "main.consume",
		"waitgroup-misuse": "main.awaitBatch",
		"defer-chain":      "main.deferLevels",
		"nested-panic":     "main.panicAgain",
		"retry-storm":      "main.callBackend",
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			r := start(t, "-scenario", scenario, "-rate", "100", "-max", "120")
			began := time.Now()
			goroutines := func() int64 {
				n := int64(0)
				for stack, count := range r.stacks(t) {
					// A worker hangs deep, and a profile holds the 128 frames nearest to the leaf.
					if strings.Contains(stack, starts) {
						n += count
					}
				}
				return n
			}
			within(t, 10*time.Second, "the bound of 120 goroutines", func() bool { return goroutines() == 120 })
			if took := time.Since(began); took < 800*time.Millisecond {
				t.Errorf("120 goroutines after %v: faster than 100 a second", took)
			}
			time.Sleep(200 * time.Millisecond)
			if n := goroutines(); n != 120 {
				t.Errorf("%d goroutines, over the bound of 120", n)
			}
		})
	}
}

func TestRetryStormStartsGoroutinesFasterAndFaster(t *testing.T) {
	t.Parallel()
	r := start(t, "-scenario", "retry-storm", "-rate", "100", "-period", "500ms", "-max", "100000")
	time.Sleep(time.Second)
	first, _ := r.startedIn(t, "main.callBackend")
	time.Sleep(2 * time.Second)
	then, _ := r.startedIn(t, "main.callBackend")
	// Of 100·(t + t²) there are 200 after one second and 1,200 after three.
	if then < 4*first {
		t.Errorf("%d goroutines after one second and %d after three: not faster and faster", first, then)
	}
}

func TestBurstLeakLeaksInBurstsAndNothingBetween(t *testing.T) {
	t.Parallel()
	r := start(t, "-scenario", "burst-leak", "-rate", "100", "-period", "2s", "-max", "500")
	for _, want := range []int64{200, 400, 500} {
		within(t, 5*time.Second, "the next burst", func() bool {
			in, _ := r.startedIn(t, "main.importRow")
			return in == want
		})
		time.Sleep(500 * time.Millisecond)
		if in, _ := r.startedIn(t, "main.importRow"); in != want {
			t.Errorf("%d goroutines between two bursts, not %d", in, want)
		}
	}
}

func TestLeaksOfTheHeapKeepWhatTheySayAndNoGoroutines(t *testing.T) {
	const mib = 1 << 20
	for scenario, use := range map[string]struct {
		args []string
		// The memory that it holds in the end, without what a service has anyway.
		bytes float64
	}{
		"closure-capture": {[]string{"-rate", "2000", "-max", "1024"}, 16 * mib},
		"context-chain":   {[]string{"-rate", "5000", "-max", "4096"}, 16 * mib},
		"heap-leak":       {[]string{"-rate", "20000", "-max", "16384"}, 16 * mib},
		"memlimit-leak":   {[]string{"-rate", "20000", "-max", "16384"}, 16 * mib},
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			r := start(t, append([]string{"-scenario", scenario}, use.args...)...)
			within(t, 15*time.Second, "what it keeps", func() bool {
				return r.metric(t, "go_memstats_heap_inuse_bytes") > use.bytes
			})
			time.Sleep(500 * time.Millisecond)
			// Under the test's GOMEMLIMIT garbage is collected well before that.
			if heap := r.metric(t, "go_memstats_heap_inuse_bytes"); heap > 3.5*use.bytes {
				t.Errorf("%.0f MiB of heap, over its bound of %.0f", heap/mib, use.bytes/mib)
			}
			if goroutines := r.metric(t, "go_goroutines"); goroutines > 60 {
				t.Errorf("%g goroutines", goroutines)
			}
		})
	}
}

func TestDeepRecursionIsOneGoroutineWhoseStackDoubles(t *testing.T) {
	t.Parallel()
	r := start(t, "-scenario", "deep-recursion", "-rate", "100000", "-max", "10000")
	// 10,000 levels of 2 KiB need 20 MiB, and a stack is a power of two; those that it outgrew may be there still.
	within(t, 60*time.Second, "a stack of 32 MiB", func() bool {
		return r.metric(t, "go_memstats_stack_inuse_bytes") >= 32<<20
	})
	if goroutines := r.metric(t, "go_goroutines"); goroutines > 30 {
		t.Errorf("%g goroutines", goroutines)
	}
}

func TestMiddlewareRewrapDeepensStacksAndNotTheirNumber(t *testing.T) {
	t.Parallel()
	r := start(t, "-scenario", "middleware-rewrap", "-rate", "50", "-max", "40")
	deepest := func() int {
		most := 0
		for stack := range r.stacks(t) {
			most = max(most, strings.Count(stack, "main.withTracing.func1"))
		}
		return most
	}
	within(t, 20*time.Second, "requests through all 40 layers", func() bool { return deepest() == 40 })
	if goroutines := r.metric(t, "go_goroutines"); goroutines > 8*longPolls {
		t.Errorf("%g goroutines for at most %d requests", goroutines, longPolls)
	}
}

func TestMemoryOfCIsResidentAndGoDoesNotCountIt(t *testing.T) {
	if !withCgo {
		for _, scenario := range []string{"cgo-leak", "cgo-blocked"} {
			out, err := exec.Command(program, "-scenario", scenario, "-listen", "127.0.0.1:0").CombinedOutput()
			if err == nil || !strings.Contains(string(out), errNoCgo.Error()) {
				t.Errorf("%s without cgo: %v: %s", scenario, err, out)
			}
		}
		return
	}
	for scenario, args := range map[string][]string{
		"cgo-leak":    {"-rate", "40000", "-max", "40960"},
		"cgo-blocked": {"-rate", "200", "-max", "160"},
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			r := start(t, append([]string{"-scenario", scenario}, args...)...)
			within(t, 15*time.Second, "40 MiB that Go does not count", func() bool {
				outside := r.metric(t, "process_resident_memory_bytes") - r.metric(t, "go_memstats_sys_bytes")
				return outside > 40<<20
			})
		})
	}
}

func TestFiguresOfTheArticleAreMeasured(t *testing.T) {
	var out strings.Builder
	if err := writeFigures(&out); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`(?m)^goroutines of the spawn tree, limited to depth 6 +127 +127$`,
		`(?m)^stack of 100 nested deferred calls +218 KB +[1-9]\d+ KiB$`,
		`(?m)^stack of 50 nested panics +over 2 MB +[1-9]\d+ KiB$`,
		`(?m)^stack of 500 levels of recursion +about 1 MiB, nine doublings of 2 KiB +[1-9]\d+ KiB$`,
		`(?m)^time of a request through 10 middleware layers +18.7 ms +\S+s$`,
	} {
		if !regexp.MustCompile(line).MatchString(out.String()) {
			t.Errorf("no line %s in\n%s", line, out.String())
		}
	}
}
