// Command backtest evaluates Prometheus rule files over recorded series with Prometheus' own rule engine, and scores
// their critical alerts: how long before a kill they fire, and how often for nothing.
//
//	GOWORK=off go run . [-rules GLOB[,GLOB]] [-recordings DIR] [-baselines DIR] [-json FILE] …
//
// Given paths are relative to the folder that npm was started in, or to the working directory; defaults to the latter.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// defaultRules are the rule files that have the alerts for a kill to come.
var defaultRules = []string{"../oom.rules.yml"}

const (
	defaultRecordings = "../recordings"
	defaultBaselines  = "./baselines"
	ruleSuffix        = ".rules.yml"
	// ours names the scored rules beside the baselines.
	ours = "ours"
)

type options struct {
	rules          []string
	recordings     string
	baselines      string
	json           string
	only           *regexp.Regexp
	scraped        thinning
	minRecall      float64
	maxFalseAlarms int
	verbose        bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	opts, err := parseOptions(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "backtest:", err)
		os.Exit(2)
	}
	if err := run(ctx, opts, os.Stdout, newProgress(os.Stderr)); err != nil {
		fmt.Fprintln(os.Stderr, "backtest:", err)
		os.Exit(1)
	}
}

func parseOptions(args []string) (options, error) {
	flags := flag.NewFlagSet("backtest", flag.ContinueOnError)
	globs := flags.String("rules", strings.Join(defaultRules, ","), "rule files, patterns separated by commas")
	recordings := flags.String("recordings", defaultRecordings, "folder with "+catalogueFile+" and the files that it names")
	baselines := flags.String("baselines", defaultBaselines, "folder of rule files to compare with, NAME"+ruleSuffix+" each; none if empty")
	jsonFile := flags.String("json", "", "file to write the scores to, as JSON")
	only := flags.String("only", "", "regular expression of the recordings' names to evaluate")
	minRecall := flags.Float64("min-recall", 0, fmt.Sprintf("fail if less than this part (0 to 1) of the kills after %d min has a lead of %d s", longLife/60, wantedLead))
	maxFalseAlarms := flags.Int("max-false-alarms", -1, "fail if healthy recordings have more false alarms than this; -1 is any number")
	every := flags.Duration("every", 0, "leave scrapes out, so that there are at least this `time` between two")
	miss := flags.Float64("miss", 0, "leave this part (0 to 1) of the scrapes out as well, by chance")
	verbose := flags.Bool("v", false, "print each alarm")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q: every option has a name, see -help", flags.Arg(0))
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return options{}, fmt.Errorf("-only: %w", err)
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	opts := options{
		recordings:     pathOf(*recordings, given["recordings"]),
		baselines:      pathOf(*baselines, given["baselines"]),
		json:           pathOf(*jsonFile, given["json"]),
		only:           pattern,
		scraped:        thinning{every: every.Seconds(), miss: *miss},
		minRecall:      *minRecall,
		maxFalseAlarms: *maxFalseAlarms,
		verbose:        *verbose,
	}
	for _, glob := range strings.Split(*globs, ",") {
		matching, err := filepath.Glob(pathOf(glob, given["rules"]))
		if err != nil {
			return options{}, fmt.Errorf("-rules %s: %w", glob, err)
		}
		if len(matching) == 0 {
			return options{}, fmt.Errorf("no rule file matches %s: give others by -rules", pathOf(glob, given["rules"]))
		}
		opts.rules = append(opts.rules, matching...)
	}
	slices.Sort(opts.rules)
	opts.rules = slices.Compact(opts.rules)
	return opts, nil
}

// pathOf resolves what a person gave against the folder where npm was started, as npm changes to the package's.
func pathOf(path string, given bool) string {
	if from := os.Getenv("INIT_CWD"); given && path != "" && from != "" && !filepath.IsAbs(path) {
		return filepath.Join(from, path)
	}
	return path
}

