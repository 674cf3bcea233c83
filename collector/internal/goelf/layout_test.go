package goelf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"
)

func TestTheLayoutIsThatOfTheDebuggingInformation(t *testing.T) {
	forBuilds(t, func(t *testing.T, b build) {
		e, _, file := opened(t, program(t, b))
		match := minorVersion.FindStringSubmatch(e.GoVersion)
		if match == nil {
			t.Fatalf("%s is no version", e.GoVersion)
		}
		known := layouts[match[1]]
		if known == nil {
			t.Fatalf("layouts.json has no %s", match[1])
		}
		offsets, ok, err := StructOffsets(file, "runtime.g")
		if !ok || err != nil {
			t.Fatalf("%t, %v", ok, err)
		}
		if g, ok := NewGLayout(offsets); !ok || g != known.G {
			t.Errorf("runtime.g is %+v, in layouts.json %+v", g, known.G)
		}
		if !reflect.DeepEqual(e.Layout, known) {
			t.Errorf("the executable's layout is %+v, want %+v", e.Layout, known)
		}
		offsets, ok, err = StructOffsets(file, "runtime.moduledata")
		if !ok || err != nil {
			t.Fatalf("%t, %v", ok, err)
		}
		if m := (ModuleLayout{offsets["text"], offsets["etext"], offsets["gofunc"]}); m != known.Module {
			t.Errorf("runtime.moduledata is %+v, in layouts.json %+v", m, known.Module)
		}
		if _, ok, err := StructOffsets(file, "runtime.noSuchType"); ok || err != nil {
			t.Errorf("a type that is not there: %t, %v", ok, err)
		}
	})
}

func TestOfAStrippedExecutableTheLayoutIsThatOfItsVersion(t *testing.T) {
	e, _, file := opened(t, program(t, stripped))
	if _, ok, err := StructOffsets(file, "runtime.g"); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	if withInfo, _, _ := opened(t, program(t, local)); !reflect.DeepEqual(e.Layout, withInfo.Layout) {
		t.Errorf("the layout is %+v, want %+v", e.Layout, withInfo.Layout)
	}
}

func TestEachSupportedVersionHasAPlausibleLayout(t *testing.T) {
	if got := SupportedVersions(); !slices.Equal(got, []string{"1.22", "1.23", "1.24", "1.25", "1.26", "1.27"}) {
		t.Errorf("supported are %q", got)
	}
	for version, l := range layouts {
		g := l.G
		// In the order in which the runtime declares them.
		fields := []uint64{g.StackLo, g.StackHi, g.SchedSP, g.SchedPC, g.SchedG, g.SchedBP, g.SyscallSP, g.SyscallPC, g.AtomicStatus, g.GoID, g.WaitSince, g.WaitReason, g.ParentGoID, g.GoPC, g.StartPC}
		if !slices.IsSorted(fields) || len(slices.Compact(slices.Clone(fields))) != len(fields) || g.StackHi != 8 || g.Size() < 256 || g.Size() > 512 {
			t.Errorf("%s: the fields of runtime.g are at %v", version, fields)
		}
		if g.TrackingSeq <= g.WaitReason || g.TrackingSeq >= g.ParentGoID || g.SchedLR <= g.SchedG || g.SchedLR >= g.SyscallSP {
			t.Errorf("%s: %+v", version, g)
		}
		if m := l.Module; m.TextEnd != m.Text+8 || m.GoFunc <= m.TextEnd {
			t.Errorf("%s: %+v", version, m)
		}
		if l.FuncIDWrapper < 20 || l.FuncIDWrapper > 40 {
			t.Errorf("%s: wrappers have the id %d", version, l.FuncIDWrapper)
		}
		for _, reason := range []string{"chan receive", "select", "sleep", "IO wait", "sync.Mutex.Lock", "coroutine"} {
			if !slices.Contains(l.WaitReasons, reason) && !(reason == "coroutine" && version == "1.22") {
				t.Errorf("%s: no goroutine waits for %q", version, reason)
			}
		}
		if l.WaitReasons[0] != "" || slices.Contains(l.WaitReasons[1:], "") {
			t.Errorf("%s: the reasons to wait are %q", version, l.WaitReasons)
		}
	}
}

func TestVersionsAreThoseOfTheirMinor(t *testing.T) {
	for version, want := range map[string]string{
		"go1.26.8": "1.26", "go1.26": "1.26", "go1.25rc1": "1.25", "go1.24.3 X:boringcrypto": "1.24", "go1.22.5 (Red Hat 1.22.5-1.el9)": "1.22",
		"go1.27-20260801-RC00": "1.27", "devel go1.28-b1a2c3d Tue": "", "go2.1": "", "1.26": "", "": "",
	} {
		got := ""
		if match := minorVersion.FindStringSubmatch(version); match != nil {
			got = match[1]
		}
		if got != want {
			t.Errorf("%q is of %q, want %q", version, got, want)
		}
	}
}

func TestLayoutsHaveNoOtherFields(t *testing.T) {
	decoder := json.NewDecoder(bytes.NewReader(layoutsJSON))
	decoder.DisallowUnknownFields()
	var all map[string]*Layout
	if err := decoder.Decode(&all); err != nil {
		t.Error(err)
	}
}

func causeOf(err error) string {
	if e, ok := err.(*Error); ok {
		return e.Cause
	}
	return fmt.Sprint(err)
}

func TestWhatCannotBeReadSaysWhy(t *testing.T) {
	whole, err := os.ReadFile(program(t, stripped))
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(whole)) }
	for what, test := range map[string]struct {
		file  []byte
		cause string
	}{
		"nothing":  {nil, NotGo},
		"a script": {[]byte("#!/bin/sh\necho this is longer than the header of an ELF file is, so that it could be one\n"), NotGo},
		"no build info": {changed(func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("\xff Go buildinf:"), []byte("\xff No buildinf:"))
		}), NotGo},
		"a future version": {changed(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("go1.26."), []byte("go1.99.")) }), UnsupportedVersion},
		"another machine":  {changed(func(b []byte) []byte { b[18] = 0xf3; return b }), UnsupportedArch},
		"32 bits":          {changed(func(b []byte) []byte { b[4] = 1; return b }), UnsupportedArch},
		"no sections":      {changed(func(b []byte) []byte { clear(b[40:48]); clear(b[58:64]); return b }), NoTables},
		"an older table": {changed(func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("\xf1\xff\xff\xff\x00\x00\x01\x08"), []byte("\xf0\xff\xff\xff\x00\x00\x01\x08"))
		}), UnsupportedVersion},
		"a table for arm": {changed(func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("\xf1\xff\xff\xff\x00\x00\x01\x08"), []byte("\xf1\xff\xff\xff\x00\x00\x04\x08"))
		}), Damaged},
		"too many sections": {changed(func(b []byte) []byte { b[60], b[61] = 0xff, 0xfe; return b }), Damaged},
		"half of it":        {whole[:len(whole)/2], NotGo},
	} {
		if _, err := Open(bytes.NewReader(test.file)); causeOf(err) != test.cause {
			t.Errorf("%s: the error is %v, want one of cause %s", what, err, test.cause)
		}
	}
}
