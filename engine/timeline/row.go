package timeline

import (
	"slices"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A row is a Row that is being built.
type row struct {
	Row
	b       *builder
	parents []parent
	index   int   // of the step in the definition; -1 if it is not known
	items   []int // of the loops around it
	spans   []*span
	more    int   // spans that were left out
	open    *span // the last of spans, if it has not ended
	round   int   // the last one in which the step was at work
	attempt int   // the number of the present or the next attempt
	asks    bool  // the step is an approval
}

// A span is a Span that is being built, with the texts for its words.
type span struct {
	Span
	due     time.Time // when a wait is over, as far as is known
	what    string    // what it is about
	end     string    // what came of it
	implied bool      // no event says that it began
}

// take takes an event of the step.
func (r *row) take(e engine.Event) {
	r.round = r.b.round
	switch e.Kind {
	case engine.EventStepStarted:
		r.start(e)
	case engine.EventStepSkipped:
		r.close(e.At, "")
		r.conclude(engine.StepSkipped, e.At, "skipped")
	case engine.EventStepWaits:
		r.wait(e)
	case engine.EventStepRetries:
		r.retry(e)
	case engine.EventStepSucceeded:
		r.end(e.At, Succeeded, e.Message)
		r.conclude(engine.StepSucceeded, e.At, colon("succeeded", e.Message))
	case engine.EventStepFailed:
		text := failureText(e.Failure)
		if e.Cause != "" {
			text = "at " + e.Cause + ": " + text
		}
		r.end(e.At, Failed, text)
		r.conclude(engine.StepFailed, e.At, colon("failed", text))
	case engine.EventStepAsks:
		r.close(e.At, "")
		r.question(e, e.Ask)
	case engine.EventStepUncertain:
		r.call(e.At)
		if e.Failure != nil && e.Failure.Code == task.CodeInterrupted {
			r.close(e.At, CutOff)
		} else {
			r.open.end = colon(string(Failed), failureText(e.Failure))
			r.close(e.At, Failed)
		}
		r.question(e, "")
		r.State = engine.StepUncertain
	case engine.EventStepDecided:
		r.decide(e)
	case engine.EventStepInterrupted:
		r.call(e.At)
		r.close(e.At, CutOff)
		r.begin(Attempt, e.At, e.At).implied = true
	}
}

// start takes the start of the step, which may be another one, in a later round.
func (r *row) start(e engine.Event) {
	r.close(e.At, "")
	r.State, r.Ended, r.Words, r.Task, r.attempt = engine.StepRunning, time.Time{}, "", clean(e.Task, longestLabel), 1
	if len(r.spans) == 0 {
		r.Began = e.At
	}
	switch r.asks = e.Ask != ""; {
	case r.asks: // the next event says that it asks
	case e.Task != "":
		r.begin(Attempt, e.At, e.At)
	default:
		r.begin(Group, e.At, e.At).what = e.Summary()
	}
}

// wait takes an event that says that the task is not done yet.
func (r *row) wait(e engine.Event) {
	due := e.At.Add(max(0, e.Wait))
	kind := Wait
	switch e.For {
	case engine.WaitPoll:
		kind = Poll
	case engine.WaitEvidence:
		kind = EvidenceWait
	case engine.WaitTrouble:
		kind, due = Trouble, time.Time{}
	}
	if kind == Poll && r.open != nil && r.open.Kind == Attempt {
		r.open.Kind, r.open.implied = Poll, false // its first look
	}
	if r.open == nil || r.open.Kind != kind {
		if r.open != nil && kind == Wait {
			r.open.implied = true // the call only said how long to wait
		}
		r.close(e.At, "")
		r.begin(kind, e.At, e.At)
	}
	s := r.open
	s.due, s.Until = due, due
	s.Looks = max(s.Looks, e.Looks)
	switch {
	case kind == Poll:
		s.what = e.Message
	case e.Failure != nil:
		s.what = failureText(e.Failure)
	}
}

// retry takes an event that says that an attempt failed, or a look for the effect of one.
func (r *row) retry(e engine.Event) {
	kind := RetryWait
	if e.For == engine.WaitEvidence {
		kind = EvidenceWait
	}
	if look := kind == EvidenceWait && e.Attempt == 0; !look || r.open == nil || r.open.Kind != kind {
		r.call(e.At)
		if e.Attempt > 0 {
			r.attempt, r.open.Attempt = e.Attempt, e.Attempt
		}
		r.open.end = colon(string(Failed), failureText(e.Failure))
		r.close(e.At, Failed)
		s := r.begin(kind, e.At, e.At)
		if kind == RetryWait {
			r.attempt++
			s.Attempt = r.attempt
		}
	}
	r.open.due = e.At.Add(max(0, e.Wait))
	r.open.Until = r.open.due
}

// question begins to ask a person.
func (r *row) question(e engine.Event, ask string) {
	s := r.begin(Question, e.At, e.At)
	s.what = ask
	if e.Wait > 0 {
		s.Until = e.At.Add(e.Wait)
	}
	r.State = engine.StepWaiting
}

// decide takes a person's decision, or that the time for it has passed.
func (r *row) decide(e engine.Event) {
	if r.open == nil || r.open.Kind != Question {
		r.close(e.At, "")
		r.begin(Question, e.At, e.At)
	}
	r.open.end = r.verdict(e)
	r.close(e.At, "")
	r.State = engine.StepRunning
	if e.Verdict == engine.VerdictRetry {
		r.attempt++
	}
	if !r.asks && e.Verdict != engine.VerdictFail {
		r.begin(Attempt, e.At, e.At).implied = true
	}
}

// end ends the open span with what the step came to.
func (r *row) end(at time.Time, o Outcome, text string) {
	switch {
	case r.open == nil && len(r.spans) > 0 && r.spans[len(r.spans)-1].Round < r.b.round && !r.asks && r.Task == "":
		r.begin(Group, latest(r.b.retried, r.last()), at) // it holds others, which went on after a retry
	case r.open == nil:
		return
	case r.open.Kind == RetryWait:
		r.call(at)
	case r.open.Kind == Poll && o == Succeeded:
		r.open.Looks++ // the last one has no event of its own
	}
	r.open.end = colon(string(o), text)
	r.close(at, o)
}

// call makes the open span the call that is answered at a time. If it was a wait that had to end
// before, the call began then.
func (r *row) call(at time.Time) {
	from := at
	if s := r.open; s != nil {
		switch {
		case s.Kind == Attempt:
			return
		case (s.Kind == Poll || s.Kind == RetryWait) && !s.due.IsZero() && s.due.Before(at):
			from = s.due
		}
		r.close(from, "")
	}
	r.begin(Attempt, from, at).implied = true
}

// resume takes the time at which another process goes on with the run: what was due before begins
// then.
func (r *row) resume(at time.Time) {
	s := r.open
	switch {
	case s == nil:
	case s.Kind == Trouble:
		r.close(at, "")
		r.begin(Attempt, at, at).implied = true
	case (s.Kind == Poll || s.Kind == RetryWait) && s.due.Before(at):
		s.due = at
	}
}

// conclude records what the step came to.
func (r *row) conclude(state engine.StepStatus, at time.Time, words string) {
	r.State, r.Ended, r.Words = state, latest(at, r.Began), clean(words, longestWords)
}

// begin begins a span, at the latest at a time.
func (r *row) begin(kind Kind, from, most time.Time) *span {
	if from.After(most) {
		from = most
	}
	if len(r.spans) == mostSpans {
		r.spans = slices.Delete(r.spans, mostSpans/2, mostSpans/2+1)
		r.more++
	}
	r.open = &span{Span: Span{Kind: kind, From: from, Round: r.b.round, Attempt: max(1, r.attempt)}}
	r.spans = append(r.spans, r.open)
	return r.open
}

// close ends the open span, if there is one. A span that no event began, that took no time and in
// which nothing failed, is left out.
func (r *row) close(at time.Time, o Outcome) {
	s := r.open
	if s == nil {
		return
	}
	s.To, s.Outcome, r.open = latest(s.From, at), o, nil
	if s.implied && s.To.Equal(s.From) && (o == "" || o == Succeeded) {
		r.spans = r.spans[:len(r.spans)-1]
	}
}

// last returns the end of the last span.
func (r *row) last() time.Time {
	if len(r.spans) == 0 {
		return time.Time{}
	}
	return r.spans[len(r.spans)-1].To
}

func failureText(f *task.Failure) string {
	if f == nil {
		return ""
	}
	return f.Error()
}

// colon returns a text after a word, if there is one.
func colon(word, text string) string {
	if text == "" {
		return word
	}
	return word + ": " + text
}
