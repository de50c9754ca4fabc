package golden

import (
	"testing"

	"errand/engine/program"
)

// A mock names a step by its key, in which [] stands for every item of a loop.
func TestMocksNameSteps(t *testing.T) {
	for _, c := range []struct {
		mock, step program.Key
		want       bool
	}{
		{"start", "start", true},
		{"start", "restart", false},
		{"fleet[].restart", "fleet[12].restart", true},
		{"fleet[0].restart", "fleet[0].restart", true},
		{"fleet[0].restart", "fleet[1].restart", false},
		{"fleet[].steps[0].undo[0]", "fleet[3].steps[0].undo[0]", true},
		{"fleet[].steps[0].undo[0]", "fleet[3].steps[1].undo[0]", false},
		{"fleet[].restart", "fleet[0]xrestart", false},
	} {
		if got := (&Mock{Step: c.mock}).names(c.step); got != c.want {
			t.Errorf("%s names %s: %v", c.mock, c.step, got)
		}
	}
}
