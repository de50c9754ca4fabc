// Package chart draws what runs came to: the history of workflows, day by day, and how long the
// steps of a workflow take. Each picture exists in three forms: as data, as SVG for a page, and as
// words for a table, so nobody depends on the picture or on its colours.
//
// The SVGs have no scripts, styles or ids. All their classes are inside errand-history and
// errand-durations, and StyleSheet returns the rules for them. So one page can contain any number of
// pictures, also under a content security policy that allows style sheets only from files. The texts
// of runs are not trusted: each is cleaned, cut and escaped.
//
// In reading order: outcome.go (what a run came to), tally.go (how many runs came to what),
// calendar.go (days in a time zone), history.go (runs by workflow and day), durations.go (executions
// by step), span.go (a duration in words), text.go (texts are cleaned and cut), drawing.go (an
// unfinished SVG), history_svg.go with legend.go and glyph.go, durations_svg.go, style.go.
package chart

import (
	"slices"

	"errand/engine"
)

// An Outcome is what a run came to until now, for a picture. A greater Outcome is worse: it needs
// attention before a smaller one.
type Outcome int

// The outcomes, the best first.
const (
	NoRuns           Outcome = iota // of a day
	Succeeded                       // as engine.Succeeded
	Open                            // a process works on the run, or the run goes on by itself
	WaitingForPerson                // a person must decide something, or adopt the run
	Cancelled                       // as engine.Cancelled
	WaitingForRepair                // a person must mend the machine or the run's record
	Failed                          // as engine.Failed
	Uncertain                       // as engine.Uncertain
)

// OutcomeOf returns the outcome of a run. It uses the status and the waits of the view only.
func OutcomeOf(v engine.View) Outcome {
	waits := func(kinds ...engine.WaitFor) bool {
		return slices.ContainsFunc(v.Waits, func(w engine.Wait) bool { return slices.Contains(kinds, w.For) })
	}
	switch {
	case v.Status == engine.Uncertain:
		return Uncertain
	case v.Status == engine.Failed:
		return Failed
	case v.Status == engine.Cancelled:
		return Cancelled
	case v.Status == engine.Succeeded:
		return Succeeded
	case waits(engine.WaitTrouble):
		return WaitingForRepair
	case waits(engine.WaitPerson, engine.WaitAdoption):
		return WaitingForPerson
	}
	return Open
}

// looks are the words and classes of the outcomes.
var looks = [...]struct{ word, class string }{
	NoRuns:           {"no runs", "none"},
	Succeeded:        {"succeeded", "succeeded"},
	Open:             {"running or waiting", "open"},
	WaitingForPerson: {"waiting for a person", "person"},
	Cancelled:        {"cancelled", "cancelled"},
	WaitingForRepair: {"waiting for repair", "repair"},
	Failed:           {"failed", "failed"},
	Uncertain:        {"uncertain", "uncertain"},
}

// Word returns the outcome in words: a run is …, or has ….
func (o Outcome) Word() string { return looks[o].word }

// Class returns the class of the outcome in the style sheet.
func (o Outcome) Class() string { return looks[o].class }
