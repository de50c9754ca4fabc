package local

import (
	"context"
	"errors"
	"fmt"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
)

// A View is a run as its journal tells it, with nothing done.
type View struct {
	Run     journal.Run
	Program *program.Program
	Result  engine.Result
	Events  []engine.Event
	Entries []journal.Entry   // those that count
	Asks    []engine.Question // what is open for a person to decide

	begun    map[string]begin
	branches map[string]string // the steps in Asks → the branch that they are in
}

// Look reads a run. Its errors are journal.ErrNotFound, the journal's, or a *journal.DamageError where the run cannot be replayed;
// then the view has Run, and what came before the damage.
func (r *Runner) Look(_ context.Context, id string) (View, error) {
	var events []engine.Event
	v, err := r.look(id, newWatcher(func(e engine.Event) { events = append(events, e) }))
	v.Events = events
	return v, err
}

func (r *Runner) look(id string, w *watcher) (View, error) {
	run, entries, err := r.Journal.Load(background, id)
	if err != nil {
		return View{Run: run}, err
	}
	p, err := r.program(run)
	if err != nil {
		return View{Run: run}, &journal.DamageError{Run: id, Reason: err.Error()}
	}
	return r.replay(run, entries, p, w)
}

// replay interprets a program against entries, and stops after the last of them.
func (r *Runner) replay(run journal.Run, entries []journal.Entry, p *program.Program, w *watcher) (View, error) {
	v := View{Run: run, Program: p}
	inputs, err := p.Inputs.Decode(run.Inputs)
	if err != nil {
		return v, &journal.DamageError{Run: run.ID, Reason: "its inputs do not fit its definition: " + err.Error()}
	}
	h := newHost(r, run, entries, p)
	h.watch = w
	v.Result, err = h.interpret(p, inputs.(map[string]any))
	v.Entries, v.begun, v.Asks, v.branches = h.force, h.begun, h.asks, h.places
	switch {
	case err == nil && h.consumed < len(h.force):
		err = &poisonError{fmt.Sprintf("it ends before its entry %d", h.consumed)}
	case errors.Is(err, errLooking), errors.Is(err, engine.ErrUndecided):
		err = nil
	}
	if err != nil {
		return v, &journal.DamageError{Run: run.ID, Reason: err.Error()}
	}
	return v, nil
}
