package cmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/schema"
)

// A liveState is how far a row is.
type liveState struct {
	phase  livePhase
	branch string    // of the run, as events have it
	since  time.Time // when the step began
	until  time.Time // when its wait or its time for a decision ends; zero: no wait, or without a limit
	what   string    // what it is about, such as the case of a switch
	waits  engine.WaitFor
	text   string   // what the last event says
	items  []string // of a loop: the items, for people
	last   int      // of a loop: how many items it has
}

// A livePhase is what a row does.
type livePhase int

const (
	livePending livePhase = iota
	liveRunning
	liveWaiting
	liveRetrying
	liveAsking
	liveUncertain
	liveSkipped
	liveDone
	liveFailed
	liveCancelled
)

// active reports whether a row goes on by itself or when a person decides.
func (p livePhase) active() bool { return liveRunning <= p && p <= liveUncertain }

// ended reports whether a row is over.
func (p livePhase) ended() bool { return p >= liveSkipped }

// A liveMark is the sign of a phase and its colour.
type liveMark struct{ sign, color string }

var liveMarks = map[livePhase]liveMark{
	livePending: {"○", dim}, liveRunning: {"◐", cyan}, liveWaiting: {"◷", cyan}, liveRetrying: {"↻", yellow},
	liveAsking: {"?", cyan}, liveUncertain: {"?", yellow}, liveSkipped: {"–", dim}, liveDone: {"✓", green},
	liveFailed: {"✗", red}, liveCancelled: {"■", yellow},
}

// take changes the state of a step by an event.
func (s *liveState) take(e engine.Event) {
	s.until, s.waits, s.text = time.Time{}, e.For, ""
	if e.Wait > 0 {
		s.until = e.At.Add(e.Wait)
	}
	switch e.Kind {
	case engine.EventStepStarted:
		*s = liveState{phase: liveRunning, branch: e.Branch, since: e.At}
		switch {
		case e.Workflow != "":
			s.what = "workflow " + e.Workflow
		case e.Case != nil:
			s.what = e.Case.String()
		case e.Items != nil:
			s.items, s.last = itemTexts(e.Input), *e.Items
		}
	case engine.EventStepSkipped:
		s.phase, s.text = liveSkipped, "skipped"
	case engine.EventStepWaits:
		s.phase, s.text = liveWaiting, liveWaitText(e)
	case engine.EventStepRetries:
		s.phase, s.text = liveRetrying, liveRetryText(e)
	case engine.EventStepSucceeded:
		s.phase, s.text = liveDone, e.Message
	case engine.EventStepFailed:
		s.phase, s.text = liveFailed, e.Failure.ForOperators()
	case engine.EventStepUncertain:
		s.phase, s.text = liveUncertain, "uncertain: "+e.Failure.ForOperators()
	case engine.EventStepAsks:
		s.phase, s.text = liveAsking, e.Ask
	case engine.EventStepDecided:
		s.phase, s.text = liveRunning, "decided: "+e.Summary()
	case engine.EventStepInterrupted:
		s.phase, s.text = liveRunning, e.Failure.ForOperators()
	}
}

// liveWaitText says what a wait is for, beside its time.
func liveWaitText(e engine.Event) string {
	var texts []string
	switch {
	case e.For == engine.WaitTrouble:
		texts = append(texts, "until this machine is mended", e.Failure.ForOperators())
	case e.For == engine.WaitEvidence:
		texts = append(texts, "whether the attempt took effect")
	case e.Looks > 1:
		texts = append(texts, fmt.Sprintf("after look %d", e.Looks))
	}
	if e.Message != "" {
		texts = append(texts, e.Message)
	}
	return strings.Join(texts, ": ")
}

func liveRetryText(e engine.Event) string {
	if e.For == engine.WaitEvidence {
		return retryText(e)
	}
	return fmt.Sprintf("after attempt %d: %s", e.Attempt, e.Failure.ForOperators())
}

