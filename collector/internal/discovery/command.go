package discovery

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Longest texts, in bytes. Kubernetes' names have at most 253, and Prometheus' and Mimir's limits are above all of these.
const (
	maxCommand = 64
	maxName    = 253
)

// commandOf is the name that a process goes by: the base name of its executable, to which the link /proc/PID/exe leads.
//
// Not comm, which people know from ps and top: the kernel keeps 15 bytes of it (goroutine_stack), and any thread may
// give itself another. Not argv[0], which is whatever the parent made of it.
func commandOf(exe, comm string) string {
	// What the kernel adds when the file is no longer at its path.
	exe = strings.TrimSuffix(exe, " (deleted)")
	name, inMemory := strings.CutPrefix(exe, "/memfd:")
	if inMemory {
		// A name that the program gave: runc's own copy of itself is runc_cloned:/proc/self/exe.
		name, _, _ = strings.Cut(name, ":")
	}
	name = path.Base(name)
	if name == "." || name == "/" {
		name = comm
	}
	return clean(name, maxCommand)
}

// clean makes a text that anybody may have chosen one that a label can have: valid UTF-8, in one line, at most so many bytes.
func clean(text string, most int) string {
	if len(text) > most {
		text = text[:most]
		// Not in the middle of a rune.
		for i := 0; i < utf8.UTFMax && len(text) > 0; i++ {
			if r, size := utf8.DecodeLastRuneInString(text); r != utf8.RuneError || size > 1 {
				break
			}
			text = text[:len(text)-1]
		}
	}
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, text)
	return text
}
