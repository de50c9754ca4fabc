// Package timeline shows when the steps of a run did what: each attempt, each wait, the looks of a
// poll folded into one, what was asked of persons, and what happened to the run as a whole, such as
// the end of a process.
//
// New converts the events of a run to a Timeline, which is data. Each part of it has a text, so a
// table says the same as the picture. SVG draws the picture for an HTML page, and StyleSheet returns
// the style sheet of all such pictures. Times are in UTC.
//
// Names and messages come from outside: each is cleaned and cut.
//
// In reading order: model.go (the parts of a timeline), build.go (from events to rows and marks),
// row.go (the events of one step), ending.go (how a run and its steps end), place.go (where a step
// stands in the definition), words.go (the texts), text.go (texts are cleaned, measured and cut),
// then the picture: axis.go (from times to places), ticks.go (the labels of the axis), svg.go (the
// whole), shapes.go (bars and signs), marks.go (marks and their words), legend.go (what they mean),
// describe.go (the picture in words), style.go (the style sheet).
package timeline

import (
	"time"

	"errand/engine"
)

// A Timeline is what a run did, and when.
type Timeline struct {
	Run      string
	Workflow string
	Status   engine.Status
	Begin    time.Time // when the run was asked for
	End      time.Time // when it ended, or now
	Open     bool      // the run has not ended: End is now

	Rows      []Row // of the run itself, if it waited as a whole, and then of each step, in the order of their first start
	Marks     []Mark
	MoreRows  int // steps that have no row, since there are too many
	MoreMarks int // likewise
}

// A Row is what a step did in all rounds of the run.
type Row struct {
	Key   string            // the step's key, as it is in events; "" for the run itself
	Label string            // the step's name with the items of the loops around it, or a text for its key
	Task  string            // the task type; "" for other forms
	Depth int               // how many steps are around it
	In    string            // the handler that the step belongs to, such as "finally"; "" if none
	State engine.StepStatus // at the end; "" for the run itself
	Began time.Time
	Ended time.Time // zero if it has not ended
	Words string    // what the step came to, such as "failed: not allowed"; "" if it has not ended

	Spans     []Span // in their order
	MoreSpans int    // spans that were left out in the middle, since there are too many
}

// A Kind says what a step did during a span.
type Kind string

// The kinds of spans.
const (
	Attempt      Kind = "attempt"  // the task was called
	Poll         Kind = "poll"     // the step looked repeatedly; the span has all its looks
	Wait         Kind = "wait"     // for a point in time, or as a whole for what the words say
	RetryWait    Kind = "retry"    // for the next attempt
	EvidenceWait Kind = "evidence" // until it can be seen whether an attempt took effect
	Question     Kind = "question" // for a person's decision
	Turn         Kind = "turn"     // for the turn of the run
	Trouble      Kind = "trouble"  // for a person who mends this machine
	Group        Kind = "group"    // the step held others, which have rows of their own
)

// kinds lists the kinds of spans in the order of the legend, with their meaning.
var kinds = []struct {
	kind  Kind
	means string
}{
	{Attempt, "attempt"}, {Poll, "looks, folded"}, {Wait, "waits"}, {RetryWait, "waits before a retry"},
	{EvidenceWait, "looks for the effect"}, {Question, "asks a person"}, {Turn, "waits for its turn"},
	{Trouble, "waits for a repair"}, {Group, "holds other steps"},
}

// An Outcome is how a span ended.
type Outcome string

// The outcomes. A span that led to the next one has none.
const (
	Succeeded Outcome = "succeeded"
	Failed    Outcome = "failed"
	CutOff    Outcome = "cut off" // the process ended during the call, at a time that is not known
	Cancelled Outcome = "cancelled"
)

// A Span is a time during which a step did one thing.
type Span struct {
	Kind    Kind
	From    time.Time
	To      time.Time // the end of the timeline if the span is open
	Open    bool      // it has not ended
	Until   time.Time // when a wait ends by itself, or when nobody can decide any more; zero if never or not known
	Round   int       // of the run, counted from 1; a retry begins a round
	Attempt int       // of Attempt: its number; of RetryWait and EvidenceWait: the one that comes next, or that failed
	Looks   int       // of Poll
	Outcome Outcome
	Words   string
}

// A Mark is something that happened to the whole run.
type Mark struct {
	Kind  MarkKind
	At    time.Time
	Word  string // a short text, such as "taken over"
	By    string // the person or the process; "" if not known
	Words string // what happened, in full
}

// A MarkKind says what happened to a run.
type MarkKind string

// The kinds of marks.
const (
	ProcessEnded MarkKind = "process ended" // at the last time at which it was alive for certain
	TakenOver    MarkKind = "taken over"    // another process goes on
	Stopped      MarkKind = "stopped"       // a person stopped the process
	Ended        MarkKind = "ended"         // before a retry
	Retried      MarkKind = "retried"
	Adopted      MarkKind = "adopted"
	WasCancelled MarkKind = "cancelled" // the cancellation took effect
)

// What a timeline has at most. The rest is counted.
const (
	mostRows  = 2000
	mostSpans = 200 // of a row
	mostMarks = 200
)
