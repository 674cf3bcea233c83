package topview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// jsonSample is one look. Bytes are those reserved, unless the name says otherwise.
type jsonSample struct {
	Timestamp        string          `json:"timestamp"` // RFC 3339 in UTC, with milliseconds: when the scan began
	PID              int             `json:"pid"`
	Command          string          `json:"command"`
	GoVersion        string          `json:"go_version"`
	Goroutines       int64           `json:"goroutines"`
	StackBytes       int64           `json:"stack_bytes"`        // of these goroutines
	StackUsedBytes   int64           `json:"stack_used_bytes"`   // of these, in use
	SystemStackBytes int64           `json:"system_stack_bytes"` // of the runtime's own goroutines
	DeadStackBytes   int64           `json:"dead_stack_bytes"`   // kept for goroutines to come
	ScanSeconds      float64         `json:"scan_seconds"`
	IntervalSeconds  float64         `json:"interval_seconds"` // until the next look
	Top              []jsonGoroutine `json:"top"`
}

type jsonGoroutine struct {
	GoID      uint64 `json:"goid"`
	StackSize int64  `json:"stack_size"`
	StackUsed *int64 `json:"stack_used,omitempty"` // absent where not known, as the goroutine runs
	Growth    int64  `json:"growth"`               // of the bytes in use, since the look before
	State     string `json:"state"`
	// WaitSeconds is how long it has waited at least; absent where not known.
	WaitSeconds float64  `json:"wait_seconds,omitempty"`
	Creator     string   `json:"creator,omitempty"` // absent of the goroutine that runs main
	Start       string   `json:"start"`
	Function    string   `json:"function"`
	Stack       []string `json:"stack"`    // root first, recursion folded, as the path in the call tree
	StackID     string   `json:"stack_id"` // node of the call tree at its end
}

func toJSON(s *sample) jsonSample {
	object := jsonSample{
		Timestamp:        s.taken.UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		PID:              s.target.pid,
		Command:          s.target.command,
		GoVersion:        s.target.goVersion,
		Goroutines:       s.goroutines,
		StackBytes:       s.stackBytes,
		StackUsedBytes:   s.usedBytes,
		SystemStackBytes: s.systemBytes,
		DeadStackBytes:   s.deadBytes,
		ScanSeconds:      s.scan.Seconds(),
		IntervalSeconds:  s.interval.Seconds(),
		Top:              make([]jsonGoroutine, 0, len(s.selected)),
	}
	for _, g := range s.selected {
		object.Top = append(object.Top, goroutineToJSON(g))
	}
	return object
}

func goroutineToJSON(g goscan.Selected) jsonGoroutine {
	path := goscan.TreePath(g.Stack, g.Truncated)
	object := jsonGoroutine{
		GoID:        g.ID,
		StackSize:   g.Size,
		Growth:      g.Growth,
		State:       g.State,
		WaitSeconds: g.Wait.Round(time.Millisecond).Seconds(),
		Creator:     g.Creator,
		Start:       g.Start,
		Function:    g.Function,
		Stack:       path,
		StackID:     calltree.NodeID(path),
	}
	if g.Used >= 0 {
		object.StackUsed = &g.Used
	}
	return object
}

// writeJSON writes a look as one line.
func writeJSON(w io.Writer, s *sample, _ column) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(toJSON(s)); err != nil {
		return err
	}
	_, err := w.Write(escapeUnprintable(text.Bytes()))
	return err
}

// escapeUnprintable escapes what encoding/json leaves as it is and a terminal may take for more than text, such as
// U+009B, which is as good as ESC [.
func escapeUnprintable(text []byte) []byte {
	var escaped bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			escaped.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&escaped, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&escaped, `\u%04x`, r)
		}
	}
	return escaped.Bytes()
}
