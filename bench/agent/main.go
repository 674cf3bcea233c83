// Command agent measures what the host agent costs, itself and the processes that it reads, for processes of 10,000 to
// a million goroutines, beside the goroutine profile of the same process. It needs Linux and root.
//
//	npm run bench:agent
//	npm run bench:agent -- --json FILE
//	npm run bench:agent -- --live 10m     what it says of two of the scenarios, for that long each, and what it uses
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// result is what was measured with one number of goroutines. Times are medians, in milliseconds.
type result struct {
	Goroutines int `json:"goroutines"`
	// ScanMs and ScanCPUMs are reading the sizes of all stacks: the time, and the processor time of the reader.
	ScanMs    float64 `json:"scan_ms"`
	ScanCPUMs float64 `json:"scan_cpu_ms"`
	// UnwindMs is reading all stacks for the first time, RescanMs again when one goroutine in a hundred has run.
	UnwindMs    float64 `json:"unwind_ms"`
	UnwindCPUMs float64 `json:"unwind_cpu_ms"`
	RescanMs    float64 `json:"rescan_ms"`
	RescanCPUMs float64 `json:"rescan_cpu_ms"`
	// SnapshotNodes is how many nodes the call tree has.
	SnapshotNodes int `json:"snapshot_nodes"`
	// PprofMs is fetching the goroutine profile (debug=0) of the same process.
	PprofMs float64 `json:"pprof_ms"`
	// AgentRSSMB is the greatest memory of an agent that reads this process alone.
	AgentRSSMB float64 `json:"agent_rss_mb"`
	// TargetSlowdown is the throughput of the process while it works on all processors, without the agent ÷ with it.
	// TargetSlowdownProbes is without uprobes ÷ with all of them, at 10,000 goroutines started a second. They stay
	// attached here; the agent has those of creations and exits attached for a hundredth of the time.
	TargetSlowdown       float64 `json:"target_slowdown"`
	TargetSlowdownProbes float64 `json:"target_slowdown_probes"`
	// The 95 % confidence intervals of these.
	TargetSlowdown95       [2]float64 `json:"target_slowdown_95"`
	TargetSlowdownProbes95 [2]float64 `json:"target_slowdown_probes_95"`
	// AgentCPUPercent is what of one processor the agent used meanwhile.
	AgentCPUPercent float64 `json:"agent_cpu_percent"`
	probeCost
}

// probeCost is the same for each number of goroutines.
type probeCost struct {
	UprobeNsEntry         float64 `json:"uprobe_ns_entry"`
	UprobeNsOurs          float64 `json:"uprobe_ns_ours"`
	GrowthEventsPerSecond float64 `json:"growth_events_per_second"`
}

func main() {
	goroutines := flag.String("goroutines", "10000,100000,1000000", "how many goroutines the target has: a row each")
	rounds := flag.Int("rounds", 7, "how often each time is measured")
	pairs := flag.Int("pairs", 240, "how often the target works with and without the agent")
	window := flag.Duration("window", 500*time.Millisecond, "how long it works each time")
	file := flag.String("json", "", "`file` for the results, besides the table")
	live := flag.Duration("live", 0, "instead, read each of two scenarios for that long")
	target := flag.Int("target", 0, "used by the benchmark to run itself as the target")
	flag.Parse()
	if *target > 0 {
		fmt.Fprintln(os.Stderr, runTarget(*target))
		os.Exit(1)
	}
	if *rounds < 1 || *pairs < 2 {
		fmt.Fprintln(os.Stderr, "bench/agent: want at least one round (-rounds) and two pairs (-pairs)")
		os.Exit(2)
	}
	b := bench{rounds: *rounds, pairs: *pairs, window: *window}
	if err := b.run(*goroutines, *file, *live); err != nil {
		fmt.Fprintln(os.Stderr, "bench/agent:", err)
		os.Exit(1)
	}
}

type bench struct {
	rounds, pairs int
	window        time.Duration
	exporter      string // the binary
	target        string // a copy of this one, with a name of its own
}

