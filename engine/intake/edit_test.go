package intake

import (
	"testing"
	"time"
)

// A ticket that has a run, and would start another workflow or the same one with other values, is told
// as a conflict once for each change. It gets no note.
func TestAnEditAfterTheStart(t *testing.T) {
	at := time.Unix(1772442000, 0)
	r := newRig(t)
	r.desk.clock = func() time.Time { return at }
	p := r.poll()
	for _, c := range []struct{ name, kind, who, told string }{
		{"new", "start", "Dana", "1 started"},
		{"another description", "start", "Dana", ""},
		{"another workflow", "stop", "Dana", "1 conflict"},
		{"another value", "start", "Kim", "1 conflict"},
		{"no value", "start", "", ""},
		{"as at the start", "start", "Dana", ""},
	} {
		at = at.Add(time.Minute)
		r.desk.put(stubTicket{ID: "1", Kind: c.kind, Who: c.who})
		for range 3 {
			r.pass(p)
		}
		if got := r.told(); got != c.told {
			t.Errorf("%s: told %q, expected %q", c.name, got, c.told)
		}
	}
	r.expect("", "1 start")
}
