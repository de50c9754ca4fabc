package intake

import (
	"testing"
	"testing/synctest"

	"errand/engine"
)

// The runs of tickets, of webhooks and of notes have the address of their page. A run that exists
// keeps its own.
func TestRunURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t)
		r.console = "https://errand.example.com"
		r.desk.put(stubTicket{ID: "1", Kind: "start", Who: "Dana"})
		r.desk.put(stubTicket{ID: "2", Kind: "start"})
		r.pass(r.poll())
		r.send("m1", ticketJSON("3", "start", "Dana"))
		r.console = ""
		r.pass(r.poll())
		r.send("m2", ticketJSON("3", "start", "Dana"))
		r.send("m3", ticketJSON("4", "start", "Dana"))
		views, err := r.runner().List(t.Context(), engine.Query{})
		if err != nil || len(views) != 4 {
			t.Fatalf("there are %d runs, %v", len(views), err)
		}
		for _, v := range views {
			want := "https://errand.example.com/runs/" + v.Run
			if v.Request == "4" {
				want = ""
			}
			if v.URL != want {
				t.Errorf("the %s of ticket %s has the address %q, want %q", v.Workflow, v.Request, v.URL, want)
			}
		}
	})
}
