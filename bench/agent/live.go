package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// scenarios are what the agent reads with -live: many goroutines that come and stay, and one whose stack grows.
var scenarios = [][]string{
	{"spawn-storm", "-rate", "300", "-max", "200000"},
	{"deep-recursion"},
}

// live runs each scenario for that long, with an agent that has all of its probes on, and tells each tenth of the time what
// the agent says of it, and what the agent itself has used.
func (b *bench) live(d time.Duration) error {
	folder, err := os.MkdirTemp("", "bench-agent-live")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "goroutine-bench-scenarios")
	build := exec.Command("go", "-C", "../..", "build", "-buildvcs=false", "-o", binary, "./scenarios")
	build.Env = append(os.Environ(), "GOWORK=")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the scenarios: %w\n%s", err, output)
	}
	fmt.Printf("%s; the agent with --agent.churn, else as it is unless told otherwise\n", machine())
	for _, scenario := range scenarios {
		if err := b.liveScenario(binary, scenario, d); err != nil {
			return fmt.Errorf("%s: %w", scenario[0], err)
		}
	}
	return nil
}

func (b *bench) liveScenario(binary string, scenario []string, d time.Duration) error {
	arguments := append([]string{"-listen", "127.0.0.1:0", "-scenario"}, scenario...)
	target, err := start(exec.Command(binary, arguments...), regexp.MustCompile(`http://(\S+?)/`))
	if err != nil {
		return err
	}
	defer target.stop()
	// The binary has scenarios that link the library, though these do not use it.
	agent, err := b.startAgent(target, "--agent.churn", "--agent.force-trees")
	if err != nil {
		return err
	}
	defer agent.stop()

	fmt.Printf("\n%s\n", scenario[0])
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "time\tgoroutines\tstacks\tlargest\tframes\tgrowths\tcreated\tscans\tCPU of agent\tmemory of agent\t")
	begin, before := time.Now(), 0.0
	for i := 1; i <= 10; i++ {
		time.Sleep(time.Until(begin.Add(d * time.Duration(i) / 10)))
		own, err := get(agent.url("/metrics"))
		if err != nil {
			return err
		}
		of, err := b.probe(agent)
		if err != nil {
			return err
		}
		cpu := sum(own, "process_cpu_seconds_total")
		fmt.Fprintf(table, "%s\t%.0f\t%.1f MB\t%.1f MB\t%.0f\t%.0f\t%.0f\t%.0f\t%.2f %%\t%.0f MB\t\n",
			time.Since(begin).Round(time.Second), sum(of, `goroutine_calltree_goroutines{depth="1"`), sum(of, `goroutine_calltree_stack_bytes{depth="1"`)/1e6,
			sum(of, `goroutine_stack_top_bytes{function="[^"]*",rank="1"`)/1e6, sum(of, "goroutine_stack_frames_max"), sum(of, "goroutine_stack_grows_total"),
			sum(of, "goroutine_creations_total"), sum(own, "goroutine_stack_exporter_scans_total"), 100*(cpu-before)/(d.Seconds()/10), sum(own, "process_resident_memory_bytes")/1e6)
		before = cpu
		progress("%s: %s of %s", scenario[0], time.Since(begin).Round(time.Second), d)
	}
	return table.Flush()
}

// probe returns what the agent says of the one process that it reads.
func (b *bench) probe(agent *process) ([]byte, error) {
	list, err := get(agent.url("/sd"))
	if err != nil {
		return nil, err
	}
	match := regexp.MustCompile(`"__param_process":"([0-9-]+)"`).FindSubmatch(list)
	if match == nil {
		return nil, fmt.Errorf("the agent lists no process: %s", list)
	}
	answer, err := get(agent.url("/probe?process=" + string(match[1])))
	if err == nil && !strings.Contains(string(answer), "\nprobe_success 1\n") {
		err = fmt.Errorf("the probe failed: %s", answer)
	}
	return answer, err
}

// sum adds up the series that begin like that regular expression.
func sum(metrics []byte, series string) (total float64) {
	for _, match := range regexp.MustCompile(`(?m)^`+series+`.* (\S+)$`).FindAllSubmatch(metrics, -1) {
		value, err := strconv.ParseFloat(string(match[1]), 64)
		if err == nil {
			total += value
		}
	}
	return total
}
