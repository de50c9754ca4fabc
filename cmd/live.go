package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
)

// live shows a run as a list of its steps, and redraws the list after each event.
type live struct {
	mu      sync.Mutex
	w       io.Writer
	color   bool
	title   string
	rows    []*row
	byKey   map[string]*row
	started time.Time
	last    string // the line below the list
	drawn   int    // number of lines of the list on the screen
	width   int
}

type row struct {
	label  string
	mark   string
	color  string
	detail string
}

const (
	green, red, yellow, cyan, dim, reset = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[2m", "\x1b[0m"
)

func newLive(w io.Writer, p *program.Program, r engine.Request, color bool) *live {
	l := &live{w: w, color: color, byKey: map[string]*row{}}
	l.width, _ = size(w)
	l.title = p.Title
	if l.title == "" {
		l.title = p.Name
	}
	if r.Request != "" {
		l.title += ", request " + diag.Printable(r.Request)
	}
	for s := range p.Places() {
		if s.Section == definition.MainSteps && !slices.ContainsFunc(s.Around, rowless) {
			l.rows = append(l.rows, &row{label: strings.Repeat("  ", len(s.Around)) + s.Label(), mark: "○", color: dim})
			l.byKey[string(s.Key)] = l.rows[len(l.rows)-1]
		}
	}
	return l
}

// rowless reports whether the steps within a parent get rows only when they run. This holds for the
// items of a loop and for the steps of handlers.
func rowless(around program.Parent) bool {
	_, loop := around.Action.(*program.ForEach)
	return loop || around.List != definition.InForm
}

func (l *live) event(e engine.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e.Kind {
	case engine.EventRunStarted:
		l.started = e.At
	case engine.EventRunEnded:
		l.last = fmt.Sprintf("%s after %s%s   run %s", e.Status, since(l.started, e.At), byPerson(e), e.Run)
	case engine.EventHandlerBegins:
		l.last = string(e.Handler) + ":"
	case engine.EventRunResumed:
		l.last = "resumed: " + e.Summary()
	case engine.EventRunStopped:
		l.last = "stopped by " + e.Summary()
	case engine.EventRunAdopted:
		l.last = "adopted by " + e.By.String()
	case engine.EventRunRetried:
		l.again(e.Step)
		l.last = "again from " + e.Step + ", by " + e.By.String()
	}
	if e.Step != "" && e.Kind != engine.EventHandlerBegins && e.Kind != engine.EventRunRetried {
		l.row(e).show(e)
	}
	l.draw()
}

// again resets the rows of a step and of the steps after it.
func (l *live) again(step string) {
	found := false
	for _, r := range l.rows {
		if found = found || r == l.byKey[step]; found {
			r.mark, r.color, r.detail = "○", dim, ""
		}
	}
}

// row returns the row of a step. It adds a row for a step of a handler.
func (l *live) row(e engine.Event) *row {
	r, ok := l.byKey[e.Step]
	if !ok {
		label := e.Name
		if label == "" {
			label = e.Task
		}
		if label == "" {
			label = e.Step
		}
		r = &row{label: label}
		l.rows = append(l.rows, r)
		l.byKey[e.Step] = r
	}
	return r
}

func (r *row) show(e engine.Event) {
	switch e.Kind {
	case engine.EventStepStarted:
		r.mark, r.color, r.detail = "◐", cyan, ""
	case engine.EventStepSkipped:
		r.mark, r.color, r.detail = "–", dim, "skipped"
	case engine.EventStepWaits:
		r.mark, r.color, r.detail = "◷", cyan, "waits "+waitText(e)
	case engine.EventStepRetries:
		r.mark, r.color, r.detail = "↻", yellow, "retries "+retryText(e)
	case engine.EventStepSucceeded:
		r.mark, r.color, r.detail = "✓", green, e.Message
	case engine.EventStepFailed:
		r.mark, r.color, r.detail = "✗", red, e.Failure.ForOperators()
	case engine.EventStepUncertain:
		r.mark, r.color, r.detail = "?", yellow, e.Failure.ForOperators()
	case engine.EventStepAsks:
		r.mark, r.color, r.detail = "?", cyan, "asks "+askText(e)
	case engine.EventStepDecided:
		r.mark, r.color, r.detail = "◐", cyan, "decided: "+e.Summary()
	case engine.EventStepInterrupted:
		r.mark, r.color, r.detail = "◐", yellow, e.Failure.ForOperators()
	}
}

// draw replaces the list on the screen.
func (l *live) draw() {
	var b strings.Builder
	if l.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", l.drawn)
	}
	lines := []string{diag.Printable(l.title)}
	labels := 0
	for _, r := range l.rows {
		labels = max(labels, diag.Width(r.label))
	}
	for _, r := range l.rows {
		pad := strings.Repeat(" ", labels-diag.Width(r.label))
		lines = append(lines, fmt.Sprintf("  %s %s%s  %s", l.paint(r.color, r.mark), diag.Printable(r.label), pad, diag.Printable(r.detail)))
	}
	if l.last != "" {
		lines = append(lines, diag.Printable(l.last))
	}
	for _, line := range lines {
		b.WriteString(l.fit(line) + "\x1b[K\n")
	}
	l.drawn = len(lines)
	fmt.Fprint(l.w, b.String())
}

func (l *live) paint(color, s string) string {
	if !l.color || color == "" {
		return s
	}
	return color + s + reset
}

// fit cuts a line to the width of the terminal, because a wrapped line would break the next
// drawing. Colours take no cells.
func (l *live) fit(line string) string {
	cells, inside := 0, false
	for i, c := range line {
		switch {
		case c == '\x1b':
			inside = true
		case inside:
			inside = c != 'm'
		default:
			if cells += diag.Width(string(c)); cells >= l.width {
				return line[:i] + "…"
			}
		}
	}
	return line
}

func (l *live) note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = text
	l.draw()
}
