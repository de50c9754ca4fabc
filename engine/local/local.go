// Package local carries out runs in this process, in real time, so that they survive it.
//
// What a run did is in a journal. A run is carried on by interpreting its definition from the start, with the journal's entries for
// answers, until these are used up: then the process acts itself, with each effect on record before it leaves. So a run that waits holds
// nothing: it is left with the time at which it is due, and whoever takes it up then, this process or another, comes to the same point in
// microseconds. A crash is no special case either, except that a call may be on record without its answer.
//
// In reading order: local.go (the Runner), start.go, resume.go and loop.go (what it is asked to do), work.go (a run, for as long as it
// needs no waiting), host.go with record.go and round.go (the interpreter's host), diverged.go, lease.go (who may work on a run), store.go
// (a journal that fails), look.go (a run as it stands), resolve.go, retry.go and cancel.go (what a person decides).
package local

import (
	"context"
	"fmt"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/journal"
	"errand/engine/program"
	"errand/engine/task"
)

// A Runner carries out the runs of a journal. Any number of them, in this process and in others, may share one journal: a run is
// worked on by one at a time. It is not copied once used.
type Runner struct {
	Journal  journal.Journal
	Registry *task.Registry
	About    string        // names this process for people, such as "errand run, process 4711"
	Poll     time.Duration // how often the journal is asked what others did; 0 means 500 ms
	Limit    int           // how many runs Work carries on at once; 0 means 50

	mu       sync.Mutex
	session  journal.Session
	busy     map[string]*host            // the runs that are worked on at this moment; nil until their host is made
	programs map[string]*program.Program // by digest
	poked    chan struct{}               // closed when a person has decided something here
}

var _ engine.Runner = (*Runner)(nil)

// Close gives up what the runner holds. Nothing may be under way.
func (r *Runner) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.session == nil {
		return nil
	}
	err := r.session.Close()
	r.session = nil
	return err
}

// program is the definition that a run is pinned to, compiled.
func (r *Runner) program(run journal.Run) (*program.Program, error) {
	return r.compile(run.File, run.Source, run.Digest)
}

// maxPrograms is how many compiled definitions are kept.
const maxPrograms = 200

func (r *Runner) compile(file string, source []byte, digest string) (*program.Program, error) {
	r.mu.Lock()
	p := r.programs[digest]
	r.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, problems := program.Load(file, source, r.Registry)
	if diag.HasErrors(problems) {
		return nil, fmt.Errorf("its definition has %s, the first: %w", diag.Summary(problems), problems[0])
	}
	if p.Digest != digest {
		return nil, fmt.Errorf("its definition is not the one it was started with")
	}
	r.keep(p)
	return p, nil
}

func (r *Runner) keep(p *program.Program) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.programs == nil || len(r.programs) >= maxPrograms {
		r.programs = map[string]*program.Program{}
	}
	r.programs[p.Digest] = p
}

// poke has whoever waits for a run in this process look at the journal.
func (r *Runner) poke() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.poked != nil {
		close(r.poked)
		r.poked = nil
	}
}

// pokes is closed with the next poke.
func (r *Runner) pokes() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.poked == nil {
		r.poked = make(chan struct{})
	}
	return r.poked
}

func (r *Runner) poll() time.Duration {
	if r.Poll > 0 {
		return r.Poll
	}
	return 500 * time.Millisecond
}

// over tells whether a process's work is at its end, which is no failure.
func over(ctx context.Context) bool { return ctx.Err() != nil }

// background is for what is done to the journal: it is not given up half-way because somebody stops waiting for it.
var background = context.Background()
