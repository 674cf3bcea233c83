package topview

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"

	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

var update = flag.Bool("update", false, "write the golden texts of testdata anew")

// expectGolden compares a text with a file of testdata.
func expectGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s, which go test -update writes anew, is different:\n%s\nwant:\n%s", file, got, want)
	}
}

// shop is a look at a process that leaks goroutines.
func shop() *sample {
	const pool = "github.com/acme/shop/internal/worker.(*Pool)"
	goroutine := func(id uint64, size, used, growth int64, state string, wait time.Duration, creator, function string, stack ...string) goscan.Selected {
		return goscan.Selected{
			Goroutine: goscan.Goroutine{ID: id, Size: size, Used: used, Growth: growth, State: state, Creator: creator, Start: stack[0], Stack: stack},
			Function:  function, Wait: wait,
		}
	}
	return &sample{
		target:   target{4711, "shop", "go1.26.8"},
		taken:    time.Date(2026, 11, 25, 9, 38, 7, 0, time.UTC),
		scan:     12_340 * time.Microsecond,
		cpu:      11_800 * time.Microsecond,
		interval: time.Second,

		goroutines: 12_345, goroutinesChange: 20,
		stackBytes: 101_056_512, stackBytesChange: -1_258_291,
		usedBytes: 53_687_091, deadBytes: 2_097_152, systemBytes: 18_432,
		states: []stateCount{{"chan receive", 12_000}, {"IO wait", 300}, {"select", 42}, {"running", 2}, {"sync.WaitGroup.Wait", 1}},
		selected: []goscan.Selected{
			goroutine(98_123, 536_870_912, 402_653_184, 104_857_600, "runnable", 0, "main.main", "main.resolve", "main.resolve"),
			goroutine(17, 65_536, 51_234, 4096, "chan receive", 3*time.Minute+12*time.Second, pool+".Start", pool+".run", pool+".run", "runtime.gopark"),
			goroutine(3021, 8192, 1312, -640, "sync.WaitGroup.Wait", 0, pool+".Start.func1", "github.com/acme/shop/api.(*Server).handleOrder[...]", "net/http.(*conn).serve", "github.com/acme/shop/api.(*Server).handleOrder[...]"),
			goroutine(1, 4096, 384, 0, "select (no cases)", 50*time.Hour, "", "main.main", "runtime.main", "main.main"),
			goroutine(4242, 2048, -1, 0, "running", 0, "net/http.(*Server).Serve", "net/http.(*conn).serve", "net/http.(*conn).serve"),
		},
		matching: amount{12_345, 101_056_512},
	}
}

// byStack is the same process by stack.
func byStack() *sample {
	s := shop()
	s.selected = nil
	s.groups = []group{
		{"0yjwvfkyykodh", 12_000, 98_304_000, 730, "github.com/acme/shop/internal/worker.(*Pool).run", []string{"github.com/acme/shop/internal/worker.(*Pool).run", "runtime.chanrecv", "runtime.gopark"}},
		{"07yzhmrx072zj", 344, 1_409_024, -3, "net/http.(*conn).serve", []string{"net/http.(*conn).serve", "runtime.gopark"}},
		{"3or9cza4o5i8s", 1, 4096, 0, "main.main", []string{"runtime.main", "main.main"}},
	}
	s.groupsTotal = 3
	return s
}

func newTestView(width, height int, s *sample) *view {
	v := newView(1000, sorting{columnSize, true}, "")
	v.asked = time.Second
	v.width, v.height = width, height
	if s != nil {
		v.update(s)
	}
	return v
}

func textOf(lines []line) string {
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(strings.TrimRight(l.text(), " ") + "\n")
	}
	return text.String()
}

func TestTheTableFitsScreensOfAllWidths(t *testing.T) {
	for _, width := range []int{80, 120, 200} {
		expectGolden(t, fmt.Sprintf("goroutines-%d", width), textOf(newTestView(width, 14, shop()).lines()))
		v := newTestView(width, 12, byStack())
		v.grouped = true
		expectGolden(t, fmt.Sprintf("stacks-%d", width), textOf(v.lines()))
	}
}

func TestHelpFitsTheSmallestUsualScreen(t *testing.T) {
	v := newTestView(80, 24, shop())
	v.press('?')
	lines := v.lines()
	for _, l := range lines {
		if strings.Contains(l.text(), "…") {
			t.Errorf("cut off: %s", l.text())
		}
	}
	if len(helpLines) > 24-footHeight {
		t.Errorf("help has %d lines", len(helpLines))
	}
	for _, kind := range columnKinds {
		if kind.key != 0 && !strings.Contains(textOf(lines), fmt.Sprintf("%c %s", kind.key, kind.title)) {
			t.Errorf("help does not say that %c sorts by %s", kind.key, kind.title)
		}
	}
}

