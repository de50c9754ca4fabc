package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"errand/engine/access"
	"errand/engine/program"
	"errand/engine/schema"
)

// runner.go is the contract of a runner: what the command line, the service and the test cases use to
// start runs, to decide about them and to read them. Packages local (a journal on this machine), temporal
// and virtual (in memory) implement it. The interfaces are small; each caller asks for those that it
// needs.
//
// Errors are a *Refusal if the runner is well and the run does not allow it, a *Trouble if the
// runner is not well, and the context's error.

// A Runner is what every runner can do. Adopter, Announcer, Auditor, Counter, Intaker and Pruner are what
// only some can.
type Runner interface {
	Starter
	Follower
	Decider
	Retrier
	Reader
	Marker
	Historian
	Worker
}

// An Order asks for a run.
type Order struct {
	Run       string // the id of the run, should there be a new one
	Request   string // the service request's id; if it is empty, each order is another run
	StartedBy string // who asks; may be empty
	Inputs    map[string]any

	// Requesters are the persons for whom the run is. None of them approves, and neither does the
	// one who asks.
	Requesters []string
	// Owners are the names under which those who see only their own runs see this one.
	Owners []string
	// URL is the address of the run's page (RunURL), which is run.url in expressions. A runner keeps it
	// with the run. "" means null.
	URL string

	Program *program.Program
	Again   bool // a new run, even if the request has one

	// Audit is the entry that the audit log of an Auditor has once there is a new run; its Run is that
	// run. If the entry cannot be written, there is no run. An order that has a run already, or is
	// refused, leaves no entry. nil means no entry; other runners ignore it.
	Audit *access.Entry
}

// A Receipt says which run an order has.
type Receipt struct {
	Run     string
	Existed bool // before the order

	// Of a new run: when it was put on record, and its concurrency key, "" if it has none.
	Started time.Time
	Key     string
}

// Accepted returns the view of a new run without a concurrency key: it waits for a process that takes
// it up.
func (o Order) Accepted(r Receipt) View {
	return View{
		Result: Result{
			Version: 1, Run: r.Run, Workflow: o.Program.Name, Request: o.Request, Status: Waiting,
			Outputs: Values{}, Started: r.Started, Steps: []StepResult{},
		},
		StartedBy: o.StartedBy, URL: o.URL, Requesters: o.Requesters, Inputs: schema.Encode(o.Inputs),
		Waits: []Wait{{For: WaitProcess, Since: r.Started}}, Due: r.Started, Definition: o.Program.Source, Program: o.Program,
	}
}

// ErrStop is the cause of a context's end (context.WithCancelCause) by which a person stops runs:
// they do not go on before a person resumes them. With any other cause the runs are left to the
// process that takes them up next.
var ErrStop = errors.New("stopped by a person")

// A Watch receives the events of a run while they happen, each once, those of one branch in their
// order, and one at a time. It must not block for long, and must not act on the runner. It may be
// nil.
type Watch func(Event)

// A Following says how a caller follows a run.
type Following struct {
	Watch Watch
	Stay  bool // also while every branch waits for a person

	// Turn is called with the run that has the turn if the followed run has to wait for that, and
	// again when another run gets it. It may be nil.
	Turn func(run string)
}

// A Starter takes orders.
type Starter interface {
	// Accept puts an order on record and does no more. The run is due at once. An order whose
	// request has a run gets that run. Any other order may be refused because too many runs wait for
	// a process (RefusedFull). While another run with the same concurrency key has not ended, the run
	// waits for its turn.
	Accept(ctx context.Context, o Order) (Receipt, error)
	// Start puts an order on record and carries the run on as Follow does.
	Start(ctx context.Context, o Order, f Following) (View, error)
}

// A Follower carries runs on, one at a time.
type Follower interface {
	// Follow carries a run on until it has ended or, unless the caller stays, every branch waits
	// for a person, and returns how the run stands then. If another process works on the run when
	// Follow is called, Follow is refused (RefusedHeld); if another process takes the run up later,
	// Follow watches it. The end of ctx stops the run before its next effect; if the cause is
	// ErrStop, the run then waits for a person to resume it.
	//
	// The watch receives the run's events from the first one on, also those from before the call.
	Follow(ctx context.Context, run string, f Following) (View, error)
}

// A Decider takes what persons decide about a run. Each call returns when the decision is on record.
type Decider interface {
	// Decide answers the question that a step asks, whether or not a process works on the run. A
	// run that nobody works on is due at once. The first decision on a question is final: another
	// one is refused (RefusedDecided).
	Decide(ctx context.Context, run, step string, d Decision) error
	// Cancel makes a run stop before its next effect, carry out its `finally` and end. A run that
	// waits for its turn does so at once.
	Cancel(ctx context.Context, run string, by Person) error
}

