package timeline

import (
	"slices"
	"time"

	"errand/engine"
)

// result returns what a step came to in the present round, as the view has it.
func (b *builder) result(key string) engine.StepResult {
	if b.steps == nil {
		b.steps = map[string]engine.StepResult{}
		all := b.view.Steps
		if b.round <= len(b.view.Rounds) {
			all = b.view.Rounds[b.round-1].Steps
		}
		for _, s := range all {
			b.steps[s.ID] = s
		}
	}
	return b.steps[key]
}

// end takes the end of the run, which a retry may follow. Steps that were cancelled have no event of
// their own.
func (b *builder) end(e engine.Event) {
	first := e.At
	for _, r := range b.order {
		if at, cancelled := r.cancel(e.At); cancelled && at.Before(first) {
			first = at
		}
		if r.open != nil {
			r.open.end = "the run ended"
			r.close(e.At, "")
			r.conclude(engine.StepStatus(e.Status), e.At, "the run ended")
		}
	}
	if e.Status == engine.Cancelled {
		words := "cancelled"
		if e.By.Name != "" {
			words += " by " + e.By.String()
		}
		b.mark(Mark{Kind: WasCancelled, At: first, By: clean(e.By.String(), longestLabel), Words: words})
	}
	if b.round <= len(b.view.Rounds) {
		b.mark(Mark{Kind: Ended, At: e.At, Word: string(e.Status), Words: "the run " + string(e.Status) + ": " + e.Summary()})
	}
}

// cancel ends the row of a step that was cancelled, at the latest at a time. It reports whether the
// step was, and when.
func (r *row) cancel(most time.Time) (at time.Time, cancelled bool) {
	if r.Key == "" || r.open == nil {
		return at, false
	}
	s := r.b.result(r.Key)
	if s.Status != engine.StepCancelled {
		return at, false
	}
	at = s.Ended.UTC()
	if s.Ended.IsZero() || at.After(most) {
		at = most
	}
	if r.open.Kind == RetryWait && r.open.due.Before(at) {
		r.call(at)
	}
	r.open.end = "cancelled"
	r.close(at, Cancelled)
	r.conclude(engine.StepCancelled, at, "cancelled")
	return at, true
}

// timeline ends what is open and returns the result.
func (b *builder) timeline() *Timeline {
	v := b.view
	t := &Timeline{
		Run: clean(v.Run, longestLabel), Workflow: clean(v.Workflow, longestLabel), Status: v.Status, Begin: b.begin, End: v.Ended.UTC(),
		Open: v.Ended.IsZero(), MoreRows: len(b.left), MoreMarks: b.more,
	}
	if t.Open {
		t.End = b.now.UTC()
	}
	t.End = latest(latest(t.End, b.alive), t.Begin)
	if t.Open {
		b.goOn(t.End)
	}
	for _, r := range b.order {
		r.cancel(t.End)
		for _, s := range r.spans {
			t.End = latest(t.End, s.To)
		}
	}
	for _, r := range b.order {
		if s := r.open; s != nil {
			s.To, s.Open, s.Outcome = latest(s.From, t.End), true, ""
		}
	}
	slices.SortStableFunc(b.order, (*row).compare)
	words := phrasing{days: t.spansDays(b.order), key: v.Key}
	for _, r := range b.order {
		r.MoreSpans = r.more
		for _, s := range r.spans {
			s.Words = clean(words.of(s), longestWords)
			r.Spans = append(r.Spans, s.Span)
		}
		t.Rows = append(t.Rows, r.Row)
	}
	t.Marks = b.marks
	slices.SortStableFunc(t.Marks, func(a, b Mark) int { return a.At.Compare(b.At) })
	return t
}

// goOn adds what a run does at a time that has not ended, and that no event says.
func (b *builder) goOn(at time.Time) {
	waits := map[string]engine.WaitFor{}
	for _, w := range b.view.Waits {
		if w.Step != "" {
			waits[w.Step] = w.For
			continue
		}
		since := w.Since.UTC()
		if w.Since.IsZero() || since.Before(b.begin) {
			since = latest(b.begin, b.alive)
		}
		r := b.whole()
		r.close(since, "")
		s := r.begin(kindOf(w.For), since, at)
		s.what, s.Until = wholeText(w), w.Due.UTC()
		if w.Due.IsZero() {
			s.Until = time.Time{}
		}
	}
	for _, r := range b.order {
		s := r.open
		if _, waits := waits[r.Key]; s != nil && s.Kind == RetryWait && !waits && b.view.Status == engine.Running && s.due.Before(at) {
			r.call(at)
		}
	}
}

// kindOf returns the kind of span in which the whole run waits.
func kindOf(w engine.WaitFor) Kind {
	switch w {
	case engine.WaitTurn:
		return Turn
	case engine.WaitTrouble:
		return Trouble
	}
	return Wait
}

// spansDays reports whether the times of a timeline are on several days, those at which something
// ends by itself included.
func (t *Timeline) spansDays(rows []*row) bool {
	last := t.End
	for _, r := range rows {
		for _, s := range r.spans {
			last = latest(last, s.Until)
		}
	}
	return t.Begin.Format(time.DateOnly) != last.Format(time.DateOnly)
}