// run prints the report to out. What the options demand and the rules do not reach is an error, after the report.
func run(ctx context.Context, opts options, out io.Writer, progress *progress) error {
	// Most of what an evaluation allocates is gone with it, and little is in use.
	debug.SetGCPercent(400)
	sets, err := loadSets(opts)
	if err != nil {
		return err
	}
	recordings, err := readCatalogue(opts.recordings)
	if err != nil {
		return err
	}
	recordings = slices.DeleteFunc(recordings, func(r Recording) bool { return !opts.only.MatchString(r.Name) })
	if len(recordings) == 0 {
		return fmt.Errorf("no recording of %s matches -only %s", opts.recordings, opts.only)
	}
	rows, err := evaluateAll(ctx, sets, recordings, opts, progress)
	if err != nil {
		return err
	}
	result := newReport(sets, rows)
	result.print(out, opts.verbose)
	if opts.json != "" {
		if err := result.write(opts.json); err != nil {
			return err
		}
	}
	return result.check(opts.minRecall, opts.maxFalseAlarms)
}

// loadSets reads the rules to score, and then the baselines.
func loadSets(opts options) ([]*ruleSet, error) {
	scored, err := loadRules(ours, opts.rules)
	if err != nil {
		return nil, err
	}
	sets := []*ruleSet{scored}
	if opts.baselines == "" {
		return sets, nil
	}
	if _, err := os.Stat(opts.baselines); err != nil {
		return nil, fmt.Errorf("baselines: %w: give their folder by -baselines, or none by -baselines ''", err)
	}
	files, err := filepath.Glob(filepath.Join(opts.baselines, "*"+ruleSuffix))
	if err != nil {
		return nil, fmt.Errorf("-baselines: %w", err)
	}
	for _, file := range files {
		set, err := loadRules(strings.TrimSuffix(filepath.Base(file), ruleSuffix), []string{file})
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// evaluateAll gives the rows of each rule set, in the order of the recordings. The first error ends all of it.
func evaluateAll(ctx context.Context, sets []*ruleSet, recordings []Recording, opts options, progress *progress) ([][]row, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	rows := make([][]row, len(sets))
	for i := range rows {
		rows[i] = make([]row, len(recordings))
	}
	waiting := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.NumCPU(), len(recordings)) {
		workers.Go(func() {
			for i := range waiting {
				scored, err := scoreRecording(ctx, sets, recordings[i], opts)
				if err != nil {
					cancel(err)
					return
				}
				for set := range sets {
					rows[set][i] = scored[set]
				}
				progress.finished(recordings[i].Name, len(recordings))
			}
		})
	}
	for i := range recordings {
		select {
		case waiting <- i:
		case <-ctx.Done():
		}
	}
	close(waiting)
	workers.Wait()
	progress.end()
	return rows, context.Cause(ctx)
}

// scoreRecording gives the row of each rule set.
func scoreRecording(ctx context.Context, sets []*ruleSet, recording Recording, opts options) ([]row, error) {
	recorded, err := loadSeries(filepath.Join(opts.recordings, recording.File), opts.scraped)
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", recording.Name, err)
	}
	scored := make([]row, len(sets))
	for i, set := range sets {
		lines := make([]timeline, offsets)
		for quarters := range lines {
			if lines[quarters], err = evaluate(ctx, set, recording, recorded, quarters); err != nil {
				return nil, err
			}
		}
		scored[i] = score(recording, lines)
	}
	return scored, nil
}

// progress says which recordings are done: on one line of a terminal, else on a line each.
type progress struct {
	mutex    sync.Mutex
	out      io.Writer
	terminal bool
	done     int
}

func newProgress(out *os.File) *progress {
	info, err := out.Stat()
	return &progress{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (p *progress) finished(name string, of int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.done++
	if p.terminal {
		fmt.Fprintf(p.out, "\r\033[K%d/%d %s", p.done, of, name)
	} else {
		fmt.Fprintf(p.out, "%d/%d %s\n", p.done, of, name)
	}
}

func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\033[K")
	}
}
