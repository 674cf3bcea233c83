package topview

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

const (
	headHeight = 5 // lines above the table, with the one for the filter
	detailHead = 5 // lines above a stack
	footHeight = 1
	labelWidth = 12
)

// tableHeight is how many lines the table has, its heading included.
func (v *view) tableHeight() int { return max(2, v.height-headHeight-footHeight) }

// lines is what the screen shows: exactly as many lines as it has, none wider.
func (v *view) lines() []line {
	var lines []line
	switch {
	case v.sample == nil:
		lines = append(lines, line{{faint, "Reading all stacks for the first time …"}})
	case v.help:
		lines = append(lines, helpLines...)
	case v.detail != nil:
		lines = append(lines, v.detailLines()...)
	default:
		lines = append(lines, v.header()...)
		t := groupTable(v.sample.groups, v.sorted().column)
		if !v.grouped {
			t = goroutineTable(v.sample.selected, v.sorted().column)
		}
		t.cursor = v.row
		lines = append(lines, t.lines(v.width, v.first, v.tableHeight())...)
	}
	body := max(0, v.height-footHeight)
	lines = lines[:min(len(lines), body)]
	for len(lines) < body {
		lines = append(lines, nil)
	}
	lines = append(lines, v.footer())
	for i := range lines {
		lines[i] = lines[i].fit(v.width)
	}
	return lines
}

// title is the first line.
func (v *view) title() line {
	var l line
	t := v.sample.target
	l.add(strong, t.command)
	l.addf(normal, "  pid %d  %s", t.pid, t.goVersion)
	right := v.sample.taken.Format(time.TimeOnly)
	if v.paused {
		right = "PAUSED at " + right
	}
	l = l.fit(v.width - len(right) - 1)
	l.add(normal, pad("", v.width-len(right)-l.width(), false))
	if v.paused {
		l.add(alarming, right)
	} else {
		l.add(faint, right)
	}
	return l
}

func label(text string) line {
	var l line
	l.add(faint, pad(text, labelWidth, false))
	return l
}

// addChange appends a change since the last look.
func (l *line) addChange(n int64, text func(int64) string) {
	l.add(growthStyle(n), " ("+change(n, text)+")")
}

// header is what there is to know of the process as a whole.
func (v *view) header() []line {
	s := v.sample
	goroutines := label("Goroutines")
	goroutines.add(strong, count(s.goroutines))
	goroutines.addChange(s.goroutinesChange, count)
	goroutines.add(normal, stateText(s.states, v.width-goroutines.width()))

	stacks := label("Stacks")
	stacks.add(strong, binary(s.stackBytes))
	stacks.addChange(s.stackBytesChange, binary)
	stacks.addf(normal, "  used %s, dead %s, system %s", binary(s.usedBytes), binary(s.deadBytes), binary(s.systemBytes))

	scan := label("Scan")
	scan.add(strong, short(s.scan))
	scan.addf(normal, "  %s, every %s", s.cost(), s.interval.Round(10*time.Millisecond))
	if s.interval > v.asked {
		scan.addf(alarming, "  not %s, to stay below %.0f%%", v.asked, 100*maxShare)
	}
	return []line{v.title(), goroutines, stacks, scan, v.filterLine()}
}

// cost says what part of a core looks take.
func (s *sample) cost() string {
	if s.isFirst {
		return "all stacks for the first time"
	}
	return fmt.Sprintf("%.1f%% of a core", 100*float64(s.cpu)/float64(s.interval))
}

// filterLine says which rows there are.
func (v *view) filterLine() line {
	s := v.sample
	var l line
	if text := v.query().contains; text != "" || v.typed != nil {
		l = label("Filter")
		l.add(strong, text)
		if v.typed != nil {
			l.add(cursor, " ")
		}
		l.addf(normal, "  %s goroutines, %s", count(s.matching.goroutines), binary(s.matching.bytes))
	} else {
		l = label("Shown")
		all := s.matching.goroutines
		if v.grouped {
			all = int64(s.groupsTotal)
		}
		what := "goroutines"
		if v.grouped {
			what = "different stacks"
		}
		if shown := int64(v.rows()); shown < all {
			l.addf(normal, "the first %s of ", count(shown))
		}
		l.addf(normal, "%s %s", count(all), what)
	}
	by := columnKinds[v.sorted().column].title
	direction := "ascending"
	if v.sorted().descending {
		direction = "descending"
	}
	l.addf(faint, "  by %s, %s", by, direction)
	return l
}

