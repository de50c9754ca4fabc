package cmd_test

import (
	"fmt"
	"slices"
	"testing"
)

// A process is killed while one of its requests is under way, and another process continues the
// run. The test does this for each request that asks for a change: once so that the request never
// arrives, and once so that its answer is lost. In the end each effect took place once.
func TestKilledDuringACall(t *testing.T) {
	for _, w := range sampleWorkflows(t) {
		t.Run(w.title(), func(t *testing.T) {
			t.Parallel()
			calm := w.undisturbed(t)
			var points int
			var uncertain, reboots []string
			for i, name := range w.effects {
				for _, answered := range []bool{false, true} {
					point := fmt.Sprintf("%d %s, arrived %t", i+1, name, answered)
					t.Run(point, func(t *testing.T) {
						s := newScene(t, w.world)
						behind, gate := s.withGate(t, i+1, answered)
						p, held := behind.runUntilHeld(t, w, gate)
						if held != name && !w.parallel {
							t.Fatalf("the request asks for %s, want %s", held, name)
						}
						p.kill(t)
						points++
						if held == "RebootInstances" {
							reboots = append(reboots, point)
						}
						args := w.run()
						if answered == (i%2 == 0) {
							args = []string{"runs", "resume", "100-291", "-o", "json"}
						}
						o, doubts := s.finish(t, w, s.errand(t, args...))
						if len(doubts) > 0 {
							uncertain = append(uncertain, point)
						}
						calm.check(t, s, o)
					})
				}
			}
			t.Logf("killed during %d calls, and uncertain at %d", points, len(uncertain))
			if points != 2*len(w.effects) || !slices.Equal(uncertain, reboots) || len(reboots) != 2*len(w.reboots) {
				t.Errorf("killed during %d calls, and uncertain at %q; want %q", points, uncertain, reboots)
			}
		})
	}
}
