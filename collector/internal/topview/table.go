package topview

import (
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// column is one of a table.
type column int

const (
	columnID column = iota
	columnSize
	columnUsed
	columnGrowth
	columnState
	columnWait
	columnCreator
	columnFunction

	columnCount
	columnBytes
	columnGroupGrowth
	columnStackID
	columnGroupFunction
)

// columnKind is what there is to know of a column.
type columnKind struct {
	title string
	key   rune // that sorts by it; 0 if one cannot
	name  string
	order goscan.Order
	// right tells that it holds numbers: they are aligned at the right, and sorted from the greatest on.
	right bool
	// isName tells that it holds names of functions, which share what width the others leave.
	isName bool
}

var columnKinds = map[column]columnKind{
	columnID:       {title: "GOID", key: 'i', name: "id", order: goscan.ByID, right: true},
	columnSize:     {title: "SIZE", key: 's', name: "size", order: goscan.BySize, right: true},
	columnUsed:     {title: "USED", key: 'u', name: "used", order: goscan.ByUsed, right: true},
	columnGrowth:   {title: "GROWTH", key: 'g', name: "growth", order: goscan.ByGrowth, right: true},
	columnState:    {title: "STATE", key: 'w', name: "state", order: goscan.ByState},
	columnWait:     {title: "WAIT", right: true}, // of those in the table alone is it known
	columnCreator:  {title: "CREATED BY", key: 'c', name: "creator", order: goscan.ByCreator, isName: true},
	columnFunction: {title: "FUNCTION", key: 'f', name: "function", order: goscan.ByFunction, isName: true},

	columnCount:         {title: "COUNT", key: 'n', right: true},
	columnBytes:         {title: "BYTES", key: 's', right: true},
	columnGroupGrowth:   {title: "GROWTH", key: 'g', right: true},
	columnStackID:       {title: "STACK ID", key: 'i'},
	columnGroupFunction: {title: "FUNCTION", key: 'f', isName: true},
}

var (
	goroutineColumns = []column{columnID, columnSize, columnUsed, columnGrowth, columnState, columnWait, columnCreator, columnFunction}
	groupColumns     = []column{columnCount, columnBytes, columnGroupGrowth, columnStackID, columnGroupFunction}
)

func (c column) order() goscan.Order { return columnKinds[c].order }

// descends tells in which direction the column is sorted unless it is reversed: the greatest numbers first, ids and texts
// from the start.
func (c column) descends() bool { return columnKinds[c].right && c != columnID }

// cell is a text in a table.
type cell struct {
	text  string
	style style
}

// table is what has to be laid out.
type table struct {
	columns []column
	sorted  column
	rows    [][]cell
	cursor  int // the selected row, -1 for none
}

func goroutineTable(selected []goscan.Selected, sorted column) table {
	t := table{columns: goroutineColumns, sorted: sorted, cursor: -1}
	for _, s := range selected {
		used, wait, creator := unknown, unknown, s.Creator
		if s.Used >= 0 {
			used = size(s.Used)
		}
		if s.Wait > 0 {
			wait = age(s.Wait)
		}
		if creator == "" { // of the goroutine that runs main
			creator = unknown
		}
		t.rows = append(t.rows, []cell{
			{text: decimal(s.ID)}, {text: size(s.Size)}, {text: used}, {change(s.Growth, size), growthStyle(s.Growth)},
			{text: s.State}, {text: wait}, {text: creator}, {text: s.Function},
		})
	}
	return t
}

func groupTable(groups []group, sorted column) table {
	t := table{columns: groupColumns, sorted: sorted, cursor: -1}
	for _, g := range groups {
		t.rows = append(t.rows, []cell{
			{text: count(g.goroutines)}, {text: size(g.bytes)}, {change(g.growth, count), growthStyle(g.growth)},
			{text: g.id}, {text: g.function},
		})
	}
	return t
}

func growthStyle(n int64) style {
	switch {
	case n > 0:
		return growing
	case n < 0:
		return falling
	}
	return normal
}

// unknown stands for what is not known, or not there.
const unknown = "—"

const (
	// gap is what is between columns; where width is scarce, narrowGap.
	gap, narrowGap = 2, 1
	// maxStateWidth is what longer states are cut off at on a narrow screen: most have 12, "chan receive".
	maxStateWidth, narrowScreen = 14, 100
	// minNameWidth is the least that is worth having: worker.(*Pool).run has 18. Where there is less, there is no CREATED BY.
	minNameWidth = 16
)

// lines returns the heading and the rows from the first on, as many as fit into so many lines; each in the width, or as
// long as it is if that is 0.
func (t table) lines(width, first, height int) []line {
	rows := t.rows[min(first, len(t.rows)):]
	rows = rows[:max(0, min(len(rows), height-1))]
	gap := gap
	widths, fits := t.widths(rows, width, gap)
	if !fits {
		gap = narrowGap
		widths, _ = t.widths(rows, width, gap)
	}
	between := strings.Repeat(" ", gap)
	lines := make([]line, 0, len(rows)+1)
	var head line
	t.eachColumn(widths, func(i int, kind columnKind, isLast bool) {
		style := heading
		if t.columns[i] == t.sorted {
			style = sorted
		}
		head.add(style, padCell(kind.title, widths[i], kind.right, isLast))
		if !isLast {
			head.add(heading, between)
		}
	})
	if width > 0 {
		head.add(heading, pad("", width-head.width(), false))
	}
	lines = append(lines, head)
	for at, row := range rows {
		var l line
		isCursor := first+at == t.cursor
		styleOf := func(s style) style {
			if isCursor {
				return cursor
			}
			return s
		}
		t.eachColumn(widths, func(i int, kind columnKind, isLast bool) {
			text := printable(row[i].text)
			if kind.isName {
				text = shorten(text, widths[i])
			} else {
				text = runewidth.Truncate(text, widths[i], "…")
			}
			l.add(styleOf(row[i].style), padCell(text, widths[i], kind.right, isLast))
			if !isLast {
				l.add(styleOf(normal), between)
			}
		})
		if isCursor && width > 0 {
			l.add(cursor, pad("", width-l.width(), false))
		}
		lines = append(lines, l.fit(width))
	}
	return lines
}

// eachColumn goes over those that have a width.
func (t table) eachColumn(widths []int, do func(i int, kind columnKind, isLast bool)) {
	last := 0
	for i, w := range widths {
		if w > 0 {
			last = i
		}
	}
	for i, w := range widths {
		if w > 0 {
			do(i, columnKinds[t.columns[i]], i == last)
		}
	}
}

// padCell pads a cell, but not at the right end of a line.
func padCell(text string, width int, right, isLast bool) string {
	if isLast && !right {
		return text
	}
	return pad(text, width, right)
}

// widths returns how wide each column is, 0 if it is left out; and whether nothing was cut off for it.
func (t table) widths(rows [][]cell, width, gap int) (widths []int, fits bool) {
	widths = make([]int, len(t.columns))
	left := width
	var names []int
	for i, c := range t.columns {
		widths[i] = runewidth.StringWidth(columnKinds[c].title)
		for _, row := range rows {
			widths[i] = max(widths[i], runewidth.StringWidth(printable(row[i].text)))
		}
		if i > 0 {
			left -= gap
		}
		if columnKinds[c].isName {
			names = append(names, i)
		} else {
			left -= widths[i]
		}
	}
	wanted := 0
	for _, i := range names {
		wanted += widths[i]
	}
	if width <= 0 || wanted <= left {
		return widths, true
	}
	if i := slices.Index(t.columns, columnState); i >= 0 && width < narrowScreen && widths[i] > maxStateWidth {
		left += widths[i] - maxStateWidth
		widths[i] = maxStateWidth
	}
	share(widths, names, left, gap)
	return widths, false
}

// share gives the columns of names the width that is left. The last is the function, and gets what it needs, but for a
// third at most; if there is too little for both, all of it.
func share(widths, names []int, left, gap int) {
	function := names[len(names)-1]
	if len(names) == 1 {
		widths[function] = max(minNameWidth, left)
		return
	}
	creator := names[0]
	if left < 2*minNameWidth {
		widths[creator], widths[function] = 0, max(minNameWidth, left+gap)
		return
	}
	widths[creator] = min(widths[creator], max(left/3, minNameWidth, left-widths[function]))
	widths[function] = left - widths[creator]
}
