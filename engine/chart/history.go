package chart

import (
	"maps"
	"slices"
	"time"

	"errand/engine"
)

// MostDays is the maximum number of days of a history.
const MostDays = 92

// A History is how many runs of each workflow came to what, day by day. A run counts on the day on
// which it started.
type History struct {
	Workflows []HistoryRow // in the order of their names
	Total     Tally

	// Href returns the address of the runs of a workflow that started on a day, which is given by its
	// first moment. If Href is not nil, SVG makes a link of each day with runs. An address that is not
	// relative, http or https is left out.
	Href func(workflow string, day time.Time) string

	first date
	days  int
}

// A HistoryRow is the history of a workflow, which has at least one run.
type HistoryRow struct {
	Workflow string
	Days     []Day // all days of the history, the oldest first
	Tally          // of all days
}

// A Day is the runs of a workflow that started on one day.
type Day struct {
	Date  string    // as 2026-11-03
	Start time.Time // the first moment of the day, in the time zone of the history
	Tally
}

// Words returns the day in words: "2026-11-03: 14 runs, 1 uncertain, 2 failed".
func (d Day) Words() string { return d.Date + ": " + d.Tally.Words() }

// NewHistory returns the history of runs from the day of a moment on. See NewAdder.
func NewHistory(runs []engine.View, from time.Time, days int, zone *time.Location) *History {
	a := NewAdder(from, days, zone)
	for _, v := range runs {
		a.Add(v)
	}
	return a.History()
}

// An Adder makes a History of runs that it gets one at a time, so that they need not be in memory
// together. It is not safe for concurrent use.
type Adder struct {
	first  date
	days   int
	zone   *time.Location
	counts map[string][]Tally // by workflow; one for each day
}

// NewAdder returns an Adder for a number of days, at least 1 and at most MostDays. The first of them
// is the day of from in the time zone. Nil means UTC.
func NewAdder(from time.Time, days int, zone *time.Location) *Adder {
	if zone == nil {
		zone = time.UTC
	}
	return &Adder{dateOf(from.In(zone)), min(max(days, 1), MostDays), zone, map[string][]Tally{}}
}

// Add adds a run. A run that started on another day than those of the history is ignored. Of the
// view, Add uses Workflow, Status, Started and Waits, so a pruned run counts, too.
func (a *Adder) Add(v engine.View) {
	at := int(dateOf(v.Started.In(a.zone)) - a.first)
	if at < 0 || at >= a.days {
		return
	}
	days := a.counts[v.Workflow]
	if days == nil {
		days = make([]Tally, a.days)
		a.counts[v.Workflow] = days
	}
	days[at].add(OutcomeOf(v), 1)
}

// History returns the history of the runs that were added until now.
func (a *Adder) History() *History {
	h := &History{first: a.first, days: a.days}
	starts := make([]time.Time, a.days)
	for i := range starts {
		starts[i] = (a.first + date(i)).start(a.zone)
	}
	for _, workflow := range slices.Sorted(maps.Keys(a.counts)) {
		row := HistoryRow{Workflow: workflow, Days: make([]Day, a.days)}
		for i, t := range a.counts[workflow] {
			row.Days[i] = Day{(a.first + date(i)).String(), starts[i], t}
			row.merge(t)
		}
		h.Workflows = append(h.Workflows, row)
		h.Total.merge(row.Tally)
	}
	return h
}
