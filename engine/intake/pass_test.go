package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
)

func TestTicketsBecomeRuns(t *testing.T) {
	r := newRig(t, &stubTicket{ID: "1", Kind: "start", Who: "Dana"}, &stubTicket{ID: "2", Kind: "start"}, &stubTicket{ID: "3", Kind: "lunch"},
		&stubTicket{ID: "4", Kind: "broken"}, &stubTicket{ID: "5", Kind: "start", Who: "Dana", Status: "Closed"})
	p := r.poll()
	r.pass(p)
	r.expect("1 started, 2 unfit, 3 ignored, 4 failed", "1 start, 2 intake-note")
	r.pass(p)
	r.expect("", "1 start, 2 intake-note")
	r.pass(r.poll()) // another process tells again what is not on record
	r.expect("3 ignored, 4 failed", "1 start, 2 intake-note")

	r.desk.put(stubTicket{ID: "1", Kind: "stop", Who: "Kim"}) // another rule matches now
	r.desk.put(stubTicket{ID: "2", Kind: "start", Who: "Kim"})
	r.desk.put(stubTicket{ID: "5", Kind: "stop", Who: "Kim", Status: "Queued"})
	r.pass(p)
	r.expect("2 started, 5 started", "1 start, 2 intake-note, 2 start, 5 stop")
	r.desk.put(stubTicket{ID: "2", Kind: "start"})
	r.pass(p)
	r.expect("", "1 start, 2 intake-note, 2 start, 5 stop")

	views, err := r.runner().List(t.Context(), engine.Query{Request: "1", Owners: []string{"person:" + engine.FoldName("dana ")}})
	if err != nil || len(views) != 1 || views[0].StartedBy != "intake" || strings.Join(views[0].Requesters, " ") != "Dana KIM" {
		t.Errorf("the run is %+v, %v", views, err)
	}
	if views, err = r.runner().List(t.Context(), engine.Query{Owners: []string{"person:" + engine.FoldName("dana")}}); err != nil || strings.Contains(fmt.Sprint(views), NoteWorkflow) || len(views) != 3 {
		t.Errorf("the requester sees %d runs, %v", len(views), err)
	}
}

