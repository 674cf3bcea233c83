// Command probe measures what one probe of goroutine_stack_exporter costs, the exporter and the probed process, beside
// two other ways to get at the same goroutines in the same run: fetching the profile and doing nothing with it, and
// fetching the text of all stacks (debug=2) to parse it with github.com/DataDog/gostackparse. Linux only.
//
//	GOWORK=off go -C bench/probe run .
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
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

	"github.com/DataDog/gostackparse"
)

func main() {
	goroutines := flag.String("goroutines", "10000,100000", "how many goroutines the target has: a row group each")
	rounds := flag.Int("rounds", 10, "how often each way is measured")
	target := flag.Int("target", 0, "used by the benchmark to run itself as the target")
	flag.Parse()
	if *target > 0 {
		fmt.Fprintln(os.Stderr, runTarget(*target))
		os.Exit(1)
	}
	if err := run(*goroutines, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench/probe:", err)
		os.Exit(1)
	}
}

func run(goroutines string, rounds int) error {
	folder, err := os.MkdirTemp("", "bench-probe")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "exporter")
	if output, err := exec.Command("go", "-C", "../../collector", "build", "-o", binary, "./cmd/goroutine_stack_exporter").CombinedOutput(); err != nil {
		return fmt.Errorf("build the exporter (this has to run in bench/probe): %w\n%s", err, output)
	}
	// Each probe has to read a profile of its own.
	exporter, err := start(exec.Command(binary, "--web.listen-address=127.0.0.1:0", "--probe.cache-lifetime=0s", "--log.level=info"),
		regexp.MustCompile(`Listening on" address=(\S+)`))
	if err != nil {
		return err
	}
	defer exporter.stop()

	fmt.Printf("%s, %s, GOMAXPROCS=%d, %d rounds; medians, and the worst pause of all\n", cpuModel(), runtime.Version(), runtime.GOMAXPROCS(0), rounds)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "goroutines\tway\ttime\t×\tCPU of target\t×\tCPU of reader\t×\tpause\tworst\tanswer\t")
	for _, text := range strings.Split(goroutines, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("-goroutines: %q is not a number", text)
		}
		if err := measureAll(table, exporter, n, rounds); err != nil {
			return err
		}
	}
	return table.Flush()
}

// way is a way to learn of a process's goroutines.
type way struct {
	name    string
	reader  int // the process that reads, besides the target
	read    func() (answered int, err error)
	isNoise bool // it reads nothing, to show what the machine does meanwhile
}

// cost is what one read took.
type cost struct {
	wall, target, reader time.Duration
	pause                time.Duration // by how much a goroutine of the target was late at most
	answered             int           // bytes
}

func measureAll(table io.Writer, exporter *process, goroutines, rounds int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	target, err := start(exec.Command(self, "-target", strconv.Itoa(goroutines)), regexp.MustCompile(`^(\S+:\d+)$`))
	if err != nil {
		return err
	}
	defer target.stop()
	url := "http://" + target.address
	ways := []way{
		{"probe by the exporter", exporter.pid(), func() (int, error) {
			answer, err := get("http://" + exporter.address + "/probe?target=" + target.address)
			if err == nil && !bytes.Contains(answer, []byte("\nprobe_success 1\n")) {
				err = fmt.Errorf("the probe failed: %s", answer)
			}
			return len(answer), err
		}, false},
		{"fetch debug=0 only", os.Getpid(), func() (int, error) {
			profile, err := get(url + "/debug/pprof/goroutine")
			return len(profile), err
		}, false},
		{"fetch debug=2, gostackparse", os.Getpid(), func() (int, error) {
			text, err := get(url + "/debug/pprof/goroutine?debug=2")
			if err != nil {
				return 0, err
			}
			// It stops at 64 MiB, within a goroutine, so that the last one may not parse.
			if stacks, errs := gostackparse.Parse(bytes.NewReader(text)); len(stacks) < goroutines/2 {
				return 0, fmt.Errorf("%d goroutines of %d parsed: %w", len(stacks), goroutines, errors.Join(errs...))
			}
			return len(text), nil
		}, false},
		{"nothing (noise)", os.Getpid(), func() (int, error) {
			time.Sleep(200 * time.Millisecond)
			return 0, nil
		}, true},
	}
	costs := make([][]cost, len(ways))
	for round := -1; round < rounds; round++ { // the first warms up
		for i, w := range ways {
			c, err := measure(w, target)
			if err != nil {
				return fmt.Errorf("%s of %d goroutines: %w", w.name, goroutines, err)
			}
			if round >= 0 {
				costs[i] = append(costs[i], c)
			}
		}
	}
	for i, w := range ways {
		fmt.Fprintf(table, "%d\t%s\t", goroutines, w.name)
		for _, of := range []func(cost) time.Duration{
			func(c cost) time.Duration { return c.wall },
			func(c cost) time.Duration { return c.target },
			func(c cost) time.Duration { return c.reader },
		} {
			fmt.Fprintf(table, "%s\t", ms(median(costs[i], of)))
			if w.isNoise {
				fmt.Fprint(table, "-\t")
				continue
			}
			fmt.Fprintf(table, "%.2f\t", float64(median(costs[i], of))/float64(median(costs[0], of)))
		}
		pause := func(c cost) time.Duration { return c.pause }
		worst := slices.MaxFunc(costs[i], func(a, b cost) int { return cmp.Compare(a.pause, b.pause) })
		fmt.Fprintf(table, "%s\t%s\t%d kB\t\n", ms(median(costs[i], pause)), ms(worst.pause), costs[i][0].answered/1000)
	}
	return nil
}

