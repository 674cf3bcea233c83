//go:build linux && (amd64 || arm64)

package runtimeprobes

import (
	"runtime"
	"testing"
)

func TestTheFunctionsOfEveryGoVersionHaveASite(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		for _, version := range goVersions {
			t.Run(arch+" "+version, func(t *testing.T) {
				s := readSymbols(t, build(t, version, arch))
				for _, f := range []string{"runtime.copystack", "runtime.newproc1", "runtime.gdestroy"} {
					code := s.code(t, f)
					at, err := PickSite(code, arch)
					if err != nil {
						t.Errorf("%s: %v", f, err)
						continue
					}
					if arch == "amd64" && code[at] != 0x55 {
						t.Errorf("%s: the site is % x, want PUSHQ BP", f, code[at:at+4])
					}
					if arch == "arm64" && (at%4 != 0 || code[at+3] != 0x54 || code[at]&0x1f != 9) {
						t.Errorf("%s: the site is % x, want BLS", f, code[at:at+4])
					}
				}
			})
		}
	}
}

func TestMostFunctionsOfAProgramHaveASiteAndOthersAreRefused(t *testing.T) {
	s := readSymbols(t, build(t, runtime.Version(), runtime.GOARCH))
	var fit, refused int
	for _, f := range s.funcs {
		if f.Size == 0 || f.Section != s.funcs[0].Section {
			continue
		}
		code := make([]byte, min(f.Size, prologueBytes))
		section := s.file.Sections[f.Section]
		if _, err := section.ReadAt(code, int64(f.Value-section.Addr)); err != nil {
			t.Fatal(err)
		}
		if _, err := PickSite(code, runtime.GOARCH); err == nil {
			fit++
		} else {
			refused++
		}
	}
	t.Logf("%d functions have a site, %d do not", fit, refused)
	if fit < 3*refused || refused == 0 {
		t.Errorf("%d functions have a site, %d do not; want most, as small functions alone check no stack", fit, refused)
	}
}
