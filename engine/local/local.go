// Package local carries out runs in this process, in real time, so that they survive the process.
//
// A journal records what a run did. To carry a run on, the package interprets its definition from
// the start and answers the interpreter from the journal's entries. When these are used up, the
// process acts itself, with each effect on record before it leaves. So a run that waits for long
// holds nothing: the journal has the time at which it is due, and the process that takes it up
// then, this one or another, reaches the same point in microseconds. A short wait stays in memory,
// so that the work of a run does not grow with the square of its waits. A crash is no special case,
// except that a call may be on record without its answer.
//
// In reading order. The Runner and what it is asked: local.go, start.go, take.go (tickets, each
// once), follow.go with tail.go, turn.go (runs with a concurrency key), loop.go with queue.go (whose
// run is next) and backlog.go (how many wait); decide.go, cancel.go, retry.go and adopt.go (what
// persons decide); read.go, count.go, history.go and prune.go. Who works: work.go (a run, until it has
// to wait), session.go (which process may work on it), drain.go (how a process ends its work),
// signal.go (who is told at once), store.go (a journal that fails), programs.go (compiled
// definitions). What is on record: replay.go, fold.go (looks that are over). The interpreter's host:
// host.go with host_park.go, host_pace.go and pace.go (how often it calls), host_record.go,
// host_fork.go and host_diverged.go, host_rest.go and short_wait.go (how it waits), ledger.go (what
// the branches of a run share), watcher.go (who receives events), errors.go.
package local

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/journal"
	"errand/engine/program"
	"errand/engine/task"
)

// A Runner carries out the runs of a journal. Any number of runners, in this process and in others,
// may share one journal: one of them works on a run at a time. A Runner must not be copied after
// first use.
type Runner struct {
	Journal  journal.Journal
	Registry *task.Registry
	About    string        // names this process for people, such as "errand run, process 4711"
	Poll     time.Duration // how often the journal is asked what others did; 0 means 500 ms
	Limit    int           // how many runs Work carries on at once; 0 means 50
	Queue    int           // how many runs may wait for a process when Accept adds one; 0 means no limit
	Sealer   access.Sealer // seals the audit log when Accept adds an entry; may be nil

	Paces Paces // how often this process makes calls with each credential

	// Programs are compiled definitions, which runners with the same Registry may share. nil means that
	// the runner has its own.
	Programs *Programs

	wrap func(engine.Host) engine.Host // for tests; may be nil

	mu      sync.Mutex
	session journal.Session
	busy    map[string]*host // the runs that are worked on at this moment; nil until their host is made
	own     Programs

	poked signal // a person has decided something here
	due   signal // a run became due here

	changed atomic.Pointer[func(run string)] // see Announce

	calls     context.Context // ends with Interrupt; nil until the first call
	interrupt context.CancelFunc

	accepting atomic.Int64 // how many callers of Accept wait

	backlog backlog

	inMemory      int // how many runs wait in memory
	bytesInMemory int // how many bytes they use, estimated
}

var (
	_ engine.Runner    = (*Runner)(nil)
	_ engine.Announcer = (*Runner)(nil)
)

// Close gives up what the runner holds. No method of the runner may be at work.
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

// program returns the compiled definition that a run is pinned to.
func (r *Runner) program(run journal.Run) (*program.Program, error) {
	return r.compile(run.File, run.Source, run.Digest)
}

func (r *Runner) compile(file string, source []byte, digest string) (*program.Program, error) {
	return r.programs().Compile(r.Registry, file, source, digest)
}

func (r *Runner) keep(p *program.Program) { r.programs().Keep(p) }

func (r *Runner) programs() *Programs {
	if r.Programs != nil {
		return r.Programs
	}
	return &r.own
}

// poke makes everyone in this process who waits for a run look at the journal.
func (r *Runner) poke() {
	r.poked.send()
	r.due.send()
}

func (r *Runner) poll() time.Duration {
	if r.Poll > 0 {
		return r.Poll
	}
	return 500 * time.Millisecond
}

// over reports whether the work of a process has ended, which is no failure.
func over(ctx context.Context) bool { return ctx.Err() != nil }

// background is the context of changes to the journal: a caller that stops waiting does not
// interrupt them.
var background = context.Background()
