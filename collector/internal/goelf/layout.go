package goelf

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Layout says where the runtime of one Go version keeps things, in bytes, and what its numbers mean. All of it is the
// same on amd64 and arm64.
type Layout struct {
	G      GLayout
	Module ModuleLayout
	// FuncIDWrapper marks functions that the compiler made to call others (abi.FuncIDWrapper).
	FuncIDWrapper byte
	// WaitReasons are the texts of runtime.waitReason, by number.
	WaitReasons []string
}

// GLayout are the offsets of fields in runtime.g.
type GLayout struct {
	StackLo, StackHi                   uint64
	SchedSP, SchedPC, SchedG, SchedLR  uint64 // runtime.gobuf
	SchedBP                            uint64
	SyscallSP, SyscallPC               uint64
	AtomicStatus, GoID                 uint64
	WaitSince, WaitReason, TrackingSeq uint64
	ParentGoID, GoPC, StartPC          uint64
}

// ModuleLayout are the offsets of fields in runtime.moduledata.
type ModuleLayout struct {
	Text, TextEnd, GoFunc uint64
}

// size is how much of a module is read: up to the last field that is used.
func (m ModuleLayout) size() int { return int(max(m.Text, m.TextEnd, m.GoFunc)) + 8 }

// Size is how much of a runtime.g holds all the fields.
func (g GLayout) Size() int { return int(max(g.StartPC, g.GoPC, g.ParentGoID)) + 8 }

// layoutsJSON are the layouts by minor version of Go, made by:
//
//go:generate go run ../../tools/gooffsets -o layouts.json
//go:embed layouts.json
var layoutsJSON []byte

// layouts are by minor version, such as "1.26".
var layouts = func() map[string]*Layout {
	var byVersion map[string]*Layout
	if err := json.Unmarshal(layoutsJSON, &byVersion); err != nil {
		panic(fmt.Sprintf("layouts.json: %v", err))
	}
	return byVersion
}()

// minorVersion of what runtime.Version says: "go1.26.8", "go1.25rc1", "go1.24.3 X:boringcrypto", and of what
// distributors make of it, "go1.22.5 (Red Hat 1.22.5-1.el9)". Those under development, "devel go1.28-b1a…", have none.
var minorVersion = regexp.MustCompile(`^go(1\.[0-9]+)(?:[^0-9].*)?$`)

// layout returns the layout of the version that the executable was built with. Where the executable has debugging
// information, the offsets in runtime.g are those that it says, as distributors patch the runtime.
func (e *Executable) layout() (*Layout, error) {
	match := minorVersion.FindStringSubmatch(e.GoVersion)
	var known *Layout
	if match != nil {
		known = layouts[match[1]]
	}
	if known == nil {
		return nil, failed(UnsupportedVersion, "built with %s: supported are Go %s", e.GoVersion, strings.Join(SupportedVersions(), ", "))
	}
	g, ok, err := e.gLayout()
	if err != nil || !ok {
		return known, nil // damaged debugging information is as good as none: what is read by the layout is checked
	}
	layout := *known
	layout.G = g
	return &layout, nil
}
