package topview

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/goprocess"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// target is the process that is looked at.
type target struct {
	pid       int
	command   string
	goVersion string
}

// sample is one look at a process.
type sample struct {
	target target
	taken  time.Time
	scan   time.Duration // wall time of the scan
	cpu    time.Duration // processor time of the scan, and of choosing what is shown
	// isFirst tells that all stacks were read, not those alone that have changed.
	isFirst bool
	// interval is how long after this look the next one is.
	interval time.Duration

	goroutines, goroutinesChange int64 // the change since the look before
	stackBytes, stackBytesChange int64 // reserved
	usedBytes                    int64
	deadBytes, systemBytes       int64
	states                       []stateCount // most first
	selected                     []goscan.Selected
	groups                       []group
	matching                     amount // of all that the filter lets through
	groupsTotal                  int    // of which groups are the first
	inspection                   *goscan.Inspection
	inspectionError              error // of one goroutine; the process goes on
}

type amount struct{ goroutines, bytes int64 }

type stateCount struct {
	state      string
	goroutines int64
}

// group is the goroutines that have one stack, with recursion folded.
type group struct {
	id         string // of the node of the call tree in which the stack ends
	goroutines int64
	bytes      int64
	growth     int64  // of goroutines since the first look
	function   string // see goscan.FirstUserFrame
	path       []string
}

// query says which rows are wanted.
type query struct {
	grouped    bool
	column     column
	descending bool
	contains   string // text in a function's name, "" for all
	limit      int
	inspect    uint64 // a goroutine to read anew, 0 for none
}

// source looks at one process.
type source struct {
	process  *goprocess.Process
	asked    time.Duration // interval
	snapshot *goscan.Snapshot
	last     sample
	first    map[string]int64 // goroutines by group at the first look
	scans    int
}

func newSource(process *goprocess.Process, interval time.Duration) *source {
	return &source{process: process, asked: interval}
}

// look scans the process, and returns what is wanted of that.
func (s *source) look(q query) (*sample, error) {
	snapshot, err := s.process.Scan(goscan.Stacks)
	if err != nil {
		return nil, s.explain(err)
	}
	now := sample{
		target:      target{s.process.PID, s.process.Command, s.process.Executable().GoVersion},
		taken:       snapshot.Taken,
		scan:        snapshot.Duration,
		goroutines:  snapshot.Goroutines,
		deadBytes:   snapshot.DeadBytes,
		systemBytes: snapshot.SystemBytes,
		states:      states(snapshot.Waits),
	}
	for size, goroutines := range snapshot.Sizes {
		now.stackBytes += size * goroutines
	}
	if s.scans++; s.scans == 1 {
		s.first = map[string]int64{}
		for _, g := range groups(snapshot.Stacks, nil) {
			s.first[g.id] = g.goroutines
		}
	} else {
		now.goroutinesChange = now.goroutines - s.last.goroutines
		now.stackBytesChange = now.stackBytes - s.last.stackBytes
	}
	now.isFirst = s.scans == 1
	s.snapshot, s.last = snapshot, now
	begin := time.Now()
	chosen, err := s.choose(q)
	if err != nil {
		return nil, err
	}
	s.last.cpu = snapshot.CPU + time.Since(begin)
	s.last.interval = interval(s.asked, s.last.cpu, s.last.isFirst)
	chosen.cpu, chosen.interval = s.last.cpu, s.last.interval
	return chosen, nil
}

// choose returns what is wanted of the last look.
func (s *source) choose(q query) (*sample, error) {
	chosen := s.last
	selected, totals, err := s.process.Goroutines(goscan.Selection{
		Order: q.column.order(), Descending: q.descending, Limit: q.limit, Contains: q.contains,
	})
	if err != nil {
		return nil, s.explain(err)
	}
	chosen.usedBytes, chosen.matching = totals.UsedBytes, amount{totals.Goroutines, totals.StackBytes}
	if q.grouped {
		all := matching(groups(s.snapshot.Stacks, s.first), q.contains)
		sortGroups(all, q.column, q.descending)
		chosen.groups, chosen.groupsTotal = all[:min(len(all), q.limit)], len(all)
		chosen.matching = amount{}
		for _, g := range all {
			chosen.matching.goroutines += g.goroutines
			chosen.matching.bytes += g.bytes
		}
	} else {
		chosen.selected = selected
	}
	if q.inspect != 0 {
		chosen.inspection, err = s.process.Inspect(q.inspect)
		if errors.Is(err, goscan.ErrEnded) || errors.Is(err, goscan.ErrRan) {
			chosen.inspectionError, err = err, nil
		}
		if err != nil {
			return nil, s.explain(err)
		}
	}
	return &chosen, nil
}

// explain says whose error it is.
func (s *source) explain(err error) error {
	var e *goscan.Error
	if errors.As(err, &e) && e.Cause == goscan.Gone {
		return fmt.Errorf("process %d (%s) has ended, or runs another program now", s.process.PID, s.process.Command)
	}
	return fmt.Errorf("process %d (%s): %w", s.process.PID, s.process.Command, err)
}

// maxShare is the part of a core that looks may take: looks that take longer are made less often.
const maxShare = 0.1

// interval is how long after a look the next one is. The first look does not count: it reads all stacks, and those after
// it what has changed.
func interval(asked, cpu time.Duration, isFirst bool) time.Duration {
	if isFirst {
		return asked
	}
	return max(asked, time.Duration(float64(cpu)/maxShare))
}

func states(waits map[string]int64) []stateCount {
	var counts []stateCount
	for state, goroutines := range waits {
		counts = append(counts, stateCount{state, goroutines})
	}
	slices.SortFunc(counts, func(a, b stateCount) int {
		return cmp.Or(cmp.Compare(b.goroutines, a.goroutines), strings.Compare(a.state, b.state))
	})
	return counts
}

// groups returns the goroutines by stack, and how many more there are than at the first look.
func groups(stacks []calltree.Stack, first map[string]int64) []group {
	all := make([]group, len(stacks))
	for i, s := range stacks {
		path := goscan.TreePath(s.Functions, s.Truncated)
		id := calltree.NodeID(path)
		all[i] = group{
			id: id, goroutines: s.Goroutines, bytes: s.StackBytes, growth: s.Goroutines - first[id],
			function: goscan.FirstUserFrame(path), path: path,
		}
	}
	return all
}

// matching returns the groups with the text in a function's name.
func matching(groups []group, text string) []group {
	text = strings.ToLower(text)
	return slices.DeleteFunc(groups, func(g group) bool {
		return !slices.ContainsFunc(g.path, func(function string) bool { return strings.Contains(strings.ToLower(function), text) })
	})
}

func sortGroups(groups []group, by column, descending bool) {
	slices.SortFunc(groups, func(a, b group) int {
		var order int
		switch by {
		case columnBytes:
			order = cmp.Compare(a.bytes, b.bytes)
		case columnGroupGrowth:
			order = cmp.Compare(a.growth, b.growth)
		case columnStackID:
			order = strings.Compare(a.id, b.id)
		case columnGroupFunction:
			order = strings.Compare(a.function, b.function)
		default:
			order = cmp.Compare(a.goroutines, b.goroutines)
		}
		if descending {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(b.goroutines, a.goroutines), strings.Compare(a.id, b.id))
	})
}
