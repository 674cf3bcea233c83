package topview

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/mattn/go-runewidth"
	"golang.org/x/sys/unix"
)

// runOnTerminal shows the view until a key, the context or the process ends it. The terminal is then as it was before.
func runOnTerminal(ctx context.Context, out *os.File, w *worker, v *view, looks int) error {
	// Opened anew: reading keys may be given up then, and it works also where standard input is something else.
	tty, err := tcell.NewDevTtyFromDev(fmt.Sprintf("/proc/self/fd/%d", out.Fd()))
	if err != nil {
		return fmt.Errorf("the terminal cannot be opened: %w", err)
	}
	screen, err := tcell.NewTerminfoScreenFromTty(tty)
	if err != nil {
		return fmt.Errorf("the terminal %q is not known: set TERM to what it is, such as xterm-256color, or have tables one below "+
			"the other by piping this to cat", os.Getenv("TERM"))
	}
	if err := screen.Init(); err != nil {
		return fmt.Errorf("the terminal cannot be used: %w. Is the locale one of UTF-8? LC_ALL=C.UTF-8 makes it so", err)
	}
	defer screen.Fini()
	return show(ctx, screen, w, v, looks)
}

// show draws the view on a screen that was prepared, and gives it the keys.
func show(ctx context.Context, screen tcell.Screen, w *worker, v *view, looks int) error {
	for shown, ascii := range map[rune]string{
		'—': "-", '…': "~", '×': "x", '↑': "^", '↓': "v", '←': "<", '→': ">",
	} {
		screen.RegisterRuneFallback(shown, ascii) // where the locale is not of UTF-8
	}
	p := &painter{screen: screen, styles: stylesFor(screen.Colors() >= 8 && os.Getenv("NO_COLOR") == "")}
	events, ended := make(chan tcell.Event, 16), make(chan struct{})
	defer close(ended)
	go screen.ChannelEvents(events, ended)

	v.width, v.height = screen.Size()
	asker := &asker{worker: w, view: v}
	asker.ask(true)
	timer := time.NewTimer(0)
	<-timer.C
	defer timer.Stop()
	for {
		p.paint(v.lines())
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-events:
			if !ok {
				return nil
			}
			switch event := event.(type) {
			case *tcell.EventError:
				return fmt.Errorf("the terminal: %w", event)
			case *tcell.EventResize:
				v.width, v.height = event.Size()
				v.move(0)
				screen.Sync()
			case *tcell.EventKey:
				if event.Key() == tcell.KeyCtrlZ {
					if err := suspend(screen); err != nil {
						return err
					}
					continue
				}
				switch v.press(keyOf(event)) {
				case quit:
					return nil
				case choose:
					asker.ask(false)
				case resume:
					asker.ask(true)
				}
			}
		case a := <-w.answers:
			asker.answered()
			if a.err != nil {
				return a.err
			}
			v.update(a.sample)
			if a.request.scan {
				if looks--; looks == 0 {
					p.paint(v.lines())
					return nil
				}
				timer.Reset(a.sample.interval - time.Since(a.sample.taken))
			}
		case <-timer.C:
			if !v.paused {
				asker.ask(true)
			}
		}
	}
}

// asker gives a worker one request at a time. What is wanted meanwhile is asked for then, as one.
type asker struct {
	worker      *worker
	view        *view
	busy        bool
	wants, scan bool
}

func (a *asker) ask(scan bool) {
	if a.busy {
		a.wants, a.scan = true, a.scan || scan
		return
	}
	// Before the first look, there is nothing to choose from.
	a.worker.requests <- request{scan || a.view.sample == nil, a.view.query()}
	a.busy = true
}

func (a *asker) answered() {
	a.busy = false
	if a.wants {
		scan := a.scan
		a.wants, a.scan = false, false
		a.ask(scan)
	}
}

// suspend lets the shell have the terminal, as Ctrl-Z does elsewhere.
func suspend(screen tcell.Screen) error {
	if err := screen.Suspend(); err != nil {
		return err
	}
	stopped := unix.Kill(0, unix.SIGTSTP)
	return errors.Join(stopped, screen.Resume())
}

// keyOf translates a key; 0 is none of ours.
func keyOf(event *tcell.EventKey) key {
	switch event.Key() {
	case tcell.KeyRune:
		if event.Modifiers()&(tcell.ModAlt|tcell.ModCtrl|tcell.ModMeta) == 0 {
			return key(event.Rune())
		}
	case tcell.KeyUp:
		return keyUp
	case tcell.KeyDown:
		return keyDown
	case tcell.KeyLeft:
		return keyLeft
	case tcell.KeyRight:
		return keyRight
	case tcell.KeyPgUp:
		return keyPageUp
	case tcell.KeyPgDn:
		return keyPageDown
	case tcell.KeyHome:
		return keyHome
	case tcell.KeyEnd:
		return keyEnd
	case tcell.KeyEnter:
		return keyEnter
	case tcell.KeyEscape:
		return keyEscape
	case tcell.KeyTab:
		return keyTab
	case tcell.KeyBackspace, tcell.KeyBackspace2:
		return keyBackspace
	case tcell.KeyCtrlC:
		return keyInterrupt
	}
	return 0
}

// painter draws lines.
type painter struct {
	screen tcell.Screen
	styles map[style]tcell.Style
}

// stylesFor uses the first colours of the palette, which every theme makes fit its background.
func stylesFor(colours bool) map[style]tcell.Style {
	d := tcell.StyleDefault
	styles := map[style]tcell.Style{
		normal: d, faint: d.Dim(true), strong: d.Bold(true), heading: d.Reverse(true), sorted: d.Reverse(true).Bold(true).Underline(true),
		cursor: d.Reverse(true), growing: d, falling: d, alarming: d.Bold(true),
	}
	if colours {
		styles[sorted] = d.Foreground(tcell.ColorBlack).Background(tcell.ColorTeal)
		styles[cursor] = d.Foreground(tcell.ColorWhite).Background(tcell.ColorNavy)
		styles[growing] = d.Foreground(tcell.ColorMaroon)
		styles[falling] = d.Foreground(tcell.ColorGreen)
		styles[alarming] = d.Foreground(tcell.ColorOlive)
	}
	return styles
}

func (p *painter) paint(lines []line) {
	p.screen.Clear()
	for y, l := range lines {
		x := 0
		for _, s := range l {
			for _, r := range s.text {
				width := runewidth.RuneWidth(r)
				if width == 0 && x > 0 { // it belongs to the character before
					base, combining, style, _ := p.screen.GetContent(x-1, y)
					p.screen.SetContent(x-1, y, base, append(combining, r), style)
					continue
				}
				p.screen.SetContent(x, y, r, nil, p.styles[s.style])
				x += width
			}
		}
	}
	p.screen.Show()
}
