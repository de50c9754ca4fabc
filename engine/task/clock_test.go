package task_test

import (
	"net/http"
	"testing"
	"time"

	"errand/engine/task"
)

// Of several answers, the one whose date is nearest counts: the others took longer.
func TestClock(t *testing.T) {
	ctx, clock := task.WatchClock(t.Context())
	task.NoteDate(ctx, http.Header{})
	task.NoteDate(ctx, http.Header{"Date": {"yesterday"}})
	task.NoteDate(t.Context(), http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}) // of nobody's clock
	if ahead, known := clock.Ahead(); known {
		t.Errorf("without a date, the clock is %s ahead", ahead)
	}
	for _, off := range []time.Duration{3 * time.Hour, -2 * time.Hour, 4 * time.Hour} {
		task.NoteDate(ctx, http.Header{"Date": {time.Now().Add(-off).UTC().Format(http.TimeFormat)}})
	}
	if ahead, known := clock.Ahead(); !known || ahead.Round(time.Hour) != -2*time.Hour {
		t.Errorf("the clock is %s ahead (%t), want 2h behind", ahead, known)
	}
}
