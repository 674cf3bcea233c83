package topview

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/stackpressure/goroutines/collector/internal/goprocess"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// Options are what the command line decides.
type Options struct {
	// Which process: its PID, or its Name, see goprocess.Choice. Proc is where procfs is mounted, "/proc" if empty.
	PID  int
	Name string
	Proc string
	// Interval is the time between two looks: a second if 0. It is longer where looks would take more than a tenth of a core.
	Interval time.Duration
	// Count is how many looks there are; 0 is no end.
	Count int
	// Rows is how many goroutines are listed at most. If it is 0, 20 in a pipe and as JSON, and on a terminal 1,000. No more
	// than goscan.MaxSelected are.
	Rows int
	// Sort is one of SortNames, "size" if empty: what goroutines are sorted by. Numbers are from the greatest on, ids and texts
	// from the first on; if Reverse, the other way round.
	Sort    string
	Reverse bool
	// Filter leaves out the goroutines that have no function on their stack, and no creator, with this text in its name.
	Filter string
	// JSON asks for an object for each look, in a line of its own, whatever Out is.
	JSON bool
	// Out is os.Stdout if nil. If it is a terminal, keys are read from it.
	Out *os.File
}

const (
	defaultInterval = time.Second
	minInterval     = 10 * time.Millisecond
	pipeRows        = 20
	terminalRows    = 1000
)

// SortNames are the values of Options.Sort.
func SortNames() []string {
	var names []string
	for _, c := range goroutineColumns {
		if name := columnKinds[c].name; name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Run shows the process until the context or the process ends, a key ends it, or nobody reads what it writes any more.
// It returns an error if the process has ended, or cannot be read. SIGINT, SIGTERM and SIGHUP end it like the context.
func Run(ctx context.Context, o Options) error {
	o, sorting, err := o.withDefaults()
	if err != nil {
		return err
	}
	isTerminal := !o.JSON && term.IsTerminal(int(o.Out.Fd()))
	if o.Rows == 0 && isTerminal {
		o.Rows = terminalRows
	} else if o.Rows == 0 {
		o.Rows = pipeRows
	}
	o.Rows = min(o.Rows, goscan.MaxSelected)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	process, err := goprocess.Open(goprocess.Choice{Proc: o.Proc, PID: o.PID, Name: o.Name})
	if err != nil {
		return err
	}
	worker := startWorker(newSource(process, o.Interval), func() { process.Close() })
	defer worker.stop()
	if isTerminal {
		v := newView(o.Rows, sorting, o.Filter)
		v.asked = o.Interval
		return runOnTerminal(ctx, o.Out, worker, v, o.Count)
	}
	write := writeTable
	if o.JSON {
		write = writeJSON
	}
	q := query{column: sorting.column, descending: sorting.descending, contains: o.Filter, limit: o.Rows}
	signal.Ignore(syscall.SIGPIPE) // it would end the program; now writing is an error
	defer signal.Reset(syscall.SIGPIPE)
	err = stream(ctx, worker, q, o.Count, func(s *sample) error { return write(o.Out, s, sorting.column) })
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

func (o Options) withDefaults() (Options, sorting, error) {
	if o.Out == nil {
		o.Out = os.Stdout
	}
	if o.Interval == 0 {
		o.Interval = defaultInterval
	}
	if o.Interval < minInterval {
		return o, sorting{}, fmt.Errorf("the interval has to be at least %s", minInterval)
	}
	if o.Count < 0 || o.Rows < 0 {
		return o, sorting{}, errors.New("numbers of looks and of rows have to be at least 0")
	}
	if o.Sort == "" {
		o.Sort = columnKinds[columnSize].name
	}
	i := slices.IndexFunc(goroutineColumns, func(c column) bool { return columnKinds[c].name == o.Sort })
	if i < 0 {
		return o, sorting{}, fmt.Errorf("goroutines cannot be sorted by %q: one can by %s", o.Sort, strings.Join(SortNames(), ", "))
	}
	c := goroutineColumns[i]
	return o, sorting{c, c.descends() != o.Reverse}, nil
}

// looker looks at a process: a source, or what a test makes up.
type looker interface {
	look(query) (*sample, error)
	choose(query) (*sample, error)
}

// request is a look that is wanted, or, without scan, other rows of the last.
type request struct {
	scan  bool
	query query
}

type answer struct {
	request request
	sample  *sample
	err     error
}

// worker looks at a process in a goroutine of its own, so that a look that takes long keeps nobody from ending.
type worker struct {
	requests chan request
	answers  chan answer // of one request after the other
}

// startWorker calls done when the worker has been stopped, and a look that was under way has ended.
func startWorker(source looker, done func()) *worker {
	w := &worker{make(chan request), make(chan answer, 1)}
	go func() {
		defer done()
		for r := range w.requests {
			w.answers <- answerTo(r, source)
		}
	}()
	return w
}

func (w *worker) stop() { close(w.requests) }

// answerTo makes a panic an error, so that the terminal is restored before the program ends.
func answerTo(r request, source looker) (a answer) {
	a.request = r
	defer func() {
		if recovered := recover(); recovered != nil {
			a.err = fmt.Errorf("looking at the process panicked: %v\n%s", recovered, debug.Stack())
		}
	}()
	if r.scan {
		a.sample, a.err = source.look(r.query)
	} else {
		a.sample, a.err = source.choose(r.query)
	}
	return a
}

// stream writes one look after the other.
func stream(ctx context.Context, w *worker, q query, looks int, write func(*sample) error) error {
	for i := 1; ; i++ {
		begin := time.Now()
		w.requests <- request{true, q}
		var a answer
		select {
		case <-ctx.Done():
			return nil
		case a = <-w.answers:
		}
		if a.err != nil {
			return a.err
		}
		if err := write(a.sample); err != nil {
			return err
		}
		if i == looks {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(a.sample.interval - time.Since(begin)):
		}
	}
}
