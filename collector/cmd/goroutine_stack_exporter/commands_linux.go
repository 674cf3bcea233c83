//go:build amd64 || arm64

package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"

	"github.com/stackpressure/goroutines/collector/internal/goprofile"
	"github.com/stackpressure/goroutines/collector/internal/topview"
)

// commands are those that are no exporter, by name. Each is given the arguments after its name.
var commands = map[string]func(arguments []string){
	"top":      top,
	"snapshot": snapshot,
}

// newCommand returns a command that is about one process of this host, and the flags that say which.
func newCommand(command, help string) (app *kingpin.Application, pid *int, process, procfs *string) {
	app = kingpin.New(name+" "+command, help).UsageWriter(os.Stdout)
	app.Version(version.Print(name))
	app.HelpFlag.Short('h')
	pid = app.Flag("pid", "Which process, by its PID.").Short('p').PlaceHolder("PID").Int()
	process = app.Flag("name", "Which process, by a regular expression for its executable's name. There has to be one only.").PlaceHolder("REGEX").String()
	procfs = app.Flag("path.procfs", "Where procfs is mounted.").Default("/proc").String()
	return app, pid, process, procfs
}

func top(arguments []string) {
	app, pid, process, procfs := newCommand("top", "Shows the goroutines of a Go process of this host, as top does processes: their stacks, what they wait for and who "+
		"started them. On a terminal, ? lists the keys; in a pipe, it writes one table each time. The process is neither stopped nor changed.")
	o := topview.Options{Out: os.Stdout}
	app.Flag("interval", "Time between two looks. Longer, where looks would take more than a tenth of a processor.").Short('d').Default("1s").DurationVar(&o.Interval)
	app.Flag("count", "How often to look, 0 for no end.").Short('n').Default("0").IntVar(&o.Count)
	app.Flag("rows", "How many goroutines at most. Unless set, 20 in a pipe, and 1,000 on a terminal.").Default("0").IntVar(&o.Rows)
	app.Flag("sort", "What to sort by: "+strings.Join(topview.SortNames(), ", ")+".").Default("size").EnumVar(&o.Sort, topview.SortNames()...)
	app.Flag("reverse", "The other way round.").BoolVar(&o.Reverse)
	app.Flag("filter", "Only goroutines with this text in the name of a function on their stack, or of their creator.").PlaceHolder("TEXT").StringVar(&o.Filter)
	app.Flag("json", "One JSON object each time, in a line of its own.").BoolVar(&o.JSON)
	parse(app, arguments, pid, process)
	o.PID, o.Name, o.Proc = *pid, *process, *procfs
	end(topview.Run(context.Background(), o))
}

func snapshot(arguments []string) {
	app, pid, process, procfs := newCommand("snapshot", "Writes the goroutines of a Go process of this host, and the memory of their stacks, as a profile for go tool pprof, "+
		"Pyroscope and Parca. The process is neither stopped nor changed.")
	output := app.Flag("output", "The file to write, - for standard output.").Short('o').Required().PlaceHolder("FILE").String()
	parse(app, withDash(arguments), pid, process)
	end(goprofile.Run(context.Background(), goprofile.Options{PID: *pid, Name: *process, Proc: *procfs, Output: *output}))
}

// withDash returns arguments of which none is "-", which kingpin takes for a flag without a name: the file is told in one word.
func withDash(arguments []string) []string {
	var told []string
	for _, argument := range arguments {
		if last := len(told) - 1; argument == "-" && last >= 0 && (told[last] == "-o" || told[last] == "--output") {
			told[last] = "--output=-"
			continue
		}
		told = append(told, argument)
	}
	return told
}

func parse(app *kingpin.Application, arguments []string, pid *int, process *string) {
	kingpin.MustParse(app.Parse(arguments))
	if (*pid == 0) == (*process == "") {
		app.Fatalf("which process? Give either --pid or --name")
	}
}

// end ends this process if the command has failed.
func end(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}
