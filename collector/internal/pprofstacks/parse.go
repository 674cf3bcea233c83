package pprofstacks

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// ErrTooLarge is the error of a profile that has more than [MaxBytes].
var ErrTooLarge = fmt.Errorf("it is larger than %d MiB", MaxBytes>>20)

const (
	// MaxBytes bounds a profile as it is sent, and as it is after decompression. 100,000 goroutines whose stacks all
	// differ, of 40 frames each, take about 8 MB.
	MaxBytes = 32 << 20
	// maxFrames bounds the frames of all distinct stacks together, as inlining lets a few bytes stand for many frames.
	maxFrames = 8 << 20
)

// Parse reads a goroutine profile in pprof's protobuf format, gzipped or not, and returns its distinct stacks after
// rules 1 and 2 of the call tree (docs/design.md): root first, inlined calls expanded, without runtime.goexit and
// compiler wrappers, type arguments as [...]. Names may still be invalid UTF-8, and of any length.
//
// Truncated is set on stacks that the profiled process cut off, see [depthLimit].
//
// Errors say what was read instead: a profile of something else, the text form, an HTML page, or what is damaged; or
// they are [ErrTooLarge].
func Parse(r io.Reader) ([]calltree.Stack, error) {
	raw, err := read(r)
	if err != nil {
		return nil, err
	}
	p, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return p.stacks()
}

// read returns the protocol buffer, decompressed.
func read(r io.Reader) ([]byte, error) {
	raw, err := readAtMost(r)
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("decompress the profile: %w", err)
		}
		if raw, err = readAtMost(z); err != nil {
			return nil, fmt.Errorf("decompress the profile: %w", err)
		}
	}
	text := strings.ToLower(string(bytes.TrimSpace(raw[:min(len(raw), 512)])))
	switch {
	case text == "":
		return nil, errors.New("got nothing, want a goroutine profile: is this /debug/pprof/goroutine?")
	case strings.HasPrefix(text, "<"):
		return nil, errors.New("got an HTML page, want a goroutine profile: is this /debug/pprof/goroutine, and does it need a login?")
	case strings.HasPrefix(text, "goroutine "): // "goroutine profile: total 7" of debug=1, "goroutine 1 [running]:" of debug=2
		return nil, errors.New("got the text form of a goroutine profile, want protobuf: leave debug= out of the address")
	}
	return raw, nil
}

func readAtMost(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > MaxBytes {
		return nil, ErrTooLarge
	}
	return raw, nil
}

// sampledStack is a distinct stack, and what tells whether it was cut off.
type sampledStack struct {
	calltree.Stack
	frames      int // with wrappers
	framesBelow int // without those of the physical frame nearest the root
}

// stacks returns the distinct stacks of the profile. Samples that differ in their pprof labels only are one stack.
func (p *decoded) stacks() ([]calltree.Stack, error) {
	value, err := p.goroutineValue()
	if err != nil {
		return nil, err
	}
	var sampled []sampledStack
	byLocations := map[string]int{}
	var s sample
	var key []byte
	frames := 0
	err = p.eachSample(&s, func() error {
		if value >= len(s.values) || s.values[value] < 0 {
			return errors.New("damaged pprof profile: a sample without a number of goroutines")
		}
		key = s.appendKey(key[:0])
		i, ok := byLocations[string(key)]
		if !ok {
			if len(sampled) == maxEntries {
				return fmt.Errorf("the profile has more than %d distinct stacks", maxEntries)
			}
			stack, err := p.stack(s.locations, maxFrames-frames)
			if err != nil {
				return err
			}
			frames += stack.frames
			i = len(sampled)
			byLocations[string(key)] = i
			sampled = append(sampled, stack)
		}
		sampled[i].Goroutines += s.values[value]
		return nil
	})
	if err != nil {
		return nil, err
	}

	limit := depthLimit(sampled, p.hasFunction(writerBeforeGo123))
	stacks := make([]calltree.Stack, len(sampled))
	for i, s := range sampled {
		stacks[i] = s.Stack
		stacks[i].Truncated = s.frames >= limit
	}
	return stacks, nil
}

// goroutineValue returns which value of each sample counts goroutines.
func (p *decoded) goroutineValue() (int, error) {
	var types []string
	for i, t := range p.sampleTypes {
		name, err := p.text(t)
		if err != nil {
			return 0, err
		}
		if name == "goroutine" {
			return i, nil
		}
		types = append(types, name)
	}
	if len(types) == 0 {
		return 0, errors.New("not a pprof profile: it does not say what it counts")
	}
	return 0, fmt.Errorf("got a profile of %q, want a goroutine profile: is this /debug/pprof/goroutine?", types)
}

// stack turns locations, leaf first, into a stack, root first. In a location, the outermost caller is last.
func (p *decoded) stack(locations []uint64, maxFrames int) (sampledStack, error) {
	s := sampledStack{}
	for i := len(locations) - 1; i >= 0; i-- {
		l, err := p.location(locations[i])
		if err != nil {
			return s, err
		}
		if s.frames += l.frames; s.frames > maxFrames {
			return s, errors.New("the profile has too many frames to be true")
		}
		if i < len(locations)-1 {
			s.framesBelow += l.frames
		}
		s.Functions = append(s.Functions, l.functions...)
	}
	return s, nil
}

const (
	// The deepest stack that the runtime records, runtime.goexit included: 32 frames up to Go 1.22; 128 since, or what
	// GODEBUG=profstackdepth says, which is at most 1024. See runtime/mprof.go (maxProfStackDepth) and
	// runtime/pprof/pprof.go.
	depthBeforeGo123 = 32
	depthDefault     = 128
	depthGreatest    = 1024

	// writerBeforeGo123 is on the stack of the goroutine that writes the profile, which is always in it. Go 1.23 linked
	// this function under another name, by the same change that raised the depth.
	writerBeforeGo123 = "runtime/pprof.runtime_goroutineProfileWithLabels"

	// splitFrames allows for inlined recursion: pprof's writer gives it locations of its own (runtime/pprof/proto.go,
	// pcDeck.tryAdd), so that of a stack that was cut off more than limit-1 frames can be below the last location.
	splitFrames = 16
)

// depthLimit returns the number of frames from which on a stack was cut off.
//
// The profile does not say so: its writer leaves out runtime.goexit, by which a whole stack ends, also where it is
// there. But the runtime counts it, so a whole stack has fewer frames than the limit; and one that was cut off has
// limit frames, or more when the last was inlined, as the writer adds the callers that it was inlined into. Nor does
// the profile say the limit. It is the default one unless a stack is deeper than that allows; then, only stacks that
// reach the greatest limit are known to be cut off.
//
// So wrong are: a whole stack of exactly limit frames; and processes with another profstackdepth than the default one
// and the greatest.
func depthLimit(stacks []sampledStack, beforeGo123 bool) int {
	if beforeGo123 {
		return depthBeforeGo123
	}
	for _, s := range stacks {
		if s.framesBelow >= depthDefault+splitFrames {
			return depthGreatest
		}
	}
	return depthDefault
}
