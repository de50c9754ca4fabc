package timeline

import (
	"cmp"
	"slices"
	"time"

	"errand/engine"
)

// New returns the timeline of a run. v is what a Reader returns, and events are all events of the
// run in their order. now is the end of a run that has not ended.
func New(v engine.View, events []engine.Event, now time.Time) *Timeline {
	b := &builder{view: v, now: now, places: newPlacer(v.Program), rows: map[string]*row{}, left: map[string]bool{}, round: 1}
	b.begin = v.Started
	for _, e := range events {
		if b.begin.IsZero() || e.At.Before(b.begin) && !e.At.IsZero() {
			b.begin = e.At
		}
	}
	if b.begin.IsZero() {
		b.begin = now
	}
	b.begin = b.begin.UTC()
	for _, e := range events {
		if e.At = e.At.UTC(); e.At.IsZero() {
			e.At = latest(b.begin, b.alive)
		}
		b.take(e)
		b.alive = latest(b.alive, e.At)
	}
	return b.timeline()
}

// A builder makes a timeline of events.
type builder struct {
	view   engine.View
	now    time.Time
	places placer
	begin  time.Time

	rows  map[string]*row // by key
	order []*row
	left  map[string]bool // the keys of steps that have no row
	marks []Mark
	more  int // marks that were left out

	round   int       // of the run
	retried time.Time // when the round began; zero in the first
	queued  time.Time // since when a retried run has waited for its turn; zero if it does not
	alive   time.Time // the time of the latest event

	steps map[string]engine.StepResult // of the round; nil until it is needed
}

func (b *builder) take(e engine.Event) {
	if !b.queued.IsZero() && (e.Step != "" || e.Kind == engine.EventRunEnded) && e.Kind != engine.EventRunRetried {
		b.turn(b.queued, e.At)
		b.queued = time.Time{}
	}
	switch e.Kind {
	case engine.EventRunStarted:
		if b.view.Key != "" && !b.view.Started.IsZero() {
			b.turn(b.view.Started.UTC(), e.At)
		}
	case engine.EventRunEnded:
		b.end(e)
	case engine.EventRunResumed:
		b.resume(e)
	case engine.EventRunStopped:
		b.mark(Mark{Kind: Stopped, At: e.At, By: clean(e.Process, longestLabel), Words: e.Summary() + " was stopped by a person"})
	case engine.EventRunAdopted:
		b.mark(Mark{Kind: Adopted, At: e.At, By: clean(e.By.String(), longestLabel), Words: "adopted by " + e.By.String()})
	case engine.EventRunRetried:
		b.retry(e)
	case engine.EventHandlerBegins: // its steps say so
	default:
		if r := b.row(e); r != nil {
			r.take(e)
		}
	}
}

// row returns the row of an event's step, or nil if it has none.
func (b *builder) row(e engine.Event) *row {
	if e.Step == "" {
		return nil
	}
	r := b.rows[e.Step]
	if r == nil {
		if len(b.rows) >= mostRows {
			b.left[e.Step] = true
			return nil
		}
		r = &row{Row: Row{Key: e.Step, Began: e.At}, b: b}
		b.places.place(r, e.Name)
		b.rows[e.Step] = r
		b.order = append(b.order, r)
	}
	if e.Kind == engine.EventStepStarted {
		b.reopen(r.parents, e.At)
	}
	return r
}

// reopen lets the steps around a step go on in a later round. After a retry they do not start again.
func (b *builder) reopen(parents []parent, at time.Time) {
	for i, p := range parents {
		inside := !slices.ContainsFunc(parents[i:], func(p parent) bool { return !p.runs })
		if r := b.rows[p.key]; inside && r != nil && r.open == nil && r.round < b.round {
			r.round = b.round
			r.begin(Group, latest(b.retried, r.last()), at)
		}
	}
}

// turn adds the time in which the run waited for its turn.
func (b *builder) turn(from, to time.Time) {
	if to.After(from) {
		r := b.whole()
		r.begin(Turn, from, from)
		r.close(to, "")
	}
}

// whole returns the row of the run itself.
func (b *builder) whole() *row {
	r := b.rows[""]
	if r == nil {
		r = &row{Row: Row{Label: "the run", Began: b.begin}, b: b, index: -1}
		b.rows[""] = r
		b.order = slices.Insert(b.order, 0, r)
	}
	return r
}

func (b *builder) mark(m Mark) {
	if len(b.marks) >= mostMarks {
		b.more++
		return
	}
	m.Word = cmp.Or(m.Word, string(m.Kind))
	m.Words = clean(m.Words, longestWords)
	b.marks = append(b.marks, m)
}

// resume takes the event that another process goes on. If the one before ended in the middle of its
// work, nobody knows when: after the latest event, and before this one.
func (b *builder) resume(e engine.Event) {
	ended := e.Before != nil && (e.Before.Kind == engine.EndedByCrash || e.Before.Kind == engine.EndedByJournal)
	if ended {
		alive := b.alive
		if alive.IsZero() || alive.After(e.At) {
			alive = e.At
		}
		words := cmp.Or(e.Before.Process, "the process") + " ended in the middle of its work, after this time and before the run was taken over"
		if e.Before.Kind == engine.EndedByJournal {
			words = e.Before.String() + ", after this time and before it was taken up again"
		}
		b.mark(Mark{Kind: ProcessEnded, At: alive, By: clean(e.Before.Process, longestLabel), Words: words})
		b.mark(Mark{Kind: TakenOver, At: e.At, By: clean(e.Process, longestLabel), Words: "taken over by " + cmp.Or(e.Process, "a process")})
	} else {
		b.mark(Mark{Kind: TakenOver, At: e.At, Word: "resumed", By: clean(e.Process, longestLabel), Words: "resumed by " + e.Summary()})
	}
	for _, r := range b.order {
		r.resume(e.At)
	}
}

func (b *builder) retry(e engine.Event) {
	b.round++
	b.retried, b.steps = e.At, nil
	if b.view.Key != "" {
		b.queued = e.At
	}
	words := "retried by " + e.By.String()
	if e.Step != "" {
		of := e.Step
		if r := b.rows[e.Step]; r != nil {
			of = r.Label
		}
		words += ", from " + of
	}
	b.mark(Mark{Kind: Retried, At: e.At, By: clean(e.By.String(), longestLabel), Words: words})
}

// latest returns the later of two times.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
