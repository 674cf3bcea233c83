// Command top runs topview by itself, for its tests.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/stackpressure/goroutines/collector/internal/topview"
)

func main() {
	var o topview.Options
	flag.IntVar(&o.PID, "pid", 0, "")
	flag.StringVar(&o.Name, "name", "", "")
	flag.DurationVar(&o.Interval, "interval", 0, "")
	flag.IntVar(&o.Count, "n", 0, "")
	flag.IntVar(&o.Rows, "rows", 0, "")
	flag.StringVar(&o.Sort, "sort", "", "")
	flag.BoolVar(&o.Reverse, "reverse", false, "")
	flag.StringVar(&o.Filter, "filter", "", "")
	flag.BoolVar(&o.JSON, "json", false, "")
	flag.Parse()
	if err := topview.Run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "top:", err)
		os.Exit(1)
	}
}
