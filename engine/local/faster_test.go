package local_test

import (
	"context"
	"testing"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
)

// An overtaken is the journal of a process whose messages come late: just before one is put, somebody
// else is faster.
type overtaken struct {
	journal.Journal
	by func()
}

func (o *overtaken) Put(ctx context.Context, run string, m journal.Message) error {
	o.by()
	return o.Journal.Put(ctx, run, m)
}

func (o *overtaken) Cancel(ctx context.Context, run string, m journal.Message) error {
	o.by()
	return o.Journal.Cancel(ctx, run, m)
}

// Who decides about a run, or cancels it, while somebody else's decision brings it to its end, is told so.
func TestSomebodyIsFaster(t *testing.T) {
	kim, robin := engine.Person{Name: "Kim"}, engine.Person{Name: "Robin"}
	approval := engine.Decision{Verdict: engine.VerdictApprove, By: kim}
	for _, c := range []struct {
		name string
		late func(*local.Runner, string) error
		code engine.RefusalCode
	}{
		{"decide", func(r *local.Runner, run string) error {
			return r.Decide(t.Context(), run, "ok", engine.Decision{Verdict: engine.VerdictReject, By: robin})
		}, engine.RefusedDecided},
		{"cancel", func(r *local.Runner, run string) error { return r.Cancel(t.Context(), run, robin) }, engine.RefusedEnded},
	} {
		for _, goesOn := range []bool{false, true} {
			inBubble(t, func(t *testing.T, b *bench) {
				o := b.order("steps:\n  - id: ok\n    approval: {ask: \"Go?\", by: [Kim, Robin]}\n")
				if _, err := b.process("first").Start(t.Context(), o, engine.Following{}); err != nil {
					t.Fatal(err)
				}
				slow := b.process("slow")
				slow.Journal = &overtaken{b.journal, func() {
					if err := b.process("fast").Decide(t.Context(), o.Run, "ok", approval); err != nil {
						t.Error(err)
					}
					if goesOn {
						if err := b.process("worker").Work(t.Context(), true, nil); err != nil {
							t.Error(err)
						}
					}
				}}
				err := c.late(slow, o.Run)
				switch {
				case c.name == "cancel" && !goesOn:
					if err != nil {
						t.Error(err)
					}
				case !refusedFor(err, c.code):
					t.Errorf("%s, and the run goes on: %v: %v", c.name, goesOn, err)
				}
			})
		}
	}
}