func measure(w way, target *process) (c cost, err error) {
	// What the way before left to collect is not this one's.
	runtime.GC()
	if _, err := get("http://" + target.address + "/gc"); err != nil {
		return c, err
	}
	time.Sleep(100 * time.Millisecond)
	if _, err := target.worstPause(); err != nil {
		return c, err
	}
	targetBefore, err := cpuTime(target.pid())
	if err != nil {
		return c, err
	}
	readerBefore, err := cpuTime(w.reader)
	if err != nil {
		return c, err
	}
	start := time.Now()
	if c.answered, err = w.read(); err != nil {
		return c, err
	}
	c.wall = time.Since(start)
	targetAfter, err := cpuTime(target.pid())
	if err != nil {
		return c, err
	}
	readerAfter, err := cpuTime(w.reader)
	if err != nil {
		return c, err
	}
	c.target, c.reader = targetAfter-targetBefore, readerAfter-readerBefore
	c.pause, err = target.worstPause()
	return c, err
}

func median(costs []cost, of func(cost) time.Duration) time.Duration {
	values := make([]time.Duration, len(costs))
	for i, c := range costs {
		values[i] = of(c)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/1e6) }

func get(url string) ([]byte, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d: %s", response.StatusCode, body)
	}
	return body, err
}

// process is one that the benchmark started.
type process struct {
	command *exec.Cmd
	address string
}

// start waits for a line of the process's output that gives its address.
func start(command *exec.Cmd, address *regexp.Regexp) (*process, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		return nil, err
	}
	writer.Close()
	p := &process{command: command}
	lines := bufio.NewScanner(reader)
	for p.address == "" {
		if !lines.Scan() {
			p.stop()
			return nil, fmt.Errorf("%s ended without an address", command.Path)
		}
		if match := address.FindStringSubmatch(lines.Text()); match != nil {
			p.address = match[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	return p, nil
}

func (p *process) pid() int { return p.command.Process.Pid }

func (p *process) stop() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

func (p *process) worstPause() (time.Duration, error) {
	text, err := get("http://" + p.address + "/pause")
	if err != nil {
		return 0, err
	}
	late, err := strconv.ParseInt(string(text), 10, 64)
	return time.Duration(late), err
}

// cpuTime is what all threads of the process have run. Not /proc/PID/stat, which counts in steps of 10 ms.
func cpuTime(pid int) (time.Duration, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("no CPU time of process %d: this needs Linux with CONFIG_SCHED_INFO (%v)", pid, err)
	}
	var total time.Duration
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		running, _, _ := strings.Cut(string(text), " ")
		nanoseconds, err := strconv.ParseInt(running, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		total += time.Duration(nanoseconds)
	}
	return total, nil
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if match := regexp.MustCompile(`model name\s*: (.*)`).FindSubmatch(text); err == nil && match != nil {
		return string(match[1])
	}
	return runtime.GOARCH
}