func (b *bench) run(goroutines, file string, live time.Duration) error {
	folder, err := os.MkdirTemp("", "bench-agent")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b.exporter = filepath.Join(folder, "goroutine_stack_exporter")
	build := exec.Command("go", "-C", "../../collector", "build", "-o", b.exporter, "./cmd/goroutine_stack_exporter")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the exporter (this has to run in bench/agent): %w\n%s", err, output)
	}
	if live > 0 {
		return b.live(live)
	}
	b.target = filepath.Join(folder, "goroutine-bench-target")
	if err := copySelf(b.target); err != nil {
		return err
	}
	progress("uprobes")
	cost, err := measureProbes()
	if err != nil {
		return err
	}
	var results []result
	for _, text := range strings.Split(goroutines, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 100 {
			return fmt.Errorf("-goroutines: %q is not a number of at least 100", text)
		}
		r, err := b.measure(n)
		if err != nil {
			return fmt.Errorf("%d goroutines: %w", n, err)
		}
		r.probeCost = cost
		results = append(results, r)
	}
	print(results, b)
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// copySelf copies this program.
func copySelf(to string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	return os.WriteFile(to, program, 0o755)
}

func (b *bench) measure(goroutines int) (r result, err error) {
	progress("%d goroutines", goroutines)
	target, err := start(exec.Command(b.target, "-target", strconv.Itoa(goroutines)), regexp.MustCompile(`^(\S+:\d+)$`))
	if err != nil {
		return r, err
	}
	defer target.stop()
	r.Goroutines = goroutines
	if err := b.measureScans(target, &r); err != nil {
		return r, err
	}
	progress("  memory of the agent")
	if r.AgentRSSMB, err = b.agentMemory(target); err != nil {
		return r, err
	}
	if err := b.measureSlowdown(target, &r); err != nil {
		return r, err
	}
	return r, b.measureSlowdownByProbes(target, &r)
}

// cost is what one reading took.
type cost struct{ wall, cpu time.Duration }

func (b *bench) measureScans(target *process, r *result) error {
	file, executable, err := target.executable()
	if err != nil {
		return err
	}
	defer file.Close()
	var sizes, first, again []cost
	var profiles []cost
	for round := 0; round < b.rounds; round++ {
		progress("  scans, round %d of %d", round+1, b.rounds)
		runtime.GC()
		opened, err := goscan.Open("/proc", target.pid(), executable)
		if err != nil {
			return err
		}
		whole, err := opened.Scan(goscan.Stacks)
		if err != nil {
			return err
		}
		first = append(first, cost{whole.Duration, whole.CPU})
		r.SnapshotNodes = len(calltree.NewBuilder().Build(whole.Stacks, time.Now()).Nodes)
		if _, err := get(target.url("/wake")); err != nil {
			return err
		}
		time.Sleep(500 * time.Millisecond)
		changed, err := opened.Scan(goscan.Stacks)
		if err != nil {
			return err
		}
		again = append(again, cost{changed.Duration, changed.CPU})
		onlySizes, err := opened.Scan(goscan.Sizes)
		if err != nil {
			return err
		}
		sizes = append(sizes, cost{onlySizes.Duration, onlySizes.CPU})
		begin := time.Now()
		if _, err := get(target.url("/debug/pprof/goroutine")); err != nil {
			return err
		}
		profiles = append(profiles, cost{wall: time.Since(begin)})
	}
	wall, cpu := func(c cost) time.Duration { return c.wall }, func(c cost) time.Duration { return c.cpu }
	r.ScanMs, r.ScanCPUMs = median(sizes, wall), median(sizes, cpu)
	r.UnwindMs, r.UnwindCPUMs = median(first, wall), median(first, cpu)
	r.RescanMs, r.RescanCPUMs = median(again, wall), median(again, cpu)
	r.PprofMs = median(profiles, wall)
	return nil
}

