// Package observe shows what runs do to those who watch a service from outside: in a log (log_runs.go),
// and through packages metrics and trace, which observe the same. It also makes the log of a service
// (log.go), in which no secret appears (mask.go). steps.go remembers which steps a run is at.
package observe

import (
	"sync"
	"time"

	"errand/engine"
)

// An Observer receives what happens in runs, one call at a time. It must not block, and must not act
// on the runner.
type Observer func(Observed)

// An Observed is an event, with what earlier events said about its run and its step.
type Observed struct {
	Event engine.Event // its Task is set in every event of a task's step
	Run   Run
	Began time.Time // when the step began; zero if that is not known
}

// A Run is what every event of a run has in common.
type Run struct {
	ID       string
	Workflow string // "" if it is not known
	Request  string
	Began    time.Time // when the run was started, or retried last; zero if that is not known
}

// A Watcher receives the events of runs and passes them to observers.
type Watcher struct {
	observers []Observer

	mu   sync.Mutex
	runs map[string]*watched // that have not ended, by id
}

// A watched run is one that has not ended.
type watched struct {
	Run
	steps steps // that have begun and not ended
}

// mostRuns is how many runs a Watcher remembers. A run that is forgotten is still observed.
const mostRuns = 100_000

// New returns a watcher that passes events on to observers.
func New(observers ...Observer) *Watcher {
	return &Watcher{observers: observers, runs: map[string]*watched{}}
}

// Watch is an engine.Watch for Worker.Work.
func (w *Watcher) Watch(e engine.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.observe(e)
	for _, observer := range w.observers {
		observer(o)
	}
}

// observe adds to an event what is known, and remembers what it says.
func (w *Watcher) observe(e engine.Event) Observed {
	r := w.run(e)
	s := r.steps.get(e.Step)
	switch e.Kind {
	case engine.EventRunEnded:
		delete(w.runs, e.Run)
	case engine.EventStepStarted:
		s = step{e.Task, e.At}
		r.steps.set(e.Step, s)
	case engine.EventStepSucceeded, engine.EventStepFailed:
		r.steps.remove(e.Step)
	}
	if e.Task == "" {
		e.Task = s.task
	}
	return Observed{Event: e, Run: r.Run, Began: s.began}
}

// run returns what is known about the run of an event.
func (w *Watcher) run(e engine.Event) *watched {
	r := w.runs[e.Run]
	if r == nil {
		if len(w.runs) >= mostRuns {
			for id := range w.runs {
				delete(w.runs, id)
				break
			}
		}
		r = &watched{Run: Run{ID: e.Run}}
		w.runs[e.Run] = r
	}
	switch e.Kind {
	case engine.EventRunStarted, engine.EventRunRetried:
		r.Workflow, r.Request, r.Began = e.Name, e.Request, e.At
	case engine.EventRunEnded:
		r.Workflow = e.Name
	}
	return r
}