func TestAGoroutinesStackIsListedWithItsRecursionCounted(t *testing.T) {
	s := shop()
	s.inspection = &goscan.Inspection{
		ID: 17, Size: 65_536, Used: 51_234, State: "chan receive", Creator: "github.com/acme/shop/internal/worker.(*Pool).Start", Parent: 1,
		Wait: 3*time.Minute + 12*time.Second, Frames: 4006,
		Turns: []goscan.Turn{
			{Functions: []string{"github.com/acme/shop/internal/worker.(*Pool).run"}, Times: 1},
			{Functions: []string{"github.com/acme/shop/graph.odd", "github.com/acme/shop/graph.even", "github.com/acme/shop/graph.third"}, Times: 1334},
			{Functions: []string{"github.com/acme/shop/graph.walk"}, Times: 1},
			{Functions: []string{"runtime.gopark"}, Times: 2},
		},
	}
	v := newTestView(80, 16, s)
	v.row = 1
	if got := v.press(keyEnter); got != choose || v.query().inspect != 17 {
		t.Errorf("Enter gives the action %d, and goroutine %d is read", got, v.query().inspect)
	}
	expectGolden(t, "goroutine", textOf(v.lines()))
}

func TestAGoroutineThatHasEndedIsShownAsItWas(t *testing.T) {
	s := shop()
	s.inspectionError = fmt.Errorf("goroutine 17: %w", goscan.ErrEnded)
	v := newTestView(80, 12, s)
	v.row = 1
	v.press(keyEnter)
	expectGolden(t, "ended", textOf(v.lines()))
}

func TestAStackThatIsLongerThanTheScreenIsScrolled(t *testing.T) {
	s := shop()
	s.inspection = &goscan.Inspection{ID: 98_123, Size: 4096, State: "runnable", Frames: 100}
	for i := 0; i < 100; i++ {
		s.inspection.Turns = append(s.inspection.Turns, goscan.Turn{Functions: []string{fmt.Sprintf("main.f%d", i)}, Times: 1})
	}
	v := newTestView(80, 24, s)
	v.press(keyEnter)
	shows := func(first, last string) {
		t.Helper()
		lines := v.lines()
		if got := lines[detailHead].text(); got != "  "+first {
			t.Errorf("the first line is %q, want %s", got, first)
		}
		if got := lines[len(lines)-2].text(); got != "  "+last {
			t.Errorf("the last line is %q, want %s", got, last)
		}
	}
	shows("main.f99", "main.f82") // 24 lines less those above and below the stack
	v.press(keyDown)
	shows("main.f98", "main.f81")
	v.press(keyPageDown)
	shows("main.f80", "main.f63")
	v.press(keyEnd)
	shows("main.f17", "main.f0")
	v.press(keyHome)
	shows("main.f99", "main.f82")
	if text := textOf(v.lines()); !strings.Contains(text, "lines 1 to 18 of 100") {
		t.Errorf("where one is, is not said:\n%s", text)
	}
	if v.press(keyEscape); v.detail != nil {
		t.Error("Esc does not go back")
	}
}

func TestOfAStackWithTooManyTurnsTheMiddleIsSaidToBeMissing(t *testing.T) {
	turns := []goscan.Turn{{Functions: []string{"main.a"}, Times: 1}, {Functions: []string{"main.b"}, Times: 2}, {Functions: []string{"main.y"}, Times: 1}, {Functions: []string{"main.z"}, Times: 1}}
	want := "  main.z\n  main.y\n  … 995 frames in between …\n  main.b  × 2\n  main.a\n"
	if got := textOf(stackLines(turns, 1000, 80)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestTheHeaderSaysWhyLooksAreRarerThanAskedFor(t *testing.T) {
	s := shop()
	s.cpu, s.interval = 320*time.Millisecond, interval(time.Second, 320*time.Millisecond, false)
	if text := textOf(newTestView(100, 20, s).lines()); !strings.Contains(text, "10.0% of a core, every 3.2s  not 1s, to stay below 10%") {
		t.Errorf("it does not:\n%s", text)
	}
}

func TestLooksTakeATenthOfACoreAtMostButForTheFirst(t *testing.T) {
	for _, test := range []struct {
		cpu     time.Duration
		isFirst bool
		want    time.Duration
	}{
		{50 * time.Millisecond, false, time.Second},
		{100 * time.Millisecond, false, time.Second},
		{450 * time.Millisecond, false, 4500 * time.Millisecond},
		{3 * time.Second, true, time.Second},
	} {
		if got := interval(time.Second, test.cpu, test.isFirst); got != test.want {
			t.Errorf("after a look of %s, the next is %s later, want %s", test.cpu, got, test.want)
		}
	}
	s := shop()
	s.isFirst = true
	if text := s.summary(); !strings.Contains(text, "scan 12.3 ms, all stacks for the first time") {
		t.Errorf("the first look is not told apart: %s", text)
	}
}

// hostile is a function's name that would take over a terminal, and one that is none.
const hostile = "main.\x1b]0;owned\x07\x1b[2J\u009b31m\u202eevil\xff\x00\n"

func TestNamesCannotControlTheTerminal(t *testing.T) {
	s := shop()
	s.target.command, s.target.goVersion = hostile, hostile
	s.states[0].state = hostile
	for i := range s.selected {
		g := &s.selected[i]
		g.Creator, g.Function, g.State, g.Stack = hostile, hostile, hostile, []string{hostile}
	}
	s.inspection = &goscan.Inspection{ID: 98_123, State: hostile, Creator: hostile, Turns: []goscan.Turn{{Functions: []string{hostile, hostile}, Times: 2}}}
	s.inspectionError = fmt.Errorf("%s: %w", hostile, goscan.ErrRan)
	g := byStack()
	g.groups[0] = group{id: hostile, function: hostile, path: []string{hostile}}

	var text strings.Builder
	for _, width := range []int{40, 80, 200} {
		v := newTestView(width, 20, s)
		text.WriteString(textOf(v.lines()))
		v.press(keyEnter)
		text.WriteString(textOf(v.lines()))
		v = newTestView(width, 20, g)
		v.grouped, v.contains = true, hostile
		text.WriteString(textOf(v.lines()))
		v.press(keyEnter)
		text.WriteString(textOf(v.lines()))
	}
	if err := writeTable(&text, s, columnSize); err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(&text, s, columnSize); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "evil") {
		t.Error("the name is not there at all")
	}
	for _, r := range text.String() {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("%U reaches the terminal:\n%q", r, text.String())
		}
	}
}

