package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/config"
	"github.com/stackpressure/goroutines/collector/internal/pprofstacks"
)

// parses is how many profiles are decompressed, parsed and made trees of at once, so that the memory for this is bounded
// whatever the number of targets. 100,000 goroutines whose stacks of 40 frames all differ take 350 MB; twice as many take
// 700 MB, and pprofstacks refuses more. Profiles of real programs take milliseconds and little memory.
const parses = 2

// buildTree makes the call tree of a profile as it was sent.
func (p *Prober) buildTree(ctx context.Context, m *module, t config.Target, timeout time.Duration, body []byte, builder *calltree.Builder) (calltree.Tree, *failure) {
	select {
	case p.parses <- struct{}{}:
		defer func() { <-p.parses }()
	case <-ctx.Done():
		return calltree.Tree{}, contextFailure(t, timeout, ctx.Err())
	}
	stacks, err := parse(body)
	if errors.Is(err, pprofstacks.ErrTooLarge) {
		return calltree.Tree{}, tooLargeFailure(t, "decompresses to")
	}
	if err != nil {
		return calltree.Tree{}, failed(notAProfile, "%s answers at %s, but not with a goroutine profile (%v): check target, "+
			"and path in module %q", t, m.Path, err, m.name)
	}
	return builder.Build(stacks, time.Now()), nil
}

// parse makes a panic of the parser an error. net/http would do so, had the profile not a goroutine of its own.
func parse(body []byte) (stacks []calltree.Stack, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the parser panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return pprofstacks.Parse(bytes.NewReader(body))
}
