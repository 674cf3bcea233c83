package runtimeprobes

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// words are instructions of arm64.
func words(w ...uint32) (code []byte) {
	for _, word := range w {
		code = binary.LittleEndian.AppendUint32(code, word)
	}
	return code
}

func TestASiteIsTheFirstEmulatedInstructionAfterTheStackCheck(t *testing.T) {
	for _, c := range []struct {
		name, arch string
		code       []byte
		want       uint64
	}{
		{"a small frame: CMPQ SP, 0x10(R14); JBE; PUSHQ BP", "amd64", []byte("\x49\x3b\x66\x10\x76\x67\x55\x48\x89\xe5"), 6},
		{"a far JBE", "amd64", []byte("\x49\x3b\x66\x10\x0f\x86\xa0\x04\x00\x00\x55\x48\x89\xe5"), 10},
		{"a larger frame: LEAQ -0x70(SP), R12; CMPQ R12, 0x10(R14)", "amd64",
			[]byte("\x4c\x8d\x64\x24\x90\x4d\x3b\x66\x10\x0f\x86\xc8\x03\x00\x00\x55\x48\x89\xe5"), 15},
		{"go:systemstack: CMPQ SP, 0x18(R14)", "amd64", []byte("\x49\x3b\x66\x18\x76\x67\x55"), 6},
		{"a huge frame: MOVQ SP, R12; SUBQ $n, R12; JB; CMPQ R12, 0x10(R14); JBE", "amd64",
			[]byte("\x49\x89\xe4\x49\x81\xec\x00\x00\x10\x00\x72\x20\x4d\x3b\x66\x10\x76\x1a\x55"), 18},
		{"no frame pointer: the JBE", "amd64", []byte("\x49\x3b\x66\x10\x76\x67\x48\x83\xec\x20"), 4},
		{"no stack check: PUSHQ BP at once", "amd64", []byte("\x55\x48\x89\xe5"), 0},

		{"a small frame: MOVD 16(R28), R16; CMP R16, RSP; BLS", "arm64", words(0xf9400b90, 0xeb3063ff, 0x54001889, 0xf81c0ffe), 8},
		{"a larger frame: SUB $128, RSP, R17; CMP R16, R17; BLS", "arm64", words(0xf9400b90, 0xd10203f1, 0xeb10023f, 0x54001ce9), 12},
	} {
		t.Run(c.arch+" "+c.name, func(t *testing.T) {
			got, err := PickSite(c.code, c.arch)
			if err != nil || got != c.want {
				t.Errorf("the site is at %d, %v; want %d", got, err, c.want)
			}
		})
	}
}

func TestAnythingElseIsRefusedAsASite(t *testing.T) {
	for _, c := range []struct {
		name, arch string
		code       []byte
	}{
		{"nothing", "amd64", nil},
		{"a prologue that is cut off", "amd64", []byte("\x49\x3b\x66\x10")},
		{"the middle of an instruction", "amd64", []byte("\x3b\x66\x10\x76\x67\x55")},
		{"the JBE alone, as if the function began there", "amd64", []byte("\x76\x67\x55")},
		{"a comparison with another field of g", "amd64", []byte("\x49\x3b\x66\x20\x76\x67\x55")},
		{"another branch", "amd64", []byte("\x49\x3b\x66\x10\x74\x67\x55")},
		{"code after the prologue", "amd64", []byte("\x48\x89\xe5\x48\x83\xec\x48")},
		{"a function that keeps no frame", "amd64", []byte("\xc3")},
		{"endless stack checks", "amd64", []byte(strings.Repeat("\x49\x3b\x66\x10", 40))},

		{"nothing", "arm64", nil},
		{"a prologue that is cut off", "arm64", words(0xf9400b90, 0xeb3063ff)},
		{"the BLS alone", "arm64", words(0x54001889)},
		{"no stack check", "arm64", words(0xf81c0ffe, 0xf81f83fd)},
		{"no instruction", "arm64", words(0xf9400b90, 0xffffffff)},
		{"a load of something else", "arm64", words(0xf9400b91, 0xeb3063ff, 0x54001889)},

		{"an architecture without rules", "riscv64", []byte("\x55")},
	} {
		t.Run(c.arch+" "+c.name, func(t *testing.T) {
			if at, err := PickSite(c.code, c.arch); !errors.Is(err, errNoSite) {
				t.Errorf("%d, %v: want an error that there is no site", at, err)
			}
		})
	}
}

func FuzzNoCodeMakesPickSiteFailOtherwise(f *testing.F) {
	f.Add([]byte("\x49\x3b\x66\x10\x76\x67\x55\x48\x89\xe5"), true)
	f.Add(words(0xf9400b90, 0xeb3063ff, 0x54001889, 0xf81c0ffe), false)
	f.Fuzz(func(t *testing.T, code []byte, amd64 bool) {
		arch := "arm64"
		if amd64 {
			arch = "amd64"
		}
		at, err := PickSite(code, arch)
		if err != nil {
			if !errors.Is(err, errNoSite) {
				t.Errorf("%v is no error of a site", err)
			}
			return
		}
		if at >= uint64(min(len(code), prologueBytes)) {
			t.Errorf("the site %d is outside of the prologue", at)
		}
	})
}
