package cmd

import (
	"context"
	"fmt"
)

// crash repeats the cases that passed, with a crash at every point. It adds the problems to their
// verdicts.
func (t *suite) crash(ctx context.Context) {
	points, doubts := 0, 0
	for i, v := range t.verdicts {
		if !v.Passed() {
			continue
		}
		all, err := t.bench.CrashEverywhere(ctx, v.Case)
		if err != nil {
			t.verdicts[i].Err = err
			continue
		}
		points, doubts = points+all.Points, doubts+all.Doubts
		t.verdicts[i].Wrong = append(t.verdicts[i].Wrong, all.Wrong...)
	}
	t.others = append(t.others, fmt.Sprintf("%d crashes (a person is asked after %d)", points, doubts))
}
