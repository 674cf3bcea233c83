package goprofile

import (
	"fmt"
	"io"
	"slices"

	"github.com/google/pprof/profile"

	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// Sample types. The first is that of the goroutine profile, with which Pyroscope shows it as goroutines; the second is
// called as inuse_space of heap profiles, and is in a unit that is scaled.
const (
	Goroutines = "goroutine"
	StackSpace = "stack_space"
)

// Executable is what the process runs. What is not known is empty.
type Executable struct {
	Path      string
	BuildID   string
	GoVersion string
	PID       int
}

// Write writes the profile of a scan of the depth goscan.Stacks, compressed with gzip. Its values are the sums of the
// snapshot; dead stacks, and those of the runtime's own goroutines, are mentioned in comments.
//
// Recursion is folded, so that a profile has as many frames as the call tree. Frames have no addresses: what is inlined
// has its own, as every other.
func Write(w io.Writer, snapshot *goscan.Snapshot, executable Executable) error {
	p := build(snapshot, executable)
	if err := p.CheckValid(); err != nil {
		return fmt.Errorf("the profile of process %d is not valid: %w", executable.PID, err)
	}
	return p.Write(w)
}

func build(snapshot *goscan.Snapshot, executable Executable) *profile.Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{
			{Type: Goroutines, Unit: "count"},
			{Type: StackSpace, Unit: "bytes"},
		},
		DefaultSampleType: StackSpace,
		PeriodType:        &profile.ValueType{Type: Goroutines, Unit: "count"},
		Period:            1,
		TimeNanos:         snapshot.Taken.UnixNano(),
		DurationNanos:     snapshot.Duration.Nanoseconds(),
		Mapping: []*profile.Mapping{{
			ID: 1, File: executable.Path, BuildID: executable.BuildID,
			HasFunctions: true, HasInlineFrames: true,
		}},
		Comments: []string{
			fmt.Sprintf("process %d, built with %s, read from outside by goroutine_stack_exporter", executable.PID, executable.GoVersion),
			fmt.Sprintf("recursion is folded; the deepest stack has %d frames", snapshot.FramesMax),
			fmt.Sprintf("stack memory of no live goroutine: %d bytes kept for new ones, %d bytes of the runtime's own", snapshot.DeadBytes, snapshot.SystemBytes),
		},
	}
	locations := map[string]*profile.Location{}
	locationOf := func(function string) *profile.Location {
		if known, ok := locations[function]; ok {
			return known
		}
		id := uint64(len(p.Location) + 1)
		f := &profile.Function{ID: id, Name: function, SystemName: function}
		l := &profile.Location{ID: id, Mapping: p.Mapping[0], Line: []profile.Line{{Function: f}}}
		p.Function = append(p.Function, f)
		p.Location = append(p.Location, l)
		locations[function] = l
		return l
	}
	for _, s := range snapshot.Stacks {
		sample := &profile.Sample{Value: []int64{s.Goroutines, s.StackBytes}}
		for _, function := range goscan.TreePath(s.Functions, s.Truncated) {
			sample.Location = append(sample.Location, locationOf(function))
		}
		slices.Reverse(sample.Location) // leaf first
		p.Sample = append(p.Sample, sample)
	}
	return p
}
