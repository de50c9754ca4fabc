package cmd_test

import "testing"

// A decision is made by a process of its own while the one that runs the workflow waits for it. Whichever of the two goes on, the run comes
// to what it comes to undisturbed; and so it does where the process that decides is killed just before the decision is on record, or just
// after, when the one that waits is the only one left.
func TestDecidedWhileAProcessWaits(t *testing.T) {
	const times = 5
	w := forms[1]
	calm := w.undisturbed(t)
	for _, c := range []struct{ name, point string }{
		{"by a process that lives", ""},
		{"by one that dies before the decision is on record", "1 before"},
		{"by one that dies after it is", "1 after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for range times {
				s := newScene(t, w.world)
				waits := s.start(t, append(w.run(), "--wait")...)
				if !s.parked(t, waits) {
					t.Fatalf("it does not wait: %+v", waits.end(t))
				}
				if c.point != "" {
					if o := s.with(killVariable+"="+c.point).errand(t, w.part(1)...); !o.killed {
						t.Fatalf("exit code %d: %s", o.code, o.stderr)
					}
				}
				if c.point == "1 after" {
					calm.check(t, s, waits.end(t))
					continue
				}
				w.asks(t, s.errand(t, "runs", "show", "100-291", "-o", "json")) // still
				s.share(t, calm, [2]*process{waits, s.start(t, w.part(1)...)})
			}
		})
	}
}