func TestNoScreenGetsMoreLinesOrColumnsThanItHas(t *testing.T) {
	wide := shop()
	for i := range wide.selected {
		wide.selected[i].Function = "main.処理する関数_" + strings.Repeat("長", i*9)
	}
	for _, s := range []*sample{nil, shop(), byStack(), wide} {
		for _, width := range []int{1, 2, 3, 8, 17, 40, 59, 79, 80, 81, 120} {
			for _, height := range []int{1, 2, 5, 7, 24} {
				v := newTestView(width, height, s)
				v.grouped = s != nil && s.groups != nil
				for _, keys := range [][]key{{}, {keyEnter}, {keyEscape, '?'}, {keyEscape, '/', 'x', 'y'}} {
					for _, k := range keys {
						v.press(k)
					}
					lines := v.lines()
					if len(lines) != max(height, footHeight) {
						t.Fatalf("a screen of %d×%d gets %d lines after %v", width, height, len(lines), keys)
					}
					for _, l := range lines {
						if w := runewidth.StringWidth(l.text()); w > width {
							t.Fatalf("a screen of %d×%d gets a line of %d columns after %v: %q", width, height, w, keys, l.text())
						}
					}
				}
			}
		}
	}
}

func TestNamesAreShortenedFromTheLeft(t *testing.T) {
	const name = "github.com/acme/shop/internal/worker.(*Pool).run"
	for width, want := range map[int]string{
		0:  name,
		48: name,
		47: "acme/shop/internal/worker.(*Pool).run",
		30: "internal/worker.(*Pool).run",
		18: "worker.(*Pool).run",
		12: "…(*Pool).run",
		1:  "…",
	} {
		if got := shorten(name, width); got != want {
			t.Errorf("in %d columns: %s, want %s", width, got, want)
		}
	}
	if got, want := shorten("github.com/a/b.Map[a/b.c]", 13), "b.Map[a/b.c]"; got != want {
		t.Errorf("with type arguments: %s, want %s", got, want)
	}
}

func TestSizesTakeFiveColumnsAtMost(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 1: "1", 1023: "1023", 1024: "1K", 1312: "1.3K", 8192: "8K", 10_000: "9.8K", 51_234: "50K", 131_072: "128K",
		1_048_575: "1.0M", 1_500_000: "1.4M", 536_870_912: "512M", 1 << 30: "1G", 1 << 40: "1T", -640: "-640", -2048: "-2K",
	} {
		if got := size(n); got != want {
			t.Errorf("%d bytes are %s, want %s", n, got, want)
		}
	}
	for n := int64(1); n > 0 && n < 1<<61; n = n*9/8 + 1 {
		if text := size(n); len(text) > 5 {
			t.Errorf("%d bytes are %s, of %d columns", n, text, len(text))
		}
	}
}

func TestAgesAreShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999 * time.Millisecond: "0s", 59 * time.Second: "59s", time.Minute: "1m00s", 3599 * time.Second: "59m59s",
		time.Hour: "1h00m", 47*time.Hour + 59*time.Minute: "47h59m", 48 * time.Hour: "2d00h", 300*24*time.Hour + 4*time.Hour: "300d04h",
	} {
		if got := age(d); got != want {
			t.Errorf("%s is %s, want %s", d, got, want)
		}
	}
}

func TestNumbersHaveTheirThousandsApart(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", 12_345_678: "12,345,678", -999: "-999"} {
		if got := count(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 5: "+5", -5: "-5", 4096: "+4,096"} {
		if got := change(n, count); got != want {
			t.Errorf("a change by %d is %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 2048: "2.0 KiB", 101_056_512: "96.4 MiB", -2048: "-2.0 KiB"} {
		if got := binary(n); got != want {
			t.Errorf("%d bytes are %s, want %s", n, got, want)
		}
	}
}
