package local

import (
	"context"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
)

// This file gives the tests of package local_test access to the inside of package local.

// Watched does what Work does, and returns the number of runs whose watcher is kept at the end.
func (r *Runner) Watched(ctx context.Context, drain bool, watch engine.Watch) (int, error) {
	l := r.loop(ctx, watch)
	err := l.run(drain)
	return len(l.watchers), err
}

// Keep gives the runner a compiled definition.
func (r *Runner) Keep(p *program.Program) { r.keep(p) }

// A Look is a run as a replay of the entries in force shows it.
type Look struct {
	Run     journal.Run
	Program *program.Program
	Result  engine.Result
	Events  []engine.Event
	Entries []journal.Entry
	Asks    []engine.Question
}

// Look replays a run.
func (r *Runner) Look(_ context.Context, id string) (Look, error) {
	var events []engine.Event
	v, err := r.replayRun(id, newWatcher(func(e engine.Event) { events = append(events, e) }))
	look := Look{Run: v.run, Program: v.program, Result: v.result, Events: events, Asks: v.questions}
	for _, e := range v.entries {
		look.Entries = append(look.Entries, e.Entry)
	}
	return look, err
}

// Wrap makes the runner interpret programs against wrapped hosts.
func (r *Runner) Wrap(wrap func(engine.Host) engine.Host) { r.wrap = wrap }

// WatchOther passes on what another process does with a run, until that process gives it up.
func (r *Runner) WatchOther(ctx context.Context, id string, watch engine.Watch) (engine.View, error) {
	s, err := r.watchOther(ctx, standing{run: journal.Run{ID: id}}, newWatcher(watch))
	return s.view(), err
}
