package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/diag"
	_ "errand/engine/goldenfile"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// A stubTicket is a ticket of a stubDesk. Kind says which rule matches it, and Who is its value.
type stubTicket struct {
	ID      string `json:"id"`
	Status  string `json:"-"`
	Kind    string `json:"kind"`
	Who     string `json:"who"`
	changed int64
}

// A stubDesk is a desk that is no kinder than the world: its pages are short and shift while they
// are read, its times have seconds and are its own, and it does what its members say.
type stubDesk struct {
	mu      sync.Mutex
	tickets []*stubTicket
	clock   func() time.Time
	page    int    // rows in a page
	total   bool   // pages say how many rows there are
	between func() // called before each page
	fail    error  // the answer to every question

	repeats   bool // every other row comes twice
	noOrder   bool // the order is that of the identifiers
	noTimes   bool
	noSkip    bool
	noFilter  bool // the list has all tickets, whenever they changed
	questions []task.TicketQuery
}

func newStubDesk(tickets ...*stubTicket) *stubDesk {
	d := &stubDesk{clock: time.Now, page: 3}
	for _, t := range tickets {
		d.put(*t)
	}
	return d
}

// put adds or edits a ticket, now.
func (d *stubDesk) put(t stubTicket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t.Status == "" {
		t.Status = "New"
	}
	t.changed = d.clock().Unix()
	for i := range d.tickets {
		if d.tickets[i].ID == t.ID {
			d.tickets[i] = &t
			return
		}
	}
	d.tickets = append(d.tickets, &t)
}

