package calltree

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// Synthetic frames. No Go function can be called so: a Go name has no parenthesis at its start.
const (
	// Truncated is the first frame of every stack whose root end its source cut off (rule 5).
	Truncated = "(truncated)"
	// Dropped is the one child that stands for all children of its parent that were cut (rule 7).
	Dropped = "(dropped)"
	// NotStarted is the one frame of a stack that has none. So a goroutine looks that was started through a compiler
	// wrapper (`go f(x)`) and has not run yet, as the wrapper is left out (rule 2).
	NotStarted = "(not started)"
	// Running is the frame below the entry function of a goroutine that runs, so that its stack cannot be read from outside
	// (rule 1).
	Running = "(running)"
	// Unknown is a frame that has no name, such as one of C code.
	Unknown = "(unknown)"
)

const (
	// MaxNameBytes is the longest function name (rule 3). Mimir rejects label values over 2,048 bytes.
	MaxNameBytes = 512
	// MaxDepth is the greatest number of levels, the synthetic first frame included (rule 4).
	MaxDepth = 200
	// maxCycle is the longest cycle of frames that is folded (rule 4).
	maxCycle = 4
	// idDigits is how many base-36 digits hold 64 bits: 36^12 < 2^64 < 36^13.
	idDigits = 13
)

// CleanName returns the name as the tree has it (rule 3): each run of bytes that are not UTF-8, and each NUL, which
// separates names in [NodeID], becomes U+FFFD; and an empty name becomes [Unknown], as does [Dropped], which would
// give two nodes one identity. Of a name that is then longer than 512 bytes, the first 498 bytes are kept, fewer where
// that would split a character, and "~" and the 13 digits of the whole name's [NodeID] follow.
func CleanName(name string) string {
	if name == "" || name == Dropped {
		return Unknown
	}
	name = strings.ToValidUTF8(name, "\uFFFD")
	name = strings.ReplaceAll(name, "\x00", "\uFFFD")
	if len(name) <= MaxNameBytes {
		return name
	}
	end := MaxNameBytes - len("~") - idDigits
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end] + "~" + NodeID([]string{name})
}

// PrintedName returns the name as Go prints it in tracebacks: the text between the first and the last bracket is
// type arguments, which become "...". main.G[go.shape.struct { A []int }].func1 is main.G[...].func1.
//
// This mirrors funcNameForPrint of runtime/symtab.go.
func PrintedName(name string) string {
	open := strings.IndexByte(name, '[')
	end := strings.LastIndexByte(name, ']')
	if open < 0 || end <= open {
		return name
	}
	return name[:open] + "[...]" + name[end+1:]
}

// Fold returns the path, root first, with recursion folded (rule 4), in a slice of its own. Any numbers may stand for
// the names, each always for the same one; [Builder] folds by itself, and folding what is folded changes nothing. Frames are appended one after the other; as
// soon as the last one to four frames repeat those directly before them, the repetition is taken off again. So
//
//	A A A B      becomes  A B
//	A B A B A B  becomes  A B
//	A B A B A C  becomes  A B A C
//
// What is left repeats no cycle of up to four frames, so folding again changes nothing; and since each frame is
// decided by the frames above it alone, stacks that share their first frames share their first nodes. Of a path
// that is still longer than 200 levels, the 200 nearest the root are kept: the goroutine ends in the last of them.
func Fold(path []int32) []int32 {
	folded := make([]int32, 0, len(path))
	for _, frame := range path {
		folded = append(folded, frame)
		for cycle := 1; cycle <= maxCycle; cycle++ {
			if repeats(folded, cycle) {
				// What is left was folded before, so it ends in no other repetition.
				folded = folded[:len(folded)-cycle]
				break
			}
		}
	}
	return folded[:min(len(folded), MaxDepth)]
}

// repeats tells whether the last n frames equal the n before them.
func repeats(path []int32, n int) bool {
	end := len(path)
	return end >= 2*n && slices.Equal(path[end-n:], path[end-2*n:end-n])
}

// NodeID identifies the node at the end of a path of functions, root first, as they are in the tree (rule 6): the
// xxhash64 (seed 0) of the names joined by NUL, as 13 digits in base 36.
func NodeID(functions []string) string {
	return formatID(hashPath(functions))
}

func hashPath(functions []string) uint64 {
	var digest xxhash.Digest
	digest.Reset()
	for i, function := range functions {
		if i > 0 {
			digest.WriteString("\x00")
		}
		digest.WriteString(function)
	}
	return digest.Sum64()
}

func formatID(hash uint64) string {
	digits := strconv.FormatUint(hash, 36)
	return strings.Repeat("0", idDigits-len(digits)) + digits
}
