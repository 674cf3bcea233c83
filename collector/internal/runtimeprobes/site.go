package runtimeprobes

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/arch/arm64/arm64asm"
	"golang.org/x/arch/x86/x86asm"
)

// prologueBytes is how much of a function PickSite needs at most. The longest prologue is that of a frame so large that
// SP - frame may wrap around, some 30 bytes on amd64 and 28 on arm64.
const prologueBytes = 64

// Where g keeps the limit that a prologue compares SP with: stackguard0, and stackguard1 in functions marked
// go:systemstack. The assembler knows them too: https://github.com/golang/go/blob/go1.26.0/src/cmd/internal/obj/x86/obj6.go
// (stacksplit), so they have been the same since Go 1.4.
const (
	stackguard0 = 0x10
	stackguard1 = 0x18
)

// errNoSite is what PickSite's errors begin with.
var errNoSite = errors.New("no instruction fit for a probe in the function's prologue")

// PickSite returns where to probe a Go function, in bytes from its first instruction. code is its first 64 bytes, or all of
// it; arch is its GOARCH, amd64 or arm64. At that instruction the arguments are still in the registers in which they were
// passed, and the kernel emulates it, instead of executing a copy with a single-step trap:
//
//	0x4607a0  LEAQ -0x70(SP), R12    amd64      0x6cf90  MOVD 16(R28), R16     arm64
//	0x4607a5  CMPQ R12, 0x10(R14)               0x6cf94  SUB $128, RSP, R17
//	0x4607a9  JBE 0x460b77                      0x6cf98  CMP R16, R17
//	0x4607af  PUSHQ BP            ◄── here      0x6cf9c  BLS 231(PC)           ◄── here
//
// In a virtual machine (AMD EPYC, Linux 6.18) a hit at the entry took 6.2 µs of CPU time and one at PUSHQ BP 1.4 µs, as
// package probecost measures. If BP is not pushed right after the stack check, the branch is taken, which the kernel emulates
// too, but which is executed twice if the function calls morestack. The functions that this package probes never do: they
// run on g0, whose stack does not grow.
//
// Any other prologue is refused, as probing it could cost the target several times what was promised.
func PickSite(code []byte, arch string) (uint64, error) {
	switch arch {
	case "amd64":
		return pickAMD64(code)
	case "arm64":
		return pickARM64(code)
	}
	return 0, fmt.Errorf("%w: there are no rules for %s", errNoSite, arch)
}

func pickAMD64(code []byte) (uint64, error) {
	code = code[:min(len(code), prologueBytes)]
	for at := 0; ; {
		i, err := x86asm.Decode(code[at:], 64)
		if err != nil {
			return 0, fmt.Errorf("%w: byte %d: %w", errNoSite, at, err)
		}
		switch {
		case i.Op == x86asm.PUSH && i.Args[0] == x86asm.RBP:
			// The first instruction of a function that does not check its stack (go:nosplit).
			if at == 0 {
				return 0, nil
			}
		case i.Op == x86asm.JBE:
			if at == 0 {
				break
			}
			next := at + i.Len
			if n, err := x86asm.Decode(code[next:], 64); err == nil && n.Op == x86asm.PUSH && n.Args[0] == x86asm.RBP {
				return uint64(next), nil
			}
			return uint64(at), nil
		case checksStackAMD64(i):
			at += i.Len
			continue
		}
		return 0, fmt.Errorf("%w: byte %d is %s, which is not part of a stack check", errNoSite, at, x86asm.GoSyntax(i, 0, nil))
	}
}

// checksStackAMD64 tells whether the instruction belongs to a stack check before its JBE.
func checksStackAMD64(i x86asm.Inst) bool {
	switch i.Op {
	case x86asm.CMP: // CMPQ SP, 0x10(R14), or R12 for SP less the frame's size
		m, ok := i.Args[1].(x86asm.Mem)
		return ok && m.Base == x86asm.R14 && (m.Disp == stackguard0 || m.Disp == stackguard1)
	case x86asm.LEA, x86asm.MOV, x86asm.SUB: // R12 is what the assembler uses for it
		return i.Args[0] == x86asm.R12
	case x86asm.JB: // SP - frame wraps around
		return true
	}
	return false
}

func pickARM64(code []byte) (uint64, error) {
	code = code[:min(len(code), prologueBytes)]
	for at := 0; ; at += 4 {
		if len(code) < at+4 {
			return 0, fmt.Errorf("%w: only %d bytes of code", errNoSite, len(code))
		}
		i, err := arm64asm.Decode(code[at:])
		if err != nil {
			return 0, fmt.Errorf("%w: byte %d (%#08x): %w", errNoSite, at, binary.LittleEndian.Uint32(code[at:]), err)
		}
		if at > 0 && i.Op == arm64asm.B && isCondition(i, "LS") {
			return uint64(at), nil
		}
		if !checksStackARM64(i, at == 0) {
			return 0, fmt.Errorf("%w: byte %d is %s, which is not part of a stack check", errNoSite, at, arm64asm.GoSyntax(i, 0, nil, nil))
		}
	}
}

// checksStackARM64 tells whether the instruction belongs to a stack check before its B.LS. The first one loads
// stackguard0 or stackguard1 into R16, which the assembler uses for it; R17 is SP less the frame's size.
func checksStackARM64(i arm64asm.Inst, first bool) bool {
	if first {
		m, ok := i.Args[1].(arm64asm.MemImmediate)
		return i.Op == arm64asm.LDR && i.Args[0] == arm64asm.X16 && ok && m.Base == arm64asm.RegSP(arm64asm.X28)
	}
	switch i.Op {
	case arm64asm.SUB, arm64asm.SUBS, arm64asm.MOV, arm64asm.MOVK, arm64asm.MOVZ, arm64asm.CMP:
		return true
	case arm64asm.B: // SP - frame wraps around
		return isCondition(i, "CC") || isCondition(i, "LO")
	}
	return false
}

func isCondition(i arm64asm.Inst, name string) bool {
	c, ok := i.Args[0].(arm64asm.Cond)
	return ok && c.String() == name
}
