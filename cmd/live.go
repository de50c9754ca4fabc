package cmd

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// live shows a run as a list of its steps, which it redraws.
type live struct {
	mu      sync.Mutex
	frame   liveFrame
	now     func() time.Time // the clock of the run
	title   string
	run     string
	started time.Time
	ended   time.Time // zero until the run has ended
	last    string    // the line below the list
	tree    *liveTree
	focus   *liveRow // the row of the last event
	changed bool     // since it was drawn
	drawn   time.Time
	over    chan struct{} // closed to end keepDrawing
	drawing sync.WaitGroup
}

const (
	green, red, yellow, cyan, dim, reset = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[2m", "\x1b[0m"
)

// newLive returns a list of the steps of a program. now is the clock of the run.
func newLive(frame liveFrame, p *program.Program, r engine.Request, now func() time.Time) *live {
	l := &live{frame: frame, now: now, title: p.Title, run: r.Run, tree: newLiveTree(p), over: make(chan struct{})}
	if l.title == "" {
		l.title = p.Name
	}
	if r.Request != "" {
		l.title += ", request " + r.Request
	}
	return l
}

// drawEvery is how often live looks whether there is something to draw.
const drawEvery = 100 * time.Millisecond

// keepDrawing draws the list after events, each second, and if the size of the window changes, until
// end is called.
func (l *live) keepDrawing() {
	l.drawing.Go(func() {
		tick := time.NewTicker(drawEvery)
		defer tick.Stop()
		for {
			select {
			case <-l.over:
				return
			case <-tick.C:
				l.drawIfDue()
			}
		}
	})
}

func (l *live) drawIfDue() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started.IsZero() {
		return
	}
	if l.changed || l.frame.resized() || l.now().Sub(l.drawn) >= time.Second {
		l.draw()
	}
}

// end draws the list for the last time, in full.
func (l *live) end() {
	close(l.over)
	l.drawing.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.started.IsZero() {
		l.drawAll()
	}
}

func (l *live) note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = text
	l.draw()
}

func (l *live) event(e engine.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changed = true
	if l.started.IsZero() {
		l.started = e.At
	}
	l.run = e.Run
	switch e.Kind {
	case engine.EventRunStarted:
		l.started = e.At
	case engine.EventRunEnded:
		l.ended = e.At
		l.tree.cancel("", nil)
		l.last = fmt.Sprintf("%s after %s%s", e.Status, since(l.started, e.At), byPerson(e))
	case engine.EventHandlerBegins: // its row appears with its first step
	case engine.EventRunResumed:
		l.last = "resumed: " + e.Summary()
	case engine.EventRunStopped:
		l.last = "stopped by " + e.Summary()
	case engine.EventRunAdopted:
		l.last = "adopted by " + e.By.String()
	case engine.EventRunRetried:
		l.ended = time.Time{}
		l.last = "again from " + e.Step + ", by " + e.By.String()
		if r := l.tree.find(e.Step); r != nil {
			l.last = "again from " + r.label + ", by " + e.By.String()
			l.tree.again(r)
		}
	default:
		l.step(e)
	}
	if l.drawn.IsZero() {
		l.draw()
	}
}

// step shows an event of a step.
func (l *live) step(e engine.Event) {
	if e.Step == "" {
		return
	}
	r := l.tree.find(e.Step)
	if r == nil { // the program is not that of the run
		r = l.tree.child(l.tree.root, liveStep, e.Step, liveOrder{index: len(l.tree.places)}, label(e))
		l.tree.steps[e.Step] = r
	}
	r.take(e)
	l.focus, l.tree.active[r] = r, true
	if e.Kind == engine.EventStepStarted && r.step != nil && e.Task == "" {
		l.tree.reach(r, e)
	}
	l.tree.cancel(e.Branch, r)
}

// label returns what a step is called that the program does not have.
func label(e engine.Event) string {
	for _, text := range []string{e.Name, e.Task} {
		if text != "" {
			return text
		}
	}
	return e.Step
}

// header returns the first line: what runs, the run's id and how long it has taken. A narrow window
// cuts the first part only.
func (l *live) header(width int) string {
	to := l.now()
	if !l.ended.IsZero() {
		to = l.ended
	}
	fixed := "  run " + l.run
	if !l.started.IsZero() {
		fixed += "  " + seconds(to.Sub(l.started))
	}
	return fit(printable(l.title), max(0, width-1-cells(fixed))) + fixed
}

// footer returns the lines below the list.
func (l *live) footer(width int) []string {
	if l.last == "" {
		return nil
	}
	return wrap(printable(l.last), width-1)
}

// draw replaces the list on the screen by what fits into the window.
func (l *live) draw() {
	width, height := l.frame.size()
	room := height - 2 // the header, and the line of the cursor
	room -= len(l.footer(width))
	l.replace(l.tree.clip(max(1, room), l.focus), width, height)
}

// drawAll replaces the list by all rows. It is not redrawn after that, so it may be longer than the
// window.
func (l *live) drawAll() {
	width, height := l.frame.size()
	l.replace(l.tree.lines(foldEnded), width, height)
}

func (l *live) replace(rows []liveLine, width, height int) {
	now := l.now()
	lines := []string{l.header(width)}
	labels := 0
	for _, row := range rows {
		labels = max(labels, row.labelWidth())
	}
	labels = min(labels, width/2)
	for _, row := range rows {
		lines = append(lines, row.text(now, labels, l.frame.color))
	}
	lines = append(lines, l.footer(width)...)
	for i, line := range lines {
		lines[i] = fit(line, width-1)
	}
	l.frame.draw(lines, width, height)
	l.changed, l.drawn = false, now
}

// text returns the text of a line: its mark, its label in a column of a width, and its detail.
func (l liveLine) text(now time.Time, labels int, color bool) string {
	indent := strings.Repeat("  ", l.depth+1)
	if l.row == nil {
		return paint(color, dim, indent+l.hidden.String())
	}
	mark := liveMarks[l.row.current()]
	column := max(1, labels-2*l.depth)
	name := fit(printable(l.row.label), column)
	detail := printable(l.row.detail(now))
	if l.does != nil {
		mark = liveMarks[l.does.current()]
		detail = printable(l.does.label + ": " + l.does.detail(now))
	}
	if detail != "" {
		detail = strings.Repeat(" ", max(0, column-cells(name))+2) + detail
	}
	return indent + paint(color, mark.color, mark.sign) + " " + name + detail
}
