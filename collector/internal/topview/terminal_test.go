package topview

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// glass is a screen whose text can be read at any time.
type glass struct {
	tcell.SimulationScreen
	mu     sync.Mutex
	text   string
	styles map[string]tcell.Style // of the first cell of each line, by the line's text
}

func newGlass(t *testing.T, width, height int) *glass {
	t.Helper()
	g := &glass{SimulationScreen: tcell.NewSimulationScreen("UTF-8")}
	if err := g.Init(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Fini)
	g.SetSize(width, height)
	return g
}

// resize does what a terminal does whose window gets another size.
func (g *glass) resize(t *testing.T, width, height int) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.SetSize(width, height)
	if err := g.PostEvent(tcell.NewEventResize(width, height)); err != nil {
		t.Fatal(err)
	}
}

func (g *glass) Show() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.SimulationScreen.Show()
	cells, width, height := g.GetContents()
	g.text, g.styles = "", map[string]tcell.Style{}
	for y := 0; y < height; y++ {
		var l strings.Builder
		for _, cell := range cells[y*width : (y+1)*width] {
			l.WriteString(string(cell.Runes))
		}
		text := strings.TrimRight(l.String(), " ")
		g.styles[text] = cells[y*width].Style
		g.text += text + "\n"
	}
}

// waitFor returns when the screen shows a text.
func (g *glass) waitFor(t *testing.T, text string) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		shown := g.text
		g.mu.Unlock()
		if strings.Contains(shown, text) {
			return
		}
		if time.Since(start) > patience {
			t.Fatalf("%q is never shown, but\n%s", text, shown)
		}
	}
}

func (g *glass) styleOf(t *testing.T, start string) tcell.Style {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for text, style := range g.styles {
		if strings.HasPrefix(strings.TrimLeft(text, " "), start) {
			return style
		}
	}
	t.Errorf("no line starts with %q:\n%s", start, g.text)
	return tcell.StyleDefault
}

func (g *glass) press(keys ...any) {
	for _, k := range keys {
		switch k := k.(type) {
		case rune:
			g.InjectKey(tcell.KeyRune, k, 0)
		case tcell.Key:
			g.InjectKey(k, 0, 0)
		}
	}
}

// shown is a view of a made-up process on a glass.
type shown struct {
	*glass
	result chan error
	cancel func()
}

func show80(t *testing.T, source *looks) *shown {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &shown{glass: newGlass(t, 80, 24), result: make(chan error, 1), cancel: cancel}
	w := startWorker(source, func() {})
	v := newView(1000, sorting{columnSize, true}, "")
	v.asked = time.Second
	go func() { s.result <- show(ctx, s.glass, w, v, 0) }()
	t.Cleanup(func() { cancel(); w.stop() })
	return s
}

// answers makes looks whose sample shows what was asked for.
func answers(n int, q query) (*sample, error) {
	s := quick()
	if q.grouped {
		s = byStack()
	}
	s.interval = 5 * time.Millisecond
	s.goroutines = int64(n)
	if q.column == columnUsed {
		s.target.command = "sorted by used"
	}
	if q.inspect != 0 {
		s.inspection = &goscan.Inspection{ID: q.inspect, State: "inspected", Turns: []goscan.Turn{{Functions: []string{"main.inspected"}, Times: 3}}, Frames: 3}
	}
	return s, nil
}

func TestKeysChangeWhatTheScreenShows(t *testing.T) {
	s := show80(t, &looks{sample: answers})
	s.waitFor(t, "98123")
	s.press('u')
	s.waitFor(t, "sorted by used")
	s.press(tcell.KeyDown, tcell.KeyEnter)
	s.waitFor(t, "main.inspected  × 3")
	s.press(tcell.KeyEscape)
	s.waitFor(t, "FUNCTION")
	s.press('t')
	s.waitFor(t, "0yjwvfkyykodh")
	s.press('?')
	s.waitFor(t, "Columns")
	s.press('x', '/', 'p', 'o', 'o', 'l')
	s.waitFor(t, "Filter      pool")
	s.press(tcell.KeyCtrlC)
	if err := <-s.result; err != nil {
		t.Error(err)
	}
}

func TestLooksFollowEachOtherUntilTheyArePaused(t *testing.T) {
	source := &looks{sample: answers}
	s := show80(t, source)
	s.waitFor(t, "Goroutines  5 ")
	s.press('p')
	s.waitFor(t, "PAUSED")
	s.press('p')
	s.waitFor(t, "Goroutines  15 ")
	s.press('q')
	if err := <-s.result; err != nil {
		t.Error(err)
	}
}

func TestTheScreenMayChangeItsSize(t *testing.T) {
	s := show80(t, &looks{sample: answers})
	s.waitFor(t, "worker.(*Pool).run")
	s.resize(t, 200, 30)
	s.waitFor(t, "github.com/acme/shop/internal/worker.(*Pool).Start.func1")
	s.resize(t, 20, 4)
	s.waitFor(t, "q quit  ? help  ↑↓ …")
	s.cancel()
	if err := <-s.result; err != nil {
		t.Error(err)
	}
}

func TestTheViewEndsWithTheProcess(t *testing.T) {
	gone := errors.New("process 4711 (shop) has ended")
	s := show80(t, &looks{sample: func(n int, q query) (*sample, error) {
		if n > 2 {
			return nil, gone
		}
		return answers(n, q)
	}})
	if err := <-s.result; !errors.Is(err, gone) {
		t.Errorf("the error is %v", err)
	}
}

func TestKeysWorkWhileALookTakesLong(t *testing.T) {
	release := make(chan bool)
	s := show80(t, &looks{sample: func(n int, q query) (*sample, error) {
		<-release
		return answers(n, q)
	}})
	s.waitFor(t, "Reading all stacks for the first time")
	s.press('u', 'q')
	if err := <-s.result; err != nil {
		t.Error(err)
	}
	close(release)
}

func TestTheSelectedRowAndTheHeadingStandOutAlsoWithoutColours(t *testing.T) {
	for _, noColour := range []string{"", "1"} {
		t.Setenv("NO_COLOR", noColour)
		s := show80(t, &looks{sample: answers})
		s.waitFor(t, "98123")
		for _, start := range []string{"GOID", "98123"} {
			foreground, background, attributes := s.styleOf(t, start).Decompose()
			if noColour != "" && (foreground != tcell.ColorDefault || background != tcell.ColorDefault || attributes&tcell.AttrReverse == 0) {
				t.Errorf("without colours, the line %s has %v on %v, attributes %b", start, foreground, background, attributes)
			}
			if noColour == "" && background == tcell.ColorDefault && attributes&tcell.AttrReverse == 0 {
				t.Errorf("the line %s does not stand out", start)
			}
		}
		s.press('q')
		<-s.result
	}
}
