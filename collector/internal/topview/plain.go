package topview

import (
	"io"
	"strings"
)

// writeTable writes a look as a table: a line of what there is to know of the process, one of headings, one for each
// goroutine, and an empty one. Names are in full.
func writeTable(w io.Writer, s *sample, sorted column) error {
	var text strings.Builder
	text.WriteString(printable(s.summary()))
	text.WriteString("\n")
	for _, l := range goroutineTable(s.selected, sorted).lines(0, 0, len(s.selected)+1) {
		text.WriteString(l.text())
		text.WriteString("\n")
	}
	text.WriteString("\n")
	_, err := io.WriteString(w, text.String())
	return err
}
