package virtual

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// Runs are runs in memory. Several Runners may share them, as processes share a journal.
type Runs struct {
	Clock *Clock

	mu      sync.Mutex
	runs    []*run        // in the order of their creation
	places  int           // how many places the queues of concurrency keys have given
	changed chan struct{} // closed when a run changes
}

// NewRuns returns an empty collection on a clock.
func NewRuns(clock *Clock) *Runs { return &Runs{Clock: clock} }

// A run is one of Runs. The mutex of Runs guards its fields. Only the worker appends to the memory
// while there is one.
type run struct {
	runs    *Runs        // that it belongs to
	order   engine.Order // with the definition that the run has now
	key     string       // the concurrency key
	place   int          // in the queue of the key
	inputs  []byte
	started time.Time
	changed time.Time // when it last changed
	changes int       // how often
	memory  *Memory
	past    []engine.Placed // the events of attempts that retries have replaced
	rounds  []engine.Round  // how the run ended before each retry

	status     engine.Status
	waits      []engine.Wait
	due        time.Time
	ended      time.Time
	result     []byte // of an ended run
	worker     *Runner
	cancel     context.CancelFunc
	cancelled  context.Context // ends when the run is to be cancelled
	cancelling bool
	canceller  engine.Person // who cancelled it
	missed     bool          // it was cancelled during the work of a process, which may have missed that

	pruned time.Time // when the record was deleted
	digest []byte    // of the inputs of a run whose record was deleted

	// inbox holds the decisions that persons made while a process worked on the run, by step.
	inbox map[string]engine.Decision
}

// find returns a run, or a refusal. The caller holds the mutex.
func (r *Runs) find(id string) (*run, error) {
	for _, x := range r.runs {
		if x.order.Run == id {
			return x, nil
		}
	}
	return nil, &engine.Refusal{Code: engine.RefusedNotFound, Run: id}
}

// change records that a run has changed, and wakes those who wait for that. The caller holds the
// mutex.
func (r *Runs) change(x *run) {
	x.changed = r.Clock.Now()
	x.changes++
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// changes returns a channel that is closed with the next change. The caller holds the mutex.
func (r *Runs) changes() <-chan struct{} {
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return r.changed
}

// wakeUp makes a run due at once.
func (x *run) wakeUp(now time.Time) {
	x.due = now
	if !x.ended.IsZero() || x.status != engine.Waiting && x.status != engine.Uncertain {
		return
	}
	x.status, x.waits = engine.Waiting, []engine.Wait{{For: engine.WaitProcess, Since: now}}
}

// uncancel makes a run that was not cancelled, for a new run or a retry.
func (x *run) uncancel() {
	x.cancelled, x.cancel = context.WithCancel(context.Background())
	x.cancelling, x.missed, x.canceller, x.inbox = false, false, engine.Person{}, map[string]engine.Decision{}
}

// nameCanceller adds who cancelled the run to the result of a cancelled run.
func (x *run) nameCanceller(result *engine.Result) {
	if result.Status == engine.Cancelled {
		result.CancelledBy = x.canceller
	}
}

// nameCancelling adds who is to cancel a run that has not ended.
func (x *run) nameCancelling(v *engine.View) {
	if v.Cancelling {
		v.CancelledBy = x.canceller
	}
}

// leave records the state of a run after a process has worked on it.
func (x *run) leave(result engine.Result, err error, l *Life, why error, now time.Time) error {
	x.worker = nil
	if err == nil {
		x.status, x.waits, x.due, x.ended = result.Status, nil, time.Time{}, result.Ended
		x.result, err = json.Marshal(result)
		return err
	}
	x.status, x.waits, x.due = engine.Waiting, l.waits, time.Time{}
	if slices.ContainsFunc(l.asks, func(q question) bool { return q.Failure != nil }) {
		x.status = engine.Uncertain
	}
	slices.SortFunc(x.waits, func(a, b engine.Wait) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Step, b.Step)) })
	for _, w := range x.waits {
		if !w.Due.IsZero() && (x.due.IsZero() || w.Due.Before(x.due)) {
			x.due = w.Due
		}
	}
	switch {
	case errors.Is(why, errStopped):
		x.due = time.Time{}
		x.waits = append(x.waits, engine.Wait{For: engine.WaitProcess, Since: now, Reason: "a person stopped it"})
	case errors.Is(why, errLeft):
		x.wakeUp(now)
	}
	for _, q := range l.asks {
		if d, decided := x.inbox[q.Step]; decided {
			x.memory.keep(moment{at: now, branch: q.branch, step: q.Step, decision: &d})
			x.wakeUp(now)
		}
	}
	clear(x.inbox)
	if x.missed {
		x.missed = false
		x.wakeUp(now)
	}
	if why == nil { // err is a failure of the host
		return err
	}
	return nil
}

// view returns the state of a run without its steps, which need a replay.
func (x *run) view() (engine.View, error) {
	v := engine.View{
		StartedBy: x.order.StartedBy, URL: x.order.URL, Requesters: x.order.Requesters, Key: x.key, Inputs: x.inputs, Waits: slices.Clone(x.waits), Due: x.due,
		Cancelling: x.cancelling && x.ended.IsZero(), Definition: x.order.Program.Source, Pruned: x.pruned, InputsDigest: x.digest,
	}
	if waitsForTurn(v.Waits) {
		v.Waits[0].Run = x.runs.turn(x.key).order.Run
	}
	v.Result = x.unbegun()
	if x.result != nil {
		v.Result = engine.Result{}
		if err := json.Unmarshal(x.result, &v.Result); err != nil {
			return v, err
		}
	}
	v.Status = x.status
	x.nameCancelling(&v)
	if x.worker != nil {
		v.Status, v.Process, v.Waits, v.Due = engine.Running, x.worker.About, nil, time.Time{}
	}
	return v, nil
}

// A replayed run is one whose memory was interpreted to its end, without acting.
type replayed struct {
	result engine.Result
	err    error // nil if the run has ended
	life   *Life
	events []engine.Placed
}

// replay interprets a program against a memory.
func (r *Runner) replay(x run, memory *Memory, p *program.Program) (replayed, error) {
	seen := replayed{life: &Life{Memory: memory, Canceller: func() engine.Person { return x.canceller }}}
	if x.key != "" && !memory.hasBegun() {
		seen.result, seen.err = x.unbegun(), errParked
		return seen, nil
	}
	seen.life.keyed = x.key != ""
	seen.life.Tell = func(e engine.Placed) { seen.events = append(seen.events, e) }
	request, err := x.request(p)
	if err != nil {
		return seen, err
	}
	h := &Host{Context: context.Background(), Clock: r.Runs.Clock, Registry: r.Registry, schedule: &schedule{clock: r.Runs.Clock, over: errParked}}
	seen.result, seen.err = engine.Run(seen.life.Host(h, x.started), request, p)
	x.nameCanceller(&seen.result)
	return seen, nil
}

func (x *run) request(p *program.Program) (engine.Request, error) {
	inputs, err := p.Inputs.Decode(x.inputs)
	if err != nil {
		return engine.Request{}, err
	}
	return engine.Request{Run: x.order.Run, Request: x.order.Request, URL: x.order.URL, Inputs: inputs.(map[string]any), Started: x.started}, nil
}
