package golden_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/goldenfile"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/task"
	"errand/tasks"
	"errand/tasks/sandbox"
)

// The files in testdata/journal are runs on record, as versions of Errand wrote them. A later
// version resumes the runs that an earlier one parked, so each file must always replay to its trace
// and its result. -update writes missing files and changes no other: a version that records
// differently gets new files beside the old ones.
//
//	run.json         the row of the run
//	definition.yaml  its definition
//	entries          the entries of the journal, one a line
//	trace            the events of a replay
//	result.json      the result of the replay
const corpus = "../../testdata/journal"

// replayed replays a run from a new journal. No request may be sent.
//
// An older program did not put decisions into a result: without tellsDecisions they are left out.
func replayed(t *testing.T, run journal.Run, entries []journal.Entry, tellsDecisions bool) (trace, result string) {
	t.Helper()
	v := looked(t, run, entries)
	for i := range v.Steps {
		if !tellsDecisions {
			v.Steps[i].Decisions = nil
		}
	}
	var b strings.Builder
	for _, e := range v.Events {
		fmt.Fprintf(&b, "+%s %s\n", e.At.Sub(run.Started), e)
	}
	data, err := json.MarshalIndent(v.Result, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), string(data) + "\n"
}

// looked returns the record of a run after some of its entries.
func looked(t *testing.T, run journal.Run, entries []journal.Entry) engine.Record {
	t.Helper()
	j := journal.NewMemory()
	c := journal.Change{Run: run.ID, Create: &run, Entries: entries, State: run.State}
	if err := j.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	r := &local.Runner{Journal: j, Registry: tasks.Registry(task.Environment{Credentials: sandbox.Credentials{}, Transport: silent{t}})}
	v, err := r.Record(t.Context(), run.ID)
	if err != nil {
		t.Fatalf("after %d entries: %v", len(entries), err)
	}
	return v
}

type silent struct{ t *testing.T }

func (s silent) RoundTrip(*http.Request) (*http.Response, error) {
	s.t.Error("a replay sends a request")
	return nil, errors.New("a replay sends nothing")
}

// sameButForNulls compares a result with one of an older program. A task type may have outputs now
// that it did not have then: these are null.
func sameButForNulls(t *testing.T, now, then []byte) bool {
	t.Helper()
	var after, before any
	if err := errors.Join(json.Unmarshal(now, &after), json.Unmarshal(then, &before)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(withoutNewNulls(after, before), before)
}

func withoutNewNulls(after, before any) any {
	switch now := after.(type) {
	case map[string]any:
		then, _ := before.(map[string]any)
		for name, value := range now {
			if _, known := then[name]; value == nil && !known {
				delete(now, name)
			} else {
				now[name] = withoutNewNulls(value, then[name])
			}
		}
	case []any:
		if then, _ := before.([]any); len(then) == len(now) {
			for i := range now {
				now[i] = withoutNewNulls(now[i], then[i])
			}
		}
	}
	return after
}

// Every recorded journal replays, whole and up to each of its entries.
func TestRecordedJournals(t *testing.T) {
	if goldenfile.Updating() {
		for _, what := range recordings {
			file := filepath.Join(corpus, fmt.Sprintf("v%d-%s.txtar", journal.Version, what.name))
			if _, err := os.Stat(file); err == nil {
				continue
			}
			if err := os.WriteFile(file, record(t, what), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := filepath.Glob(corpus + "/*.txtar")
	if err != nil || len(files) < len(recordings) {
		t.Fatalf("%d journals are kept, and %d were recorded: %v", len(files), len(recordings), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			run, entries, parts := kept(t, file)
			trace, result := replayed(t, run, entries, bytes.Contains(parts["result.json"], []byte(`"decisions"`)))
			if trace != string(parts["trace"]) {
				t.Errorf("the trace is now\n%s\nand was\n%s", trace, parts["trace"])
			}
			if !sameButForNulls(t, []byte(result), parts["result.json"]) {
				t.Errorf("the result is now\n%s\nand was\n%s", result, parts["result.json"])
			}
			for n := range entries {
				prefix := run
				prefix.State = journal.State{Status: engine.Waiting}
				replayed(t, prefix, entries[:n], true)
			}
		})
	}
}

// kept reads a file of the corpus.
func kept(t *testing.T, file string) (run journal.Run, entries []journal.Entry, parts map[string][]byte) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts = map[string][]byte{}
	for _, f := range txtar.Parse(data).Files {
		parts[f.Name] = f.Data
	}
	if err := json.Unmarshal(parts["run.json"], &run); err != nil {
		t.Fatal(err)
	}
	run.Source = parts["definition.yaml"]
	lines := strings.Split(strings.TrimSuffix(string(parts["entries"]), "\n"), "\n")
	if run.Version == 1 {
		if entries, err = journal.Upgrade(lines); err != nil {
			t.Fatal(err)
		}
		run.Version = 2
		return run, entries, parts
	}
	for _, line := range lines {
		var e journal.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return run, entries, parts
}
