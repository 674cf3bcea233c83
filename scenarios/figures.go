package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"sync"
	"text/tabwriter"
	"time"
)

// A figure is a number that the article prints, and the same measured here.
type figure struct {
	what, article string
	measure       func() string
}

// figures are what of the article's table can be checked in one program.
func figures() []figure {
	figures := []figure{{
		"goroutines of the spawn tree, limited to depth 6", "127",
		func() string { return fmt.Sprint(spawnTree(6)) },
	}}
	for _, row := range []struct {
		defers  int
		article string
	}{{1, "2 KB"}, {10, "24 KB"}, {100, "218 KB"}} {
		figures = append(figures, figure{
			fmt.Sprintf("stack of %d nested deferred calls", row.defers), row.article,
			func() string {
				return stackOf(func(done <-chan struct{}) { deferLevels(row.defers, done) })
			},
		})
	}
	for _, row := range []struct {
		panics  int
		article string
	}{{10, "24 KB"}, {30, "192 KB"}, {50, "over 2 MB"}} {
		figures = append(figures, figure{
			fmt.Sprintf("stack of %d nested panics", row.panics), row.article,
			func() string {
				return stackOf(func(done <-chan struct{}) { panicAgain(row.panics, done) })
			},
		})
	}
	figures = append(figures, figure{
		"stack of 500 levels of recursion", "about 1 MiB, nine doublings of 2 KiB",
		func() string {
			return stackOf(func(done <-chan struct{}) {
				ctx, cancel := context.WithCancel(context.Background())
				go func() { <-done; cancel() }()
				descend(ctx, pace(1e9), 500)
			})
		},
	})
	for _, row := range []struct {
		layers  int
		article string
	}{{1, "0.8 ms"}, {10, "18.7 ms"}} {
		figures = append(figures, figure{
			fmt.Sprintf("time of a request through %d middleware layers", row.layers), row.article,
			func() string { return latency(row.layers).String() },
		})
	}
	return append(figures, figure{
		"look-up in a context of 20 values", "over 500 ns",
		func() string { return lookUp(20).String() },
	})
}

// writeFigures prints the article's figures beside ours, which hold for this machine and Go release.
func writeFigures(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "FIGURE\tARTICLE\tHERE (%s, %s/%s)\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, f := range figures() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.what, f.article, f.measure())
	}
	return table.Flush()
}

// spawnTree starts the goroutines of the article's processNode with its depth limit, and counts those alive at once.
func spawnTree(depth int) int {
	var started, all sync.WaitGroup
	stop := make(chan struct{})
	var node func(level int)
	node = func(level int) {
		defer all.Done()
		if level < depth {
			started.Add(2)
			all.Add(2)
			go node(level + 1)
			go node(level + 1)
		}
		started.Done()
		<-stop
	}
	before := runtime.NumGoroutine()
	started.Add(1)
	all.Add(1)
	go node(0)
	started.Wait()
	alive := runtime.NumGoroutine() - before
	close(stop)
	all.Wait()
	return alive
}

// stackOf is the stack memory of a goroutine that waits at the bottom of calls: a power of two, as stacks double.
// It is the mean of many, as the runtime hands small stacks out from spans of several.
func stackOf(calls func(done <-chan struct{})) string {
	// A collection halves stacks of which less than a quarter is in use.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const goroutines = 64
	inUse := func() int64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.StackInuse)
	}
	runtime.GC()
	before := inUse()
	done := make(chan struct{})
	var ended sync.WaitGroup
	for range goroutines {
		ended.Add(1)
		go func() {
			defer ended.Done()
			calls(done)
		}()
	}
	// All have reached the bottom once stack memory no longer grows.
	last := int64(-1)
	for now := inUse(); now != last; now = inUse() {
		last = now
		time.Sleep(100 * time.Millisecond)
	}
	close(done)
	ended.Wait()
	return fmt.Sprintf("%.0f KiB", float64(last-before)/goroutines/1024)
}

func latency(layers int) time.Duration {
	handler := http.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for range layers {
		handler = withTracing(handler)
	}
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	return timeOf(func() { handler.ServeHTTP(httptest.NewRecorder(), request) })
}

func lookUp(values int) time.Duration {
	ctx := context.Background()
	for key := range values {
		ctx = context.WithValue(ctx, messageKey(key), key)
	}
	return timeOf(func() { _ = ctx.Value(messageKey(0)) })
}

// timeOf is the mean of many calls.
func timeOf(call func()) time.Duration {
	const calls = 100_000
	began := time.Now()
	for range calls {
		call()
	}
	return time.Since(began) / calls
}
