package probe

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/config"
	"github.com/stackpressure/goroutines/collector/internal/pprofstacks"
)

const (
	// maxProfileBytes bounds a profile as it is sent, and as it is after decompression; pprofstacks takes as much. It is
	// three times the profile of 100,000 goroutines whose stacks all differ.
	maxProfileBytes = 32 << 20
	// parses is how many profiles are decompressed, parsed and made trees of at once, so that the memory for this is
	// bounded whatever the number of targets. 100,000 goroutines whose stacks of 40 frames all differ take 350 MB; twice
	// as many take 700 MB, and pprofstacks refuses more. Profiles of real programs take milliseconds and little memory.
	parses = 2
)

// buildTree makes the call tree of a profile as it was sent.
func (p *Prober) buildTree(ctx context.Context, m *module, t config.Target, timeout time.Duration, body []byte, builder *calltree.Builder) (calltree.Tree, *failure) {
	select {
	case p.parses <- struct{}{}:
		defer func() { <-p.parses }()
	case <-ctx.Done():
		return calltree.Tree{}, contextFailure(t, timeout, ctx.Err())
	}
	data, err := decompress(body)
	if errors.Is(err, errTooLarge) {
		return calltree.Tree{}, tooLargeFailure(t, "decompresses to")
	}
	var stacks []calltree.Stack
	if err == nil {
		stacks, err = parse(data)
	}
	if err != nil {
		return calltree.Tree{}, failed(notAProfile, "%s answers at %s, but not with a goroutine profile (%v): check target, "+
			"and path in module %q", t, m.Path, err, m.name)
	}
	return builder.Build(stacks, time.Now()), nil
}

var errTooLarge = errors.New("larger than the limit")

// decompress returns the profile itself. pprofstacks would decompress it too, but its error does not tell a profile
// that is too large from one that is none.
func decompress(body []byte) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(reader, maxProfileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	if len(data) > maxProfileBytes {
		return nil, errTooLarge
	}
	return data, nil
}

// parse makes a panic of the parser an error. net/http would do so, had the profile not a goroutine of its own.
func parse(data []byte) (stacks []calltree.Stack, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the parser panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return pprofstacks.Parse(bytes.NewReader(data))
}
