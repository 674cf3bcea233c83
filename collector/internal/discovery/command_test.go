package discovery

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestACommandIsTheNameOfTheExecutable(t *testing.T) {
	for exe, want := range map[string]string{
		"/usr/bin/prometheus":                         "prometheus",
		"/usr/local/bin/goroutine_stack_exporter":     "goroutine_stack_exporter", // comm has 15 bytes of it
		"/app/server (deleted)":                       "server",
		"/app":                                        "app",
		"/memfd:runc_cloned:/proc/self/exe (deleted)": "runc_cloned",
		"/memfd:payload (deleted)":                    "payload",
		"/memfd: (deleted)":                           "comm",
		"":                                            "comm",
		"/":                                           "comm",
		"/srv/two words":                              "two words",
		"/srv/line\nbreak\x1b[31m":                    "line_break_[31m",
		"/srv/\xff\xfe":                               "__",
		"/srv/größe":                                  "größe",
		"/srv/" + strings.Repeat("x", 100):            strings.Repeat("x", maxCommand),
		"/srv/" + strings.Repeat("x", 63) + "é" + "tc": strings.Repeat("x", 63), // never half a rune
	} {
		if got := commandOf(exe, "comm"); got != want {
			t.Errorf("%q is called %q, want %q", exe, got, want)
		}
	}
}

func FuzzCleanTextIsShortAndInOneLine(f *testing.F) {
	for _, seed := range []string{"prometheus", "\xff\xfe\xfd", "line\nbreak", "größe", "\u202e\u0000", strings.Repeat("é", 100)} {
		f.Add(seed, 15)
	}
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 0 || most > 1<<12 {
			return
		}
		got := clean(text, most)
		// Each byte that is not UTF-8 becomes one of ASCII, so that nothing gets longer.
		if !utf8.ValidString(got) || len(got) > most || strings.ContainsAny(got, "\n\r\x00\x1b") {
			t.Errorf("%q, at most %d bytes: %q", text, most, got)
		}
		if again := clean(got, most); again != got {
			t.Errorf("%q becomes %q, and that %q", text, got, again)
		}
	})
}