// A Retry asks that a run which failed or was cancelled goes on.
type Retry struct {
	From    string           // the step to go on from; "" means the step that failed
	By      Person           // who asks
	Program *program.Program // takes the place of the run's definition; nil keeps it
}

// A Retrier lets ended runs go on.
type Retrier interface {
	// Retry makes a run go on from one of its steps and keeps what succeeded before it. The run is
	// due at once, or when its turn comes: it waits behind the open runs with its concurrency key.
	Retry(ctx context.Context, run string, r Retry) error
	// Preview returns what Retry would keep and do again, and changes nothing. It is refused if Retry
	// would be.
	Preview(ctx context.Context, run string, r Retry) (RetryPreview, error)
}

// A Query selects runs. The zero value selects all, the newest first.
type Query struct {
	Workflow string
	Request  string
	Status   Status
	WaitsFor WaitFor   // only those that wait for this, perhaps for something else too
	Since    time.Time // only those that started then or later
	Changed  time.Time // only those that changed then or later
	Owners   []string  // if not nil: only those that one of these owns (Order.Owners)
	Run      string    // only this one
	Open     bool      // only those that have not ended
	Pruned   bool      // also those whose record was deleted
	After    string    // only those that follow this run in the answer
	Limit    int       // 0 means no limit
	Brief    bool      // the views are brief (View.Brief), which makes long lists several times as fast
}

// Selects reports whether a view fits the status and the wait of the query, which depend on who
// works on the run.
func (q Query) Selects(v View) bool {
	return (q.Status == "" || q.Status == v.Status) &&
		(q.WaitsFor == "" || slices.ContainsFunc(v.Waits, func(w Wait) bool { return w.For == q.WaitsFor }))
}

// Owns reports whether the query selects a run with these owners.
func (q Query) Owns(owners []string) bool {
	return q.Owners == nil || slices.ContainsFunc(owners, func(owner string) bool { return slices.Contains(q.Owners, owner) })
}

// A Reader reads runs as they stand.
type Reader interface {
	// Read returns a run. If its record is damaged, the view has what can be read, and Trouble.
	Read(ctx context.Context, run string) (View, error)
	// List returns runs without what takes a replay: a run that has not ended comes without its
	// steps and questions.
	List(ctx context.Context, q Query) ([]View, error)
}

// A Marker cheaply reports whether a run has changed. Those who wait for changes use it.
type Marker interface {
	// Mark returns a text that differs from every earlier one of the run if the run has changed.
	Mark(ctx context.Context, run string) (string, error)
}

// An Announcer says at once which runs this process changes. What other processes change only a
// Marker shows.
type Announcer interface {
	// Announce makes the runner call a function with the id of a run after each commit of the run. The
	// function must return soon. It replaces the one before.
	Announce(changed func(run string))
}

// A Historian reads what runs went through.
type Historian interface {
	// Events returns the events of a run after one of them, in their order, with those of attempts
	// that a retry has replaced. The zero id stands before the first event.
	Events(ctx context.Context, run string, after EventID) ([]Event, error)
	// Record returns the answers that a run got, for a test case.
	Record(ctx context.Context, run string) (Record, error)
}

// An Adopter takes what persons say about a home that may be a copy of another one. A copy starts
// nothing: its open runs wait for adoption, and it refuses new ones (RefusedCopy). Runners whose
// runs cannot be copied have no Adopter.
type Adopter interface {
	// IsCopy reports whether the home is a copy that nobody has adopted.
	IsCopy(ctx context.Context) (bool, error)
	// Adopt lets a run go on that waits for adoption. It also takes a run from a process if nobody
	// can say whether that process is alive. The run is due at once. Each of its steps looks before
	// it first acts, because the other home may have done it.
	Adopt(ctx context.Context, run string, by Person) error
	// AdoptAll adopts every run that waits for adoption, and then the home, which takes new runs
	// from then on. It returns the runs.
	AdoptAll(ctx context.Context, by Person) ([]string, error)
	// Suspect makes the home count as a copy. It returns the runs that wait for adoption.
	Suspect(ctx context.Context, by Person) ([]string, error)
}

// A Worker carries on all runs that are due.
type Worker interface {
	// Work carries on every run as soon as it is due, until ctx ends or, with drain, until no run
	// will be due by itself.
	Work(ctx context.Context, drain bool, watch Watch) error
}

// A Record is what a run went through, as data: a test case is made of it.
type Record struct {
	View
	Events  []Event
	Moments []Moment
}
