// Command scenarios runs one way for a Go program to run out of memory, at a chosen rate and within a bound, with
// /metrics and /debug/pprof as a real service has them.
//
//	go run ./scenarios -scenario spawn-storm
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stackpressure/goroutines/collector/stackdepth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "scenarios:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("scenarios", flag.ContinueOnError)
	name := flags.String("scenario", "", "which `name` to run: see -list")
	list := flags.Bool("list", false, "list the scenarios, and end")
	figures := flags.Bool("figures", false, "print the article's figures beside those of this machine, and end")
	address := flags.String("listen", "127.0.0.1:6060", "`address` for /metrics and /debug/pprof; port 0 takes a free one")
	perSecond := flags.Float64("rate", 0, "how many `units` a second: goroutines, or what -list says (default the scenario's own)")
	bound := flags.Int("max", 0, "greatest number of these `units` held at once (default the scenario's own, see -list)")
	period := flags.Duration("period", 0, "`time` between two of what the scenario repeats (default the scenario's own, see -list)")
	duration := flags.Duration("duration", 0, "end after this `time` (default not before an interrupt)")
	library := flags.Bool("library", false, "export the call tree on /metrics by our library; do not have it probed too")
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(out)
			flags.Usage()
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: a scenario is chosen with -scenario", flags.Arg(0))
	}
	if *list {
		return writeList(out)
	}
	if *figures {
		return writeFigures(out)
	}
	s, err := findScenario(*name)
	if err != nil {
		return err
	}
	if *perSecond < 0 || *bound < 0 || *period < 0 || *duration < 0 {
		return errors.New("-rate, -max, -period and -duration cannot be negative")
	}
	cfg := config{Rate: s.Rate, Max: s.Max, Period: s.Period, Mux: newMux(s)}
	if *perSecond > 0 {
		cfg.Rate = *perSecond
	}
	if *bound > 0 {
		cfg.Max = *bound
	}
	if *period > 0 {
		cfg.Period = *period
	}
	if *duration > 0 {
		// Not a deadline: the rate limiter would give up before a wait that outlasts it.
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		defer time.AfterFunc(*duration, cancel).Stop()
	}

	if *library {
		prometheus.MustRegister(stackdepth.NewCollector())
	}

	listener, err := listen(*address)
	if err != nil {
		return err
	}
	cfg.URL = "http://" + listener.Addr().String()
	return serve(ctx, s, cfg, &http.Server{Handler: cfg.Mux, ReadHeaderTimeout: 10 * time.Second}, listener, out)
}

func writeList(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SCENARIO\tARTICLE\tRATE\tMAX\tUNIT\tPERIOD\tWHAT IT DOES")
	for _, s := range scenarios {
		row := "-"
		if s.Row > 0 {
			row = fmt.Sprint("row ", s.Row)
		}
		period := "-"
		if s.Period > 0 {
			period = s.Period.String()
		}
		fmt.Fprintf(table, "%s\t%s\t%g\t%d\t%s\t%s\t%s\n", s.Name, row, s.Rate, s.Max, s.unit(), period, s.Does)
	}
	return table.Flush()
}