// stateText lists the most frequent states, as many as fit.
func stateText(states []stateCount, width int) string {
	text := "  "
	for i, s := range states {
		item := count(s.goroutines) + " " + s.state
		if i > 0 {
			item = ", " + item
		}
		if len(text)+len(item)+len(", …") > width {
			return text + "…"
		}
		text += item
	}
	return text
}

// footer names the keys.
func (v *view) footer() line {
	var l line
	keys := "q quit  ? help  ↑↓ Enter stack  ←→ sort  r reverse  / filter  t by stack"
	switch {
	case v.sample == nil:
		keys = "q quit"
	case v.help:
		keys = "any key: back  q quit"
	case v.typed != nil:
		keys = "Enter keep  Esc forget"
	case v.detail != nil:
		keys = "Esc back  ↑↓ PgUp PgDn scroll  p pause"
	case v.grouped:
		keys = strings.Replace(keys, "t by stack", "t goroutines", 1)
	}
	l.add(faint, keys)
	return l
}

// detailLines are those of the goroutine, or the group, whose stack is shown.
func (v *view) detailLines() []line {
	d := v.detail
	head := []line{v.title()}
	var stack []line
	if d.group != nil {
		head = append(head, groupHead(d.group)...)
		stack = stackLines([]goscan.Turn{{Functions: d.group.path, Times: 1}}, len(d.group.path), v.width)
	} else {
		goroutine, turns, frames := goroutineHead(v.sample, d.goroutine)
		head = append(head, goroutine...)
		stack = stackLines(turns, frames, v.width)
	}
	d.lines = len(stack)
	page := v.height - detailHead - footHeight
	d.first = max(0, min(d.first, d.lines-page))
	if d.first > 0 || d.lines > page {
		head[len(head)-1].addf(faint, "  lines %d to %d of %d", d.first+1, min(d.lines, d.first+page), d.lines)
	}
	for len(head) < detailHead {
		head = append(head, nil)
	}
	return append(head, stack[d.first:]...)
}

func groupHead(g *group) []line {
	stack := label("Stack")
	stack.add(strong, g.id)
	stack.add(normal, "  innermost function first, recursion folded")
	goroutines := label("Goroutines")
	goroutines.add(strong, count(g.goroutines))
	goroutines.add(growthStyle(g.growth), " ("+change(g.growth, count)+" since the start)")
	goroutines.addf(normal, "  %s of stacks", binary(g.bytes))
	return []line{stack, goroutines}
}

// goroutineHead returns what is known of a goroutine: what it does now, or if that is not known, what it did at the look.
func goroutineHead(s *sample, was goscan.Selected) (head []line, turns []goscan.Turn, frames int) {
	now := s.inspection
	if now == nil || now.ID != was.ID {
		now = &goscan.Inspection{
			ID: was.ID, Size: was.Size, Used: was.Used, State: was.State, Creator: was.Creator, Wait: was.Wait,
			Turns: []goscan.Turn{{Functions: was.Stack, Times: 1}}, Frames: len(was.Stack), Truncated: was.Truncated,
		}
	}
	goroutine := label("Goroutine")
	goroutine.add(strong, decimal(now.ID))
	goroutine.add(normal, "  "+now.State)
	if now.Wait > 0 {
		goroutine.add(normal, ", for at least "+age(now.Wait))
	}
	switch err := s.inspectionError; {
	case errors.Is(err, goscan.ErrEnded):
		goroutine.add(alarming, "  has ended: as it was")
	case errors.Is(err, goscan.ErrRan):
		goroutine.add(alarming, "  runs too often: as it was")
	}
	created := label("Created by")
	if now.Creator == "" {
		created.add(normal, "the runtime, to run main")
	} else {
		created.add(normal, now.Creator)
	}
	if now.Parent != 0 {
		created.addf(normal, " in goroutine %d", now.Parent)
	}
	stack := label("Stack")
	stack.add(strong, binary(now.Size))
	if now.Used >= 0 {
		stack.addf(normal, ", %s used", binary(now.Used))
	}
	stack.addf(normal, "  %s frames, innermost first", count(int64(now.Frames)))
	if now.Truncated {
		stack.add(alarming, "; the start could not be read")
	}
	return []line{goroutine, created, stack}, now.Turns, now.Frames
}

