package topview

import (
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// key is one that was pressed: a character, or one of those here.
type key rune

const (
	keyUp key = -1 - iota
	keyDown
	keyLeft
	keyRight
	keyPageUp
	keyPageDown
	keyHome
	keyEnd
	keyEnter
	keyEscape
	keyTab
	keyBackspace
	keyInterrupt // Ctrl-C
)

// action is what has to happen after a key.
type action int

const (
	nothing action = iota
	choose         // other rows are wanted of the last look, or a goroutine is to be read
	resume         // the next look is wanted now
	quit
)

// view is what the screen shows.
type view struct {
	width, height int
	sample        *sample // nil before the first look
	grouped       bool
	sorting       [2]sorting // of goroutines, of groups
	row           int        // the selected one
	first         int        // the one at the top
	contains      string     // the filter
	typed         *string    // the filter that is being typed, nil if none is
	paused, help  bool
	detail        *detail
	limit         int
	asked         time.Duration // the interval that was asked for
}

type sorting struct {
	column     column
	descending bool
}

// detail is the one goroutine, or group, whose stack is shown.
type detail struct {
	goroutine goscan.Selected // as it was in the table
	group     *group          // or one of these
	first     int             // line at the top
	lines     int             // how many there are in all
}

func newView(limit int, s sorting, contains string) *view {
	return &view{
		sorting:  [2]sorting{s, {columnCount, true}},
		contains: contains,
		limit:    limit,
	}
}

// sorted returns how the table that is shown is sorted.
func (v *view) sorted() *sorting {
	if v.grouped {
		return &v.sorting[1]
	}
	return &v.sorting[0]
}

func (v *view) columns() []column {
	if v.grouped {
		return groupColumns
	}
	return goroutineColumns
}

// query returns what has to be known for what is shown.
func (v *view) query() query {
	q := query{grouped: v.grouped, column: v.sorted().column, descending: v.sorted().descending, contains: v.contains, limit: v.limit}
	if v.typed != nil {
		q.contains = *v.typed
	}
	if v.detail != nil && v.detail.group == nil {
		q.inspect = v.detail.goroutine.ID
	}
	return q
}

// update shows a look.
func (v *view) update(s *sample) {
	v.sample = s
	v.move(0)
	if v.detail != nil && v.detail.group != nil {
		for _, g := range s.groups {
			if g.id == v.detail.group.id {
				v.detail.group = &g
				break
			}
		}
	}
}

func (v *view) rows() int {
	switch {
	case v.sample == nil:
		return 0
	case v.grouped:
		return len(v.sample.groups)
	}
	return len(v.sample.selected)
}

// move selects a row further down, or up, and brings it into sight.
func (v *view) move(by int) {
	v.row = max(0, min(v.row+by, v.rows()-1))
	height := v.tableHeight() - 1 // without the heading
	v.first = max(0, min(v.first, v.row, v.rows()-height))
	if v.row >= v.first+height {
		v.first = v.row - height + 1
	}
}

// press takes a key.
func (v *view) press(k key) action {
	switch {
	case k == keyInterrupt:
		return quit
	case v.typed != nil:
		return v.typeFilter(k)
	case v.help:
		v.help = false
		if k == 'q' {
			return quit
		}
		return nothing
	case v.detail != nil:
		return v.pressInDetail(k)
	}
	switch k {
	case 'q':
		return quit
	case '?', 'h':
		v.help = true
	case 'p', ' ':
		if v.paused = !v.paused; !v.paused {
			return resume
		}
	case 't', keyTab:
		v.grouped = !v.grouped
		v.row, v.first = 0, 0
		if v.sample != nil {
			s := *v.sample
			s.selected, s.groups = nil, nil // what was shown has other columns
			v.sample = &s
		}
		return choose
	case '/':
		text := v.contains
		v.typed = &text
	case keyEscape:
		if v.contains != "" {
			v.contains = ""
			return choose
		}
	case 'r':
		v.sorted().descending = !v.sorted().descending
		return choose
	case keyEnter:
		return v.open()
	case keyLeft:
		return v.sortBeside(-1)
	case keyRight:
		return v.sortBeside(1)
	default:
		if v.scroll(k, v.move, v.tableHeight()-1, v.rows()) {
			return nothing
		}
		for _, c := range v.columns() {
			if kind := columnKinds[c]; kind.key != 0 && key(kind.key) == k {
				return v.sortBy(c)
			}
		}
	}
	return nothing
}

// scroll moves by what a key says, if it is one of those that do.
func (v *view) scroll(k key, move func(by int), page, all int) bool {
	switch k {
	case keyUp, 'k':
		move(-1)
	case keyDown, 'j':
		move(1)
	case keyPageUp:
		move(-page)
	case keyPageDown:
		move(page)
	case keyHome:
		move(-all)
	case keyEnd:
		move(all)
	default:
		return false
	}
	return true
}

// sortBy sorts by a column: if it is so already, the other way round.
func (v *view) sortBy(c column) action {
	if s := v.sorted(); s.column == c {
		s.descending = !s.descending
	} else {
		*s = sorting{c, c.descends()}
	}
	v.row, v.first = 0, 0
	return choose
}

// sortBeside sorts by the next column to the left or the right by which one can.
func (v *view) sortBeside(by int) action {
	columns := v.columns()
	for i := slices.Index(columns, v.sorted().column) + by; i >= 0 && i < len(columns); i += by {
		if columnKinds[columns[i]].key != 0 {
			return v.sortBy(columns[i])
		}
	}
	return nothing
}

// open shows the stack of the selected row.
func (v *view) open() action {
	if v.row >= v.rows() {
		return nothing
	}
	if v.grouped {
		v.detail = &detail{group: &v.sample.groups[v.row]}
		return nothing
	}
	v.detail = &detail{goroutine: v.sample.selected[v.row]}
	return choose
}

func (v *view) pressInDetail(k key) action {
	switch k {
	case 'q', keyEscape, keyEnter, keyBackspace:
		v.detail = nil
	case 'p', ' ':
		if v.paused = !v.paused; !v.paused {
			return resume
		}
	case '?', 'h':
		v.help = true
	default:
		page := v.height - detailHead - 1
		v.scroll(k, func(by int) {
			v.detail.first = max(0, min(v.detail.first+by, v.detail.lines-page))
		}, page, v.detail.lines)
	}
	return nothing
}

// maxFilter is how many bytes a filter may have.
const maxFilter = 200

// typeFilter takes a key while the filter is typed. What is shown follows.
func (v *view) typeFilter(k key) action {
	text := *v.typed
	switch {
	case k == keyEnter:
		v.contains, v.typed = text, nil
		return choose
	case k == keyEscape:
		v.typed = nil
		return choose
	case k == keyBackspace:
		_, last := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-last]
	case k >= ' ' && unicode.IsPrint(rune(k)) && len(text) < maxFilter:
		text += string(rune(k))
	default:
		return nothing
	}
	v.typed = &text
	v.row, v.first = 0, 0
	return choose
}