// detail returns what stands beside the label of a row at a time: how long it has taken and how long
// it still waits, before the texts, so that a narrow window cuts only these.
func (r *liveRow) detail(now time.Time) string {
	phase := r.current()
	var texts []string
	add := func(text string) {
		if text != "" {
			texts = append(texts, text)
		}
	}
	if phase.active() && !r.since.IsZero() {
		add(r.times(phase, now))
	}
	if phase == liveCancelled {
		add("cancelled")
	}
	add(r.what)
	if r.step != nil && r.step.Repeats() && r.phase != livePending && r.phase != liveSkipped {
		add(r.progress())
	}
	if phase != liveDone || !r.holdsSteps() { // the success of a step that holds others says no more
		add(r.text)
	}
	if phase == liveAsking && len(texts) == 2 {
		return strings.Join(texts, ": ")
	}
	return strings.Join(texts, ", ")
}

func (r *liveRow) holdsSteps() bool {
	return r.step != nil && (r.step.Callee() != nil || len(r.step.Lists()) > 0)
}

// times says how long a step has taken, and how long it waits.
func (r *liveRow) times(phase livePhase, now time.Time) string {
	passed := seconds(now.Sub(r.since))
	left := r.until.Sub(now)
	switch {
	case phase == liveAsking && left > 0:
		return "asks for " + passed + ", " + secondsLeft(left) + " left"
	case phase == liveAsking:
		return "asks for " + passed
	case left <= 0:
		return passed
	case r.waits == engine.WaitPoll || r.waits == engine.WaitEvidence:
		return passed + ", looks in " + secondsLeft(left)
	case phase == liveRetrying:
		return passed + ", again in " + secondsLeft(left)
	}
	return passed + ", " + secondsLeft(left) + " left"
}

// seconds returns a duration in whole seconds.
func seconds(d time.Duration) string { return schema.FormatDuration(max(0, d).Truncate(time.Second)) }

// secondsLeft returns a duration in whole seconds, rounded up: a countdown ends at 0.
func secondsLeft(d time.Duration) string { return seconds(d + time.Second - 1) }

// progress says how many items of a loop are done.
func (r *liveRow) progress() string {
	done := 0
	for _, item := range r.within {
		if item.kind == liveItem && item.current() == liveDone {
			done++
		}
	}
	if r.phase == liveDone {
		done = r.last
	}
	switch {
	case done < r.last:
		return fmt.Sprintf("%d of %d items done", done, r.last)
	case r.last == 1:
		return "1 item"
	}
	return fmt.Sprintf("%d items", r.last)
}

// current returns the phase of a row. An item, a branch and a handler have no events of their own:
// their phase follows from their steps.
func (r *liveRow) current() livePhase {
	if r.kind == liveStep {
		return r.phase
	}
	phase, ended, begun := livePending, 0, false
	for _, s := range r.within {
		p := s.current()
		if p == liveFailed && s.handled() {
			p = liveDone
		}
		begun = begun || p != livePending
		switch {
		case p == liveFailed || p == liveCancelled:
			return p
		case p.active():
			phase = liveRunning
		case p.ended():
			ended++
		}
	}
	switch {
	case phase == livePending && ended == len(r.within):
		return liveDone
	case begun:
		return liveRunning
	}
	return phase
}

// handled reports whether the run goes on although the step failed.
func (r *liveRow) handled() bool {
	if r.step != nil && r.step.Continue {
		return true
	}
	for _, h := range r.within {
		if h.kind == liveHandler && h.order.list == definition.InOnFailure {
			return h.current() == liveDone
		}
	}
	return false
}

// itemTexts returns the items of a loop as people read them: a text as it is, and the members of an
// object without braces and quotes.
func itemTexts(list json.RawMessage) []string {
	var items []json.RawMessage
	if json.Unmarshal(list, &items) != nil {
		return nil
	}
	texts := make([]string, len(items))
	for i, item := range items {
		var members map[string]json.RawMessage
		if json.Unmarshal(item, &members) != nil || members == nil {
			texts[i] = itemText(item)
			continue
		}
		var pairs []string
		for _, name := range slices.Sorted(maps.Keys(members)) {
			pairs = append(pairs, name+" "+itemText(members[name]))
		}
		texts[i] = strings.Join(pairs, ", ")
	}
	return texts
}

func itemText(item json.RawMessage) string {
	var text string
	if json.Unmarshal(item, &text) != nil || text == "" {
		return string(item)
	}
	return text
}