// stackLines lists a stack as Go's tracebacks do, innermost function first. What repeats is in brackets:
//
//	  runtime.gopark
//	┌ main.odd
//	└ main.even  × 4,000
//	  main.main
func stackLines(turns []goscan.Turn, frames, width int) []line {
	listed := 0
	for _, t := range turns {
		listed += len(t.Functions) * t.Times
	}
	var lines []line
	for i := len(turns) - 1; i >= 0; i-- {
		t := turns[i]
		if listed < frames && i == len(turns)/2-1 {
			var l line
			l.addf(faint, "  … %s frames in between …", count(int64(frames-listed)))
			lines = append(lines, l)
		}
		for j := len(t.Functions) - 1; j >= 0; j-- {
			var l line
			bracket, times := "  ", ""
			if t.Times > 1 && len(t.Functions) > 1 {
				switch j {
				case len(t.Functions) - 1:
					bracket = "┌ "
				case 0:
					bracket = "└ "
				default:
					bracket = "│ "
				}
			}
			if t.Times > 1 && j == 0 {
				times = "  × " + count(int64(t.Times))
			}
			l.add(faint, bracket)
			style := normal
			if goscan.IsUserFunction(t.Functions[j]) {
				style = strong
			}
			l.add(style, shorten(t.Functions[j], width-len("  ")-len(times)))
			l.add(alarming, times)
			lines = append(lines, l)
		}
	}
	return lines
}

// helpLines are the explanations.
var helpLines = func() []line {
	var lines []line
	for _, text := range []string{
		"*Keys",
		"q, Ctrl-C    end;  Ctrl-Z: suspend",
		"↑ ↓ PgUp PgDn Home End   select a row;  Enter: its whole stack, Esc: back",
		"t, Tab       goroutines, or how many of them have the same stack",
		"← →          sort by another column; or by its letter: i GOID  s SIZE  u USED",
		"             g GROWTH  w STATE  c CREATED BY  f FUNCTION;  by stack: n COUNT",
		"             s BYTES  g GROWTH  i STACK ID  f FUNCTION",
		"r            the other way round",
		"/            only goroutines with this text in a function on their stack, or in",
		"             the one that created them;  Esc: all again",
		"p, Space     pause",
		"",
		"*Columns",
		"SIZE         bytes reserved for the stack: what counts against a memory limit",
		"USED         bytes of it in use;  GROWTH: their change since the look before",
		"WAIT         how long it has waited at least: Go notes no more than the first",
		"             garbage collection that saw it wait",
		"CREATED BY   the function with the go statement",
		"FUNCTION     the innermost that is neither Go's runtime nor standard library",
		"GROWTH       by stack: how many more goroutines than at the first look",
		"STACK ID     by stack: the node of the call tree, as in the metrics",
		"dead, system stack memory kept for new goroutines, and of the runtime's own",
	} {
		var l line
		if title, ok := strings.CutPrefix(text, "*"); ok {
			l.add(strong, title)
		} else {
			l.add(normal, text)
		}
		lines = append(lines, l)
	}
	return lines
}()

// summary is the header in one line, for where there is no screen.
func (s *sample) summary() string {
	return fmt.Sprintf("%s  %s  pid %d  %s  goroutines %s (%s)  stacks %s (%s)  used %s  dead %s  system %s  scan %s, %s",
		s.taken.Format(time.RFC3339), s.target.command, s.target.pid, s.target.goVersion,
		count(s.goroutines), change(s.goroutinesChange, count), binary(s.stackBytes), change(s.stackBytesChange, binary),
		binary(s.usedBytes), binary(s.deadBytes), binary(s.systemBytes), short(s.scan), s.cost())
}
