// Command truth is a Go program that knows what its goroutines do, and says so: what a scan from outside is compared with.
//
// It is built with each supported version of Go. Its first argument says which goroutines it starts; then it answers each
// line on its standard input with one of JSON on its standard output.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"syscall"
)

// answer is what the program knows of itself.
type answer struct {
	Goroutines int    // runtime.NumGoroutine
	Profile    []byte // the goroutine profile, debug=0
	Traceback  string // the goroutine profile, debug=2
	StackBytes uint64 // /memory/classes/heap/stacks:bytes
	Threads    int
	// Callers are the stacks that goroutines have told of themselves, leaf first, by what they are.
	Callers map[string][]string
	// Finalizers is how many goroutines of the runtime run code of the program, which NumGoroutine leaves out.
	Finalizers int
	// Parked is how many of the goroutines below main.parked there are.
	Parked int
}

func main() {
	debug.SetMaxStack(4 << 30)
	switch os.Args[1] {
	case "zoo":
		startZoo()
	case "churn":
		startChurn()
	case "spin":
		startSpinners()
	case "fresh":
		runFresh()
	case "deep":
		startDeep(os.Args[2])
	case "lie":
		startLying()
	case "exit":
		return
	}
	if len(os.Args) > 2 && os.Args[2] == "answer" { // without being asked
		json.NewEncoder(os.Stdout).Encode(know())
	}
	go serve()
	select {}
}

// serve is the entry of the only goroutine that does something when asked: comparisons leave it out.
func serve() {
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		switch command := lines.Text(); command {
		case "gc":
			runtime.GC()
		case "pause":
			pauseChurn()
		case "resume":
			resumeChurn()
		case "exec":
			if err := syscall.Exec("/proc/self/exe", []string{os.Args[0], "churn", "answer"}, os.Environ()); err != nil {
				panic(err)
			}
		case "fork":
			fork()
		default:
			if isLie(command) {
				lie(command)
				fmt.Println("{}")
				continue
			}
		}
		if err := out.Encode(know()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(0) // the test has ended
}

func know() answer {
	a := answer{Callers: map[string][]string{}, Finalizers: finalizers, Parked: parkedGoroutines}
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 0); err != nil {
		panic(err)
	}
	a.Profile = profile.Bytes()
	var traceback bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&traceback, 2); err != nil {
		panic(err)
	}
	a.Traceback = traceback.String()
	a.Goroutines = runtime.NumGoroutine()
	a.Threads = pprof.Lookup("threadcreate").Count()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(sample)
	a.StackBytes = sample[0].Value.Uint64()
	told.Range(func(name, stack any) bool {
		a.Callers[name.(string)] = stack.([]string)
		return true
	})
	return a
}
