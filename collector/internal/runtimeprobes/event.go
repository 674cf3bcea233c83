package runtimeprobes

import (
	"encoding/binary"
	"fmt"
	"time"
)

// GrowthEvent is one growth of one goroutine's stack.
type GrowthEvent struct {
	PID     int       // as in [Target]
	Time    time.Time // when the runtime was about to copy the stack
	Goid    uint64    // 0 if it could not be read
	G       uint64    // address of the goroutine's runtime.g
	OldSize uint64    // bytes
	NewSize uint64    // bytes
	// PCs is the goroutine's stack, leaf first: the function whose call needed the larger stack, its caller, and so on, at most
	// 128. All are return addresses: look up the instruction before. They are valid until the callback returns.
	PCs []uint64
	// Truncated tells that the stack has more frames than PCs: it is deeper than 128, a page of it could not be read,
	// or some function on it keeps no frame pointer.
	Truncated bool
}

// Offsets in struct growth_event of runtimeprobes.bpf.c. Not a type made by bpf2go, which would need a variable of it and
// thereby another map for each target.
const (
	eventTarget    = 0
	eventFrames    = 4
	eventTruncated = 8
	eventGoid      = 16
	eventG         = 24
	eventOldSize   = 32
	eventNewSize   = 40
	eventKtime     = 48
	eventPCs       = 56

	maxFrames  = 128
	eventBytes = eventPCs + maxFrames*8
)

// decodeEvent returns the event that the kernel wrote, the number of its target, and its time as nanoseconds of
// CLOCK_MONOTONIC. PCs are appended to pcs[:0].
func decodeEvent(b []byte, pcs []uint64) (e GrowthEvent, target uint32, ktime uint64, err error) {
	if len(b) < eventBytes {
		return e, 0, 0, fmt.Errorf("a growth event has %d bytes instead of %d", len(b), eventBytes)
	}
	little := binary.LittleEndian // as both architectures are
	frames := little.Uint32(b[eventFrames:])
	if frames > maxFrames {
		return e, 0, 0, fmt.Errorf("a growth event has %d frames, more than %d", frames, maxFrames)
	}
	pcs = pcs[:0]
	for i := 0; i < int(frames); i++ {
		pcs = append(pcs, little.Uint64(b[eventPCs+8*i:]))
	}
	e = GrowthEvent{
		Goid:      little.Uint64(b[eventGoid:]),
		G:         little.Uint64(b[eventG:]),
		OldSize:   little.Uint64(b[eventOldSize:]),
		NewSize:   little.Uint64(b[eventNewSize:]),
		PCs:       pcs,
		Truncated: little.Uint32(b[eventTruncated:]) != 0,
	}
	return e, little.Uint32(b[eventTarget:]), little.Uint64(b[eventKtime:]), nil
}
