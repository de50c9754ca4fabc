package intake

import (
	"sync"
)

// A Result is what became of a ticket.
type Result string

// The results, which metrics count.
const (
	Started  Result = "started"  // it has a run
	Unfit    Result = "unfit"    // its values do not fit
	Conflict Result = "conflict" // its request has a run with other inputs, or intake started another workflow for it
	Ignored  Result = "ignored"  // no rule matches, or its request had the run before
	Failed   Result = "failed"   // it cannot be read, or nobody can say whether it may start
)

// Results lists the results.
var Results = []Result{Started, Unfit, Conflict, Ignored, Failed}

// An Outcome is what became of a ticket, each time that it changes.
type Outcome struct {
	Source   string
	Result   Result
	Ticket   string // empty if the ticket cannot be read
	Message  string // of a webhook: the id of the message
	Rule     string
	Workflow string
	Run      string // the ticket's run, or that of its note
	Err      error  // of Failed and Conflict, and of a payload that does not fit its schema
}

// An Outage says that a source cannot be read, or can be read again.
type Outage struct {
	Source string
	Err    error // nil: it is over
}

// A Watch receives what a log and metrics show. Each function may be nil, must not block for long,
// and is called by several goroutines at once.
type Watch struct {
	Outcome func(Outcome)
	Outage  func(Outage) // at the beginning and at the end of each
}

func (w Watch) outcome(o Outcome) {
	if w.Outcome != nil {
		w.Outcome(o)
	}
}

func (w Watch) outage(o Outage) {
	if w.Outage != nil {
		w.Outage(o)
	}
}

// Counts counts the results of each source. The zero value is ready for use.
type Counts struct {
	mu     sync.Mutex
	counts map[string]map[Result]int
}

// Add counts an outcome. It is a function of a Watch.
func (c *Counts) Add(o Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]map[Result]int{}
	}
	if c.counts[o.Source] == nil {
		c.counts[o.Source] = map[Result]int{}
	}
	c.counts[o.Source][o.Result]++
}

// Count returns how often a source had a result.
func (c *Counts) Count(source string, r Result) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[source][r]
}
