package cmd_test

import (
	"fmt"
	"slices"
	"testing"
)

// A run is killed while a request of it is under way, and another process goes on with it: for each request that asks for a change, once
// when the request has left and never arrives, and once when it took effect and its answer never arrives. In the end it took effect once.
func TestKilledDuringACall(t *testing.T) {
	for _, w := range shipped {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			calm := w.undisturbed(t)
			var points int
			var uncertain []string
			for i, name := range w.effects {
				for _, answered := range []bool{false, true} {
					point := fmt.Sprintf("%s, arrived %t", name, answered)
					t.Run(point, func(t *testing.T) {
						s := newScene(t, w.world)
						behind, gate := s.through(t, i+1, answered)
						p := behind.start(t, w.run()...)
						if held := gate.wait(p.over); held != name {
							t.Fatalf("the request asks for %s, want %s", held, name)
						}
						p.kill(t)
						points++
						args := w.run()
						if answered == (i%2 == 0) {
							args = []string{"runs", "resume", "100-291", "-o", "json"}
						}
						o := s.errand(t, args...)
						if o.code == 4 {
							uncertain = append(uncertain, point)
							o = s.judge(t, o)
						}
						calm.check(t, s, o)
					})
				}
			}
			t.Logf("killed during %d calls", points)
			var want []string
			if w.name == "restart-instance" {
				want = []string{"RebootInstances, arrived false", "RebootInstances, arrived true"}
			}
			if points != 2*len(w.effects) || !slices.Equal(uncertain, want) {
				t.Errorf("killed during %d calls, and uncertain at %q; want %q", points, uncertain, want)
			}
		})
	}
}
