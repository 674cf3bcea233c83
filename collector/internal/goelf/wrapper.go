package goelf

import (
	"strings"

	"golang.org/x/arch/x86/x86asm"

	"github.com/stackpressure/goroutines/collector/calltree"
)

const (
	maxWrapperCode = 256 // bytes of a wrapper that are looked at: it loads arguments and calls
	maxWrappers    = 3   // that call each other: of a go statement, of a method value, of a promoted method
)

// Wrapped returns the name, as Go prints it, of the function that a compiler's wrapper calls, or of the function itself if
// it is no wrapper. ok is false where the code does not tell: what a wrapper calls may be in a variable.
func (f *Functions) Wrapped(function Function) (name string, ok bool, err error) {
	defer recoverDamage(&err)
	for depth := 0; depth < maxWrappers; depth++ {
		frame, ok, err := f.Frame(function.Entry, false)
		if !ok || err != nil {
			return "", false, err
		}
		if len(frame.Functions) > 0 {
			return frame.Functions[0], true, nil
		}
		start := function.Entry - f.module.Bias
		code, err := f.executable.ReadAddress(start, int(min(maxWrapperCode, function.End-function.Entry)))
		if err != nil {
			return "", false, err
		}
		called := false
		for at := 0; at < len(code) && !called; {
			pc := function.Entry + uint64(at)
			if frame, ok, err = f.Frame(pc, false); err != nil {
				return "", false, nil // after its code, no table says what is there
			}
			if ok && len(frame.Functions) > 0 { // it was inlined
				return frame.Functions[0], true, nil
			}
			length, target, isCall := instructionAt(f.executable.Arch, code[at:], pc)
			if length == 0 {
				return "", false, nil
			}
			at += length
			if !isCall {
				continue
			}
			callee, ok, err := f.Lookup(target)
			if err != nil {
				return "", false, err
			}
			if ok && callee.Entry == target && !strings.HasPrefix(callee.Name, "runtime.") {
				function, called = callee, true
			}
		}
		if !called {
			return "", false, nil
		}
	}
	return calltree.PrintedName(function.Name), true, nil
}

// instructionAt returns how long an instruction is, 0 if it is none, and what it calls, if that is an address in the code.
func instructionAt(arch Arch, code []byte, pc uint64) (length int, target uint64, isCall bool) {
	if arch == ARM64 {
		if len(code) < 4 {
			return 0, 0, false
		}
		// BL: 100101 imm26, C6.2.35 of the architecture's manual.
		word := u32(code)
		return 4, pc + uint64(int64(int32(word<<6))>>6*4), word>>26 == 0b100101
	}
	instruction, err := x86asm.Decode(code, 64)
	if err != nil {
		return 0, 0, false
	}
	relative, isRelative := instruction.Args[0].(x86asm.Rel)
	return instruction.Len, pc + uint64(instruction.Len) + uint64(int64(relative)), instruction.Op == x86asm.CALL && isRelative
}
