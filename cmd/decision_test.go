package cmd_test

import "testing"

// One process decides while another process, which runs the workflow, waits for the decision. The
// run ends as the undisturbed run does, whichever process continues it. This also holds if the
// deciding process is killed just before or just after it commits the decision; after the commit,
// only the waiting process can continue the run.
func TestDecidedWhileAProcessWaits(t *testing.T) {
	const times = 5
	w := forms[1]
	calm := w.undisturbed(t)
	for _, c := range []struct{ name, point string }{
		{"by a process that is not killed", ""},
		{"by a process that is killed before the commit", "1 before"},
		{"by a process that is killed after the commit", "1 after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for range times {
				s := newScene(t, w.world)
				waits := s.start(t, append(w.run(), "--wait")...)
				if !s.waitUntilParked(t, waits) {
					t.Fatalf("the run does not wait: %+v", waits.end(t))
				}
				if c.point != "" {
					if o := s.withVariable(killVariable+"="+c.point).errand(t, w.part(1)...); !o.killed {
						t.Fatalf("exit code %d: %s", o.code, o.stderr)
					}
				}
				if c.point == "1 after" {
					calm.check(t, s, waits.end(t))
					continue
				}
				// The run still waits.
				w.asks(t, s.errand(t, "runs", "show", "100-291", "-o", "json"))
				s.share(t, calm, [2]*process{waits, s.start(t, w.part(1)...)})
			}
		})
	}
}