// A request that a person has started is marked, and not started again. With other inputs it has one
// note.
func TestAPersonWasFaster(t *testing.T) {
	r := newRig(t, &stubTicket{ID: "1", Kind: "start", Who: "Dana"}, &stubTicket{ID: "2", Kind: "start", Who: "Dana"}, &stubTicket{ID: "3", Kind: "start", Who: "Dana"})
	for ticket, who := range map[string]string{"1": "Dana", "2": "Kim"} {
		o := engine.Order{Run: "byhand000000000" + ticket, Request: ticket, Inputs: map[string]any{"who": who}, Program: workflows()["start"]}
		if _, err := r.runner().Accept(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	p := r.poll()
	r.pass(p)
	r.expect("1 ignored, 2 conflict, 3 started", "1 start, 2 intake-note, 2 start, 3 start")
	for range 3 {
		r.pass(p)
		r.pass(r.poll())
	}
	r.expect("", "1 start, 2 intake-note, 2 start, 3 start")
	r.desk.put(stubTicket{ID: "1", Kind: "stop", Who: "Dana"})
	r.desk.put(stubTicket{ID: "2", Kind: "start", Who: "Kim"})
	r.pass(p)
	r.expect("2 ignored", "1 start, 2 intake-note, 2 start, 3 start")
}

// A designer's workflow with the name of the notes does not keep a note from being written.
func TestTheNameOfTheNoteIsTaken(t *testing.T) {
	r := newRig(t, &stubTicket{ID: "1", Kind: "start"})
	taken := *workflows()["start"]
	taken.Name = NoteWorkflow
	if _, err := r.runner().Accept(t.Context(), engine.Order{Run: "byhand0000000000", Request: "1", Inputs: map[string]any{"who": "x"}, Program: &taken}); err != nil {
		t.Fatal(err)
	}
	r.pass(r.poll())
	r.pass(r.poll())
	r.expect("1 unfit", "1 intake-note, 1 intake-note")
}

// What a pause keeps from starting is started after it, also by another process.
func TestPauses(t *testing.T) {
	at := time.Unix(1772442000, 0)
	r := newRig(t)
	r.desk.clock = func() time.Time { return at }
	p := r.poll()
	put := func(id, kind string) {
		at = at.Add(10 * time.Minute)
		r.desk.put(stubTicket{ID: id, Kind: kind, Who: "Dana"})
	}
	put("1", "start")
	r.pass(p)
	r.expect("1 started", "1 start")

	r.pauses.set("start")
	put("2", "start")
	put("3", "stop")
	r.desk.put(stubTicket{ID: "4", Kind: "start"})
	r.pass(p)
	r.expect("3 started", "1 start, 3 stop")
	put("5", "stop")
	r.pass(r.poll())
	r.expect("5 started", "1 start, 3 stop, 5 stop")

	r.pauses.set(access.PausedIntake)
	put("6", "stop")
	asked := len(r.desk.questions)
	r.pass(p)
	r.pass(r.poll())
	r.expect("", "1 start, 3 stop, 5 stop")
	if len(r.desk.questions) != asked {
		t.Error("the desk was asked during a pause of the intake")
	}
	r.pauses.set()
	p.swept = time.Now() // only the cursor leads to them
	r.pass(p)
	r.expect("2 started, 4 unfit, 6 started", "1 start, 2 start, 3 stop, 4 intake-note, 5 stop, 6 stop")
	asked = len(r.desk.questions)
	r.pass(p)
	if since := r.desk.questions[asked].Since; !since.Equal(at.Add(-overlap)) {
		t.Errorf("the desk is asked for what changed since %s, at %s", since, at)
	}
}

// A copy asks nothing and starts nothing.
func TestACopyStartsNothing(t *testing.T) {
	r := newRig(t, &stubTicket{ID: "1", Kind: "start", Who: "Dana"})
	runner := r.runner()
	if _, err := runner.Suspect(t.Context(), engine.Person{Name: "Kim"}); err != nil {
		t.Fatal(err)
	}
	r.pass(r.poll())
	r.expect("", "")
	if len(r.desk.questions) > 0 {
		t.Error("a copy has asked the desk")
	}
	if _, err := runner.AdoptAll(t.Context(), engine.Person{Name: "Kim"}); err != nil {
		t.Fatal(err)
	}
	r.pass(r.poll())
	r.expect("1 started", "1 start")
}

// However a desk lists its tickets, each one is found.
func TestDesks(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(d *stubDesk)
	}{
		{"as documented", func(*stubDesk) {}},
		{"with a total", func(d *stubDesk) { d.total = true }},
		{"with pages of one", func(d *stubDesk) { d.page = 1 }},
		{"with long pages", func(d *stubDesk) { d.page, d.total = 100, true }},
		{"that repeats rows", func(d *stubDesk) { d.repeats = true }},
		{"without an order", func(d *stubDesk) { d.noOrder = true }},
		{"without times", func(d *stubDesk) { d.noTimes = true }},
		{"without times and with a total", func(d *stubDesk) { d.noTimes, d.total = true, true }},
		{"without a filter", func(d *stubDesk) { d.noFilter = true }},
		{"without a filter and an order", func(d *stubDesk) { d.noFilter, d.noOrder = true, true }},
	} {
		for _, spread := range []int{0, 1, 3} { // how many tickets change in the same second; 0 means all
			t.Run(fmt.Sprintf("%s, %d in a second", c.name, spread), func(t *testing.T) {
				at := time.Unix(1772442000, 0)
				r := newRig(t)
				r.desk.clock = func() time.Time { return at }
				c.set(r.desk)
				for n := range 14 {
					if spread > 0 && n%spread == 0 {
						at = at.Add(time.Second)
					}
					r.desk.put(stubTicket{ID: fmt.Sprint(n * 5 % 14), Kind: "start", Who: "Dana"})
				}
				p := r.poll()
				r.pass(p)
				r.pass(p)
				if got := strings.Count(r.onRecord(), " start"); got != 14 {
					t.Errorf("%d tickets were started: %s", got, r.onRecord())
				}
				if n := len(r.desk.questions); n > 80 {
					t.Errorf("%d questions", n)
				}
			})
		}
	}
}

// A desk that returns the same page again and again is a failure, and what it has shown is started.
func TestAListThatRepeats(t *testing.T) {
	r := newRig(t)
	r.desk.noSkip, r.desk.noTimes = true, true
	for n := range 9 {
		r.desk.put(stubTicket{ID: fmt.Sprint(n), Kind: "start", Who: "Dana"})
	}
	if err := r.poll().pass(t.Context(), r.feed()); !errors.Is(err, errRepeats) {
		t.Errorf("got %v", err)
	}
	r.expect("0 started, 1 started, 2 started", "0 start, 1 start, 2 start")
	if n := len(r.desk.questions); n > 7 {
		t.Errorf("%d questions", n)
	}
}

// While the list is read, tickets are edited, so that its pages shift. None is missed.
func TestPagesShift(t *testing.T) {
	for _, whole := range []bool{true, false} {
		at := time.Unix(1772442000, 0)
		r := newRig(t, &stubTicket{ID: "first", Kind: "lunch"})
		r.desk.clock = func() time.Time { return at }
		r.desk.put(stubTicket{ID: "first", Kind: "lunch"})
		p := r.poll()
		r.pass(p)
		for n := range 12 {
			at = at.Add(time.Second)
			r.desk.put(stubTicket{ID: fmt.Sprint(n), Kind: "start", Who: "Dana"})
		}
		edited := 0
		r.desk.between = func() {
			if edited < 6 { // the first ones move to the end
				at = at.Add(time.Second)
				r.desk.put(stubTicket{ID: fmt.Sprint(edited), Kind: "start", Who: "Kim"})
				edited++
			}
		}
		if whole {
			p.swept = time.Time{}
		}
		r.pass(p)
		if got := strings.Count(r.onRecord(), " start"); got != 12 {
			t.Errorf("all tickets: %t; %d were started: %s", whole, got, r.onRecord())
		}
	}
}

// The cursor moves back only in a pass over all tickets: in others the newest may have left the list.
func TestTheCursorMovesBack(t *testing.T) {
	at := time.Unix(1772442000, 0)
	r := newRig(t)
	r.desk.clock = func() time.Time { return at }
	p := r.poll()
	since := func() string {
		asked := len(r.desk.questions)
		r.pass(p)
		return r.desk.questions[asked].Since.UTC().Format(time.TimeOnly)
	}
	r.desk.put(stubTicket{ID: "1", Kind: "lunch"})
	at = at.Add(4 * time.Minute)
	r.desk.put(stubTicket{ID: "2", Kind: "lunch"})
	r.pass(p)
	if got, want := since(), "08:59:00"; got != want {
		t.Errorf("asked since %s, want %s", got, want)
	}
	r.desk.put(stubTicket{ID: "2", Kind: "lunch", Status: "Closed"})
	for range 2 {
		if got, want := since(), "08:59:00"; got != want {
			t.Errorf("after the newest has left: asked since %s, want %s", got, want)
		}
	}
	p.swept = time.Time{}
	r.pass(p)
	if got, want := since(), "08:55:00"; got != want {
		t.Errorf("after a pass over all tickets: asked since %s, want %s", got, want)
	}
}

// The cursor follows the desk's clock, which may be wrong, and may be put back.
func TestTheDesksClock(t *testing.T) {
	for _, shift := range []time.Duration{0, -90 * 24 * time.Hour, 10 * 365 * 24 * time.Hour} {
		at := time.Now().Add(shift)
		r := newRig(t)
		r.desk.clock = func() time.Time { return at }
		p := r.poll()
		for n := range 5 {
			at = at.Add(7 * time.Minute)
			r.desk.put(stubTicket{ID: fmt.Sprint(n), Kind: "start", Who: "Dana"})
			r.pass(p)
		}
		asked := r.desk.questions[len(r.desk.questions)-1]
		if got := strings.Count(r.onRecord(), " start"); got != 5 || asked.Since.IsZero() {
			t.Errorf("shifted by %s: %d tickets were started; the last question %+v", shift, got, asked)
		}
		at = at.Add(-3 * time.Hour) // it is put back
		r.desk.put(stubTicket{ID: "late", Kind: "start", Who: "Dana"})
		p.swept = p.swept.Add(-sweepEvery)
		r.pass(p)
		if got := strings.Count(r.onRecord(), "late start"); got != 1 {
			t.Errorf("shifted by %s: after the clock was put back, %d runs: %s", shift, got, r.onRecord())
		}
	}
}

// In the second of the cursor a ticket may change once more.
func TestAnEditInTheSameSecond(t *testing.T) {
	at := time.Unix(1772442000, 0)
	r := newRig(t)
	r.desk.clock = func() time.Time { return at }
	p := r.poll()
	r.desk.put(stubTicket{ID: "1", Kind: "start"})
	r.desk.put(stubTicket{ID: "2", Kind: "lunch"})
	r.pass(p)
	r.expect("1 unfit, 2 ignored", "1 intake-note")
	r.desk.put(stubTicket{ID: "1", Kind: "start", Who: "Dana"})
	r.desk.put(stubTicket{ID: "2", Kind: "start", Who: "Dana"})
	r.pass(p)
	r.expect("1 started, 2 started", "1 intake-note, 1 start, 2 start")
}

// If the rules change, tickets that were ignored are looked at again.
func TestNewRules(t *testing.T) {
	at := time.Unix(1772442000, 0)
	r := newRig(t)
	r.desk.clock = func() time.Time { return at }
	r.desk.put(stubTicket{ID: "1", Kind: "lunch"})
	at = at.Add(time.Hour)
	r.desk.put(stubTicket{ID: "2", Kind: "lunch"})
	p := r.poll()
	r.pass(p)
	r.expect("1 ignored, 2 ignored", "")
	f := r.feed()
	f.Judge = func(data json.RawMessage) (Ruling, bool, error) {
		return judgeStub([]byte(strings.ReplaceAll(strings.ReplaceAll(string(data), "lunch", "start"), `"who":""`, `"who":"Dana"`)))
	}
	if err := p.pass(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	r.expect("2 started", "2 start") // its time is within the overlap
	f.Version = "2"
	if err := p.pass(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	r.expect("1 started", "1 start, 2 start")
}

// A taker that refuses a ticket.
type refusing struct {
	Taker
	ticket string
	code   engine.RefusalCode
}

func (f *refusing) Take(ctx context.Context, t engine.Taking) ([]engine.Taken, error) {
	taken := make([]engine.Taken, len(t.Tickets))
	for i, o := range t.Tickets {
		if o.Ticket == f.ticket && f.code != "" {
			taken[i].Refusal = &engine.Refusal{Code: f.code}
			return taken, nil
		}
	}
	return f.Taker.Take(ctx, t)
}

// A ticket of which nobody can say whether it may start keeps no other from starting, and is tried
// again.
func TestARefusedTicket(t *testing.T) {
	at := time.Unix(1772442000, 0)
	r := newRig(t)
	r.desk.clock = func() time.Time { return at }
	for n := range 4 {
		at = at.Add(time.Hour)
		r.desk.put(stubTicket{ID: fmt.Sprint(n), Kind: "start", Who: "Dana"})
	}
	p := r.poll()
	f := &refusing{Taker: p.clerk.Taker, ticket: "1", code: engine.RefusedUnread}
	p.clerk.Taker = f
	r.pass(p)
	r.pass(p)
	r.expect("0 started, 1 failed, 2 started, 3 started", "0 start, 2 start, 3 start")
	f.code = ""
	r.pass(p)
	r.expect("1 started", "0 start, 1 start, 2 start, 3 start")
}

// The text of a note.
func TestNote(t *testing.T) {
	r := Ruling{Rule: "start\u202e", Workflow: workflows()["start"], Misfits: []string{"a: \x1b[31mred", strings.Repeat("x", 600)}}
	got := unfitNote("ism", r)
	for _, want := range []string{"Intake did not start the workflow start", "Source: ism", "- a: \ufffd[31mred", strings.Repeat("x", 500) + "…", "The request stays open."} {
		if !strings.Contains(got, want) {
			t.Errorf("the note lacks %q:\n%s", want, got)
		}
	}
	if strings.ContainsAny(got, "\x1b\u202e") || strings.Contains(got, strings.Repeat("x", 501)) {
		t.Errorf("the note is\n%s", got)
	}
	for range 100 {
		r.Misfits = append(r.Misfits, "b: no")
	}
	if got := unfitNote("ism", r); strings.Count(got, "\n- ") != mostReasons+1 {
		t.Errorf("the note is\n%s", got)
	}
}