// startAgent starts an agent that reads the target alone, and waits until it has.
func (b *bench) startAgent(target *process, flags ...string) (*process, error) {
	arguments := append([]string{"--agent", "--web.listen-address=127.0.0.1:0", "--agent.include=" + regexp.QuoteMeta(target.name())}, flags...)
	agent, err := start(exec.Command(b.exporter, arguments...), regexp.MustCompile(`Listening on" address=(\S+)`))
	if err != nil {
		return nil, err
	}
	if err := agent.waitFor(regexp.MustCompile(`(?m)^goroutine_stack_exporter_targets_up [1-9]`)); err != nil {
		agent.stop()
		return nil, err
	}
	return agent, nil
}

// agentMemory returns the greatest resident memory in MB of an agent that reads the target as often as it can.
func (b *bench) agentMemory(target *process) (float64, error) {
	agent, err := b.startAgent(target, "--agent.cpu=1", "--agent.interval=1s")
	if err != nil {
		return 0, err
	}
	defer agent.stop()
	if err := agent.waitFor(regexp.MustCompile(`(?m)^goroutine_stack_exporter_scans_total ([6-9]|[1-9][0-9])`)); err != nil {
		return 0, err
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", agent.pid()))
	if err != nil {
		return 0, err
	}
	match := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if match == nil {
		return 0, fmt.Errorf("the kernel does not tell VmHWM of the agent")
	}
	kb, err := strconv.ParseFloat(string(match[1]), 64)
	return kb * 1024 / 1e6, err
}

// median returns the median in milliseconds.
func median(costs []cost, of func(cost) time.Duration) float64 {
	sorted := slices.Clone(costs)
	slices.SortFunc(sorted, func(a, b cost) int { return cmp.Compare(of(a), of(b)) })
	return float64(of(sorted[len(sorted)/2])) / float64(time.Millisecond)
}

func print(results []result, b *bench) {
	fmt.Printf("%s; medians of %d, slowdown: mean of %d pairs of %s each, and its 95 %% confidence interval\n", machine(), b.rounds, b.pairs, b.window)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "goroutines\tsizes\tCPU\tall stacks\tCPU\tagain, 1 % changed\tCPU\tnodes\tpprof\t× all stacks\tagent\tits CPU\tslowdown\twith probes\t")
	for _, r := range results {
		fmt.Fprintf(table, "%d\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%d\t%.1f ms\t%.2f\t%.0f MB\t%.1f %%\t%s\t%s\t\n", r.Goroutines, r.ScanMs, r.ScanCPUMs,
			r.UnwindMs, r.UnwindCPUMs, r.RescanMs, r.RescanCPUMs, r.SnapshotNodes, r.PprofMs, r.PprofMs/r.UnwindMs, r.AgentRSSMB, r.AgentCPUPercent,
			withInterval(r.TargetSlowdown, r.TargetSlowdown95), withInterval(r.TargetSlowdownProbes, r.TargetSlowdownProbes95))
	}
	table.Flush()
	if len(results) > 0 {
		r := results[0]
		fmt.Printf("uprobe: %.0f ns a hit at the entry of a function, %.0f ns where we put it (%.1f ×); %.0f growth events a second without loss\n",
			r.UprobeNsEntry, r.UprobeNsOurs, r.UprobeNsEntry/r.UprobeNsOurs, r.GrowthEventsPerSecond)
	}
}

func withInterval(mean float64, interval [2]float64) string {
	return fmt.Sprintf("%.3f (%.3f to %.3f)", mean, interval[0], interval[1])
}

// progress tells on the standard error what is measured now.
func progress(format string, values ...any) { fmt.Fprintf(os.Stderr, format+"\n", values...) }

func get(url string) ([]byte, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, response.Status, bytes.TrimSpace(body))
	}
	return body, err
}

func machine() string {
	return fmt.Sprintf("%s, %d processors, %s, Linux %s", cpuModel(), runtime.NumCPU(), runtime.Version(), kernel())
}

func cpuModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	if match := regexp.MustCompile(`(?m)^model name\s*:\s*(.*)$`).FindSubmatch(text); match != nil {
		return string(match[1])
	}
	return "unknown processor"
}

func kernel() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(text))
}
