package golden_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/task"
	"errand/tasks"
	"errand/tasks/sandbox"
)

// The events of every recorded journal have one order: what comes after an event is the same rest
// of the list for every event, in another process too, and an event that was told when the record
// was shorter has the same id in the whole record.
func TestEventsOfRecordedJournals(t *testing.T) {
	files, err := filepath.Glob(corpus + "/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d journals: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			run, entries, _ := kept(t, file)
			all := eventsOf(t, run, entries, engine.EventID{})
			if len(all) < 3 {
				t.Fatalf("%d events", len(all))
			}
			ids := map[engine.EventID]string{}
			for i, e := range all {
				if i > 0 && e.ID.Compare(all[i-1].ID) <= 0 {
					t.Errorf("event %s comes after %s", e.ID, all[i-1].ID)
				}
				ids[e.ID] = e.String()
				if rest := eventsOf(t, run, entries, e.ID); !reflect.DeepEqual(rest, all[i+1:]) && len(rest)+len(all[i+1:]) > 0 {
					t.Errorf("after %s there are %d events, not %d", e.ID, len(rest), len(all[i+1:]))
				}
			}
			for n := range entries {
				shorter := run
				shorter.State = journal.State{Status: engine.Waiting}
				for _, e := range eventsOf(t, shorter, entries[:n], engine.EventID{}) {
					if ids[e.ID] != e.String() {
						t.Errorf("after %d entries event %s was %q, and is %q", n, e.ID, e, ids[e.ID])
					}
				}
			}
		})
	}
}

// eventsOf reads a run's events from a journal of its own, as another process would.
func eventsOf(t *testing.T, run journal.Run, entries []journal.Entry, after engine.EventID) []engine.Event {
	t.Helper()
	j := journal.NewMemory()
	if err := j.Commit(t.Context(), journal.Change{Run: run.ID, Create: &run, Entries: entries, State: run.State}); err != nil {
		t.Fatal(err)
	}
	r := &local.Runner{Journal: j, Registry: tasks.Registry(task.Environment{Credentials: sandbox.Credentials{}, Transport: silent{t}})}
	events, err := r.Events(t.Context(), run.ID, after)
	if err != nil {
		t.Fatal(err)
	}
	return events
}
