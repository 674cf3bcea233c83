package topview

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// style is how a piece of text looks.
type style int

const (
	normal   style = iota
	faint          // what is there for orientation
	strong         // figures of the header
	heading        // of a table
	sorted         // heading of the column that the table is sorted by
	cursor         // the selected row
	growing        // more than before
	falling        // less than before
	alarming       // what a person should know
)

// span is a piece of a line in one style.
type span struct {
	style style
	text  string
}

// line is one line of the screen.
type line []span

// add appends text. It is the only way to a screen, and lets nothing through that is not printed.
func (l *line) add(style style, text string) {
	if text != "" {
		*l = append(*l, span{style, printable(text)})
	}
}

func (l *line) addf(style style, format string, args ...any) {
	l.add(style, fmt.Sprintf(format, args...))
}

// text is the line without styles.
func (l line) text() string {
	var text strings.Builder
	for _, s := range l {
		text.WriteString(s.text)
	}
	return text.String()
}

func (l line) width() int {
	width := 0
	for _, s := range l {
		width += runewidth.StringWidth(s.text)
	}
	return width
}

// fit returns the line cut off at the width, with a sign that it was.
func (l line) fit(width int) line {
	if width <= 0 || l.width() <= width {
		return l
	}
	var fitted line
	left := width
	for _, s := range l {
		if w := runewidth.StringWidth(s.text); w < left {
			fitted = append(fitted, s)
			left -= w
			continue
		}
		return append(fitted, span{s.style, runewidth.Truncate(s.text+"…", left, "…")})
	}
	return fitted
}

// printable replaces what terminals might take for more than text: control and format characters, and invalid bytes.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, text)
}

// shorten returns a function's name in at most so many columns: without as many elements of its package's path as need
// be, and if that is not enough, without the start of what is left. Its end says most.
//
//	github.com/acme/shop/internal/worker.(*Pool).run   in 40   internal/worker.(*Pool).run
//	                                                   in 20   worker.(*Pool).run
//	                                                   in 12   …*Pool).run
func shorten(name string, width int) string {
	name = printable(name)
	if width <= 0 || runewidth.StringWidth(name) <= width {
		return name
	}
	end := len(name) // of the package's path: what is in type arguments is none of it
	if bracket := strings.IndexByte(name, '['); bracket >= 0 {
		end = bracket
	}
	for rest := name; ; {
		slash := strings.IndexByte(rest[:max(0, end-(len(name)-len(rest)))], '/')
		if slash < 0 {
			return runewidth.TruncateLeft(rest, runewidth.StringWidth(rest)-width+1, "…")
		}
		rest = rest[slash+1:]
		if runewidth.StringWidth(rest) <= width {
			return rest
		}
	}
}

// pad returns the text in so many columns, at the left or the right of them.
func pad(text string, width int, right bool) string {
	spaces := strings.Repeat(" ", max(0, width-runewidth.StringWidth(text)))
	if right {
		return spaces + text
	}
	return text + spaces
}

// count returns a number with its thousands apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// change returns a number with its sign, or "0".
func change(n int64, text func(int64) string) string {
	if n > 0 {
		return "+" + text(n)
	}
	return text(n)
}

// size returns bytes in at most five columns, in powers of 1024 as top(1) does: 512, 8K, 1.5M.
func size(n int64) string {
	if n < 0 {
		return "-" + size(-n)
	}
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	value, unit := scaled(n)
	if value < 9.95 && value != float64(int64(value)) {
		return fmt.Sprintf("%.1f%c", value, unit)
	}
	return fmt.Sprintf("%.0f%c", value, unit)
}

// binary returns bytes in words: 512 B, 96.4 MiB.
func binary(n int64) string {
	if n < 0 {
		return "-" + binary(-n)
	}
	if n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, unit := scaled(n)
	return fmt.Sprintf("%.1f %ciB", value, unit)
}

// scaled returns a number of at least 1024 in the largest unit of which it has at least one.
func scaled(n int64) (value float64, unit byte) {
	const units = "KMGTPE"
	value, at := float64(n)/1024, 0
	for value >= 1023.5 && at < len(units)-1 {
		value, at = value/1024, at+1
	}
	return value, units[at]
}

// age returns a time in at most six columns: 12s, 3m12s, 5h03m, 12d04h.
func age(d time.Duration) string {
	seconds := int64(d / time.Second)
	switch minutes, hours := seconds/60, seconds/3600; {
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case minutes < 60:
		return fmt.Sprintf("%dm%02ds", minutes, seconds%60)
	case hours < 48:
		return fmt.Sprintf("%dh%02dm", hours, minutes%60)
	default:
		return fmt.Sprintf("%dd%02dh", hours/24, hours%24)
	}
}

// short returns a duration with three digits: 12.3 ms, 1.25 s.
func short(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	value, unit := float64(d)/float64(time.Millisecond), "ms"
	if d >= time.Second {
		value, unit = d.Seconds(), "s"
	}
	return strconv.FormatFloat(value, 'g', 3, 64) + " " + unit
}
