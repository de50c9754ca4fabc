package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"errand/engine"
	"errand/engine/access"
)

// errCrash is what a process gets that is killed.
var errCrash = errors.New("killed")

// A crashing taker kills its process at one of its calls, before or after the call.
type crashing struct {
	Taker
	left  int // how many calls are still made
	after bool
	dead  bool
}

// call makes a call, unless the process is killed.
func (c *crashing) call(do func() error) error {
	if c.dead {
		return errCrash
	}
	if c.left--; c.left >= 0 {
		return do()
	}
	c.dead = true
	if c.after {
		_ = do()
	}
	return errCrash
}

func (c *crashing) Take(ctx context.Context, t engine.Taking) (taken []engine.Taken, err error) {
	failed := c.call(func() error { taken, err = c.Taker.Take(ctx, t); return err })
	return taken, failed
}

func (c *crashing) Cursor(ctx context.Context, source string) (cursor string, err error) {
	failed := c.call(func() error { cursor, err = c.Taker.Cursor(ctx, source); return err })
	return cursor, failed
}

func (c *crashing) Dealt(ctx context.Context, desk, ticket string) (d engine.Dealt, ok bool, err error) {
	failed := c.call(func() error { d, ok, err = c.Taker.Dealt(ctx, desk, ticket); return err })
	return d, ok, failed
}

// Whatever happens to tickets, processes, pauses and the desk: no ticket has two runs or two notes, a
// run is one that the ticket asked for at some time, and in the end each open ticket has the run or
// the note that it must have.
func TestEachTicketOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		at := time.Unix(1772442000, 0)
		r := newRig(t)
		r.desk.clock = func() time.Time { return at }
		r.desk.page = rapid.IntRange(1, 4).Draw(rt, "page")
		r.desk.total, r.desk.repeats = rapid.Bool().Draw(rt, "total"), rapid.Bool().Draw(rt, "repeats")
		r.desk.noOrder, r.desk.noTimes, r.desk.noFilter = rapid.Bool().Draw(rt, "no order"), rapid.Bool().Draw(rt, "no times"), rapid.Bool().Draw(rt, "no filter")
		asked := map[string][]string{} // by ticket: the workflows that it asked for, with values that fit

		edit := func(rt *rapid.T) {
			ticket := stubTicket{
				ID: fmt.Sprint(rapid.IntRange(1, 6).Draw(rt, "ticket")), Kind: rapid.SampledFrom([]string{"start", "stop", "lunch", "broken"}).Draw(rt, "kind"),
				Who: rapid.SampledFrom([]string{"", "Dana", "Kim"}).Draw(rt, "who"), Status: rapid.SampledFrom([]string{"New", "New", "Queued", "Closed"}).Draw(rt, "status"),
			}
			if ticket.Who != "" && workflows()[ticket.Kind] != nil {
				asked[ticket.ID] = append(asked[ticket.ID], ticket.Kind)
			}
			r.desk.put(ticket)
		}
		processes := []*poll{r.poll(), r.poll()}
		process := func(rt *rapid.T) **poll { return &processes[rapid.IntRange(0, 1).Draw(rt, "process")] }
		pass := func(rt *rapid.T) {
			r.desk.between = nil
			if rapid.Bool().Draw(rt, "edited meanwhile") {
				edits := 3
				r.desk.between = func() {
					if edits--; edits >= 0 {
						edit(rt)
					}
				}
			}
			_ = (*process(rt)).pass(t.Context(), r.feed()) // a list that repeats is a failure
		}
		rt.Repeat(map[string]func(*rapid.T){
			"edit": edit,
			"pass": pass,
			"time": func(rt *rapid.T) {
				at = at.Add(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour, -time.Hour}).Draw(rt, "by"))
			},
			"sweep": func(rt *rapid.T) { (*process(rt)).swept = time.Time{} },
			"pause": func(rt *rapid.T) {
				r.pauses.set(rapid.SampledFrom([][]string{nil, nil, {"start"}, {"stop"}, {access.PausedIntake}}).Draw(rt, "paused")...)
			},
			"rules": func(rt *rapid.T) { r.version += "x" },
			"person": func(rt *rapid.T) {
				id := fmt.Sprint(rapid.IntRange(1, 6).Draw(rt, "ticket"))
				o := engine.Order{Run: r.newRun(), Request: id, StartedBy: "Kim", Inputs: map[string]any{"who": rapid.SampledFrom([]string{"Dana", "Kim"}).Draw(rt, "who")}, Program: workflows()["start"]}
				_, _ = r.runner().Accept(t.Context(), o) // the request may have another run
			},
			"outage": func(rt *rapid.T) {
				r.desk.fail = errCrash
				pass(rt)
				r.desk.fail = nil
			},
			"crash": func(rt *rapid.T) {
				p := process(rt)
				(*p).clerk.Taker = &crashing{Taker: r.runner(), left: rapid.IntRange(0, 4).Draw(rt, "calls"), after: rapid.Bool().Draw(rt, "after")}
				pass(rt)
				*p = r.poll()
			},
		})

		r.pauses.set()
		r.desk.between = nil
		last := r.poll()
		for range 2 { // the second must change nothing
			last.swept = time.Time{}
			if err := last.pass(t.Context(), r.feed()); err != nil {
				rt.Fatal(err)
			}
		}
		r.check(rt, asked)
	})
}

// check checks what must hold of each ticket in the end.
func (r *rig) check(rt *rapid.T, asked map[string][]string) {
	views, err := r.runner().List(r.t.Context(), engine.Query{})
	if err != nil {
		rt.Fatal(err)
	}
	mine, notes, byPersons := map[string][]string{}, map[string]int{}, map[string]string{}
	for _, v := range views {
		switch {
		case v.Workflow == NoteWorkflow:
			notes[v.Request]++
		case v.StartedBy == engine.StartedByIntake:
			mine[v.Request] = append(mine[v.Request], v.Workflow)
		default:
			byPersons[v.Request+" "+v.Workflow] = string(v.Inputs)
		}
	}
	for id, runs := range mine {
		if len(runs) > 1 || !slices.Contains(asked[id], runs[0]) {
			rt.Errorf("ticket %s has the runs %q, and asked for %q", id, runs, asked[id])
		}
	}
	for id, n := range notes {
		if n > 1 {
			rt.Errorf("ticket %s has %d notes", id, n)
		}
	}
	for _, ticket := range r.desk.tickets {
		ruling := workflows()[ticket.Kind]
		if ruling == nil || ticket.Status == "Closed" {
			continue
		}
		dealt, ok, err := r.runner().Dealt(r.t.Context(), "ism", ticket.ID)
		byPerson, other := byPersons[ticket.ID+" "+ticket.Kind]
		switch {
		case err != nil || !ok:
			rt.Errorf("ticket %+v is not dealt with: %v", *ticket, err)
		case dealt.Noted && notes[ticket.ID] != 1:
			rt.Errorf("ticket %+v has %d notes", *ticket, notes[ticket.ID])
		case dealt.Noted && ticket.Who != "" && (!other || byPerson == fmt.Sprintf(`{"who":%q}`, ticket.Who)):
			rt.Errorf("ticket %+v fits, and has no run", *ticket)
		}
	}
}

func (c *crashing) Answer(ctx context.Context, source, message string) (answer string, ok bool, err error) {
	failed := c.call(func() error { answer, ok, err = c.Taker.Answer(ctx, source, message); return err })
	return answer, ok, failed
}
