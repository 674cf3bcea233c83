package goprocess

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/stackpressure/goroutines/collector/internal/discovery"
)

// Candidate is a Go process that a name fits.
type Candidate struct {
	PID       int
	Command   string
	GoVersion string
}

// FindByName returns the Go processes with the name, by PID: see Choice.Name. The process that asks is none of them.
func FindByName(proc, name string) ([]Candidate, error) {
	if strings.HasPrefix(name, "cgroup:") || strings.HasPrefix(name, "label:") {
		name = "(?:)" + name // the agent's filters have these prefixes: here, all of it is the name
	}
	filter, err := discovery.ParseFilter(name)
	if err != nil {
		return nil, err
	}
	finder, err := discovery.New(discovery.Options{
		Proc:    proc,
		Include: []discovery.Filter{filter},
		// It warns of each kind of process that it cannot look at, of which most hosts have some.
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, err
	}
	defer finder.Close()
	processes, err := finder.Refresh()
	if err != nil {
		return nil, err
	}
	var candidates []Candidate
	for _, p := range processes {
		candidates = append(candidates, Candidate{p.PID, p.Command, printable(p.GoVersion)})
	}
	return candidates, nil
}

// maxListed is how many candidates an error lists.
const maxListed = 20

// findOne returns the only Go process with the name.
func findOne(proc, name string) (Candidate, error) {
	candidates, err := FindByName(proc, name)
	if err != nil {
		return Candidate{}, err
	}
	switch len(candidates) {
	case 1:
		return candidates[0], nil
	case 0:
		return Candidate{}, fmt.Errorf("no Go process that may be looked at has the name %q: the name is a regular expression for "+
			"the whole name of the executable (a part of it: .*%s.*). Processes of other users need root or CAP_SYS_PTRACE", name, name)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d Go processes have the name %q: choose one by its PID", len(candidates), name)
	for i, c := range candidates {
		if i == maxListed {
			fmt.Fprintf(&text, "\n  and %d more", len(candidates)-i)
			break
		}
		fmt.Fprintf(&text, "\n  %d\t%s\t%s", c.PID, c.Command, c.GoVersion)
	}
	return Candidate{}, fmt.Errorf("%s", text.String())
}