// Tickets implements task.Desk.
func (d *stubDesk) Tickets(ctx context.Context, _ string, q task.TicketQuery) (task.TicketPage, error) {
	if d.between != nil {
		d.between()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.questions = append(d.questions, q)
	if err := ctx.Err(); err != nil {
		return task.TicketPage{}, err
	}
	if d.fail != nil {
		return task.TicketPage{}, d.fail
	}
	var rows []task.Ticket
	for _, t := range d.tickets {
		if (d.noFilter || q.Since.IsZero() || t.changed >= q.Since.Unix()) && slices.Contains(q.Statuses, t.Status) {
			data, err := json.Marshal(t)
			if err != nil {
				return task.TicketPage{}, err
			}
			row := task.Ticket{ID: t.ID, Changed: time.Unix(t.changed, 0).UTC(), Data: data}
			if d.noTimes {
				row.Changed = time.Time{}
			}
			rows = append(rows, row)
		}
	}
	if !d.noOrder {
		slices.SortStableFunc(rows, func(a, b task.Ticket) int { return a.Changed.Compare(b.Changed) })
	}
	if d.repeats {
		for i := len(rows) - 1; i >= 0; i -= 2 {
			rows = slices.Insert(rows, i, rows[i])
		}
	}
	skip := min(q.Skip, len(rows))
	if d.noSkip {
		skip = 0
	}
	end := min(skip+d.page, len(rows))
	page := task.TicketPage{Tickets: rows[skip:end], Rows: end - skip, More: end > skip}
	if d.total {
		page.More = end < len(rows)
	}
	return page, nil
}

// Requesters implements task.Desk.
func (d *stubDesk) Requesters(context.Context, string, string) ([]string, error) { return nil, nil }

// registry returns the task types, without a credential.
var registry = sync.OnceValue(func() *task.Registry { return tasks.Registry(task.Environment{}) })

// workflows are what the rules start.
var workflows = sync.OnceValue(func() map[string]*program.Program {
	all := map[string]*program.Program{}
	for _, name := range []string{"start", "stop"} {
		p, problems := program.Load(name+".yaml", []byte("workflow: "+name+"\ninputs: {who: {type: string}}\nsteps:\n  - {id: note, task: worklog.format, with: {heading: \"${{ inputs.who }}\"}}\n"), registry())
		if diag.HasErrors(problems) {
			panic(problems[0])
		}
		all[name] = p
	}
	return all
})

// judgeStub matches the tickets of a stubDesk whose kind is that of a workflow. An empty value does
// not fit.
func judgeStub(data json.RawMessage) (Ruling, bool, error) {
	var t stubTicket
	if err := json.Unmarshal(data, &t); err != nil || t.Kind == "broken" {
		return Ruling{}, false, errors.New("the ticket is broken")
	}
	p := workflows()[t.Kind]
	if p == nil {
		return Ruling{}, false, nil
	}
	r := Ruling{Rule: t.Kind + " rule", Workflow: p, Request: t.ID, Inputs: map[string]any{"who": t.Who}, Requesters: []string{"Dana", "KIM"}}
	if t.Who == "" {
		r.Inputs, r.Misfits = nil, []string{`who: "" is too short`}
	}
	return r, true, nil
}

// fakePauses is what is paused.
type fakePauses struct {
	mu    sync.Mutex
	names []string
}

func (p *fakePauses) set(names ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names = names
}

func (p *fakePauses) Paused(context.Context) ([]access.Pause, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []access.Pause
	for _, name := range p.names {
		all = append(all, access.Pause{Name: name})
	}
	return all, nil
}

// A rig is a journal with a desk.
type rig struct {
	t        testing.TB
	journal  journal.Journal
	desk     *stubDesk
	pauses   *fakePauses
	version  string
	console  string // the public address, "" if there is none
	runs     int
	outcomes []string
	mu       sync.Mutex
}

func newRig(t testing.TB, tickets ...*stubTicket) *rig {
	return &rig{t: t, journal: journal.NewMemory(), desk: newStubDesk(tickets...), pauses: &fakePauses{}, version: "1"}
}

func (r *rig) feed() Feed {
	return Feed{Name: "ism", Desk: r.desk, Statuses: []string{"New", "Queued"}, Every: 30 * time.Second, Version: r.version, Judge: judgeStub}
}

func (r *rig) present() (Feed, bool) { return r.feed(), true }

func (r *rig) runner() *local.Runner {
	return &local.Runner{Journal: r.journal, Registry: registry(), About: "test"}
}

// clerk returns a new process.
func (r *rig) clerk() *Clerk {
	note, err := NoteProgram(registry())
	if err != nil {
		r.t.Fatal(err)
	}
	return &Clerk{Taker: r.runner(), Pauses: r.pauses, Note: note, NewRun: r.newRun, PublicURL: r.console, Watch: Watch{Outcome: r.tell}}
}

func (r *rig) newRun() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs++
	return fmt.Sprintf("run%013d", r.runs)
}

func (r *rig) tell(o Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes = append(r.outcomes, o.Ticket+" "+string(o.Result))
}

// told returns the outcomes since the last call, in the order of the tickets.
func (r *rig) told() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.outcomes
	r.outcomes = nil
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// poll is a poll of a new process.
func (r *rig) poll() *poll { return &poll{clerk: r.clerk()} }

// pass makes a pass that must succeed.
func (r *rig) pass(p *poll) {
	r.t.Helper()
	if err := p.pass(r.t.Context(), r.feed()); err != nil {
		r.t.Fatal(err)
	}
}

// onRecord returns the runs on record as "request workflow", sorted.
func (r *rig) onRecord() string {
	r.t.Helper()
	views, err := r.runner().List(r.t.Context(), engine.Query{})
	if err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, v := range views {
		all = append(all, v.Request+" "+v.Workflow)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// expect compares what was told since the last time, and what is on record.
func (r *rig) expect(told, onRecord string) {
	r.t.Helper()
	if got := r.told(); got != told {
		r.t.Errorf("told     %s\nexpected %s", got, told)
	}
	if got := r.onRecord(); got != onRecord {
		r.t.Errorf("on record %s\nexpected  %s", got, onRecord)
	}
}
