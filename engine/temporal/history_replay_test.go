package temporal

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/goldenfile"
	"errand/engine/journal"
	"errand/engine/local"
)

// A recorded history is what a worker of another version may have left of a run: this one must come to
// the same calls and waits in the same order, and to the same record.
func TestHistoriesReplay(t *testing.T) {
	for _, file := range recordedHistories(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if err := replayHistory(file, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// Each form of a step, and each other kind, has its histories.
func TestEveryKindHasAHistory(t *testing.T) {
	for _, form := range definition.Forms() {
		if !slices.ContainsFunc(historyKinds, func(k historyKind) bool { return k.name == "form-"+form.Name }) {
			t.Errorf("historyKinds has nothing for the form %s", form.Name)
		}
	}
	files := recordedHistories(t)
	for _, k := range historyKinds {
		for _, file := range k.historyFiles() {
			if !slices.Contains(files, file) {
				t.Errorf("there is no %s; with -update and -temporal TestRecordHistories makes it", file)
			}
		}
	}
}

// recordedHistories returns the files, also those of kinds that are not recorded any more.
func recordedHistories(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(historyFolder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	return files
}

// replayHistory replays the history in a file. wrap, if it is not nil, changes the interpreter. An error
// names the file.
func replayHistory(file string, wrap func(engine.Host) engine.Host) error {
	if err := replay(file, wrap); err != nil {
		return fmt.Errorf("%s does not replay: %w", file, err)
	}
	return nil
}

func replay(file string, wrap func(engine.Host) engine.Host) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	history, err := client.HistoryFromJSON(bytes.NewReader(data), client.HistoryJSONOptions{})
	if err != nil {
		return err
	}
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DisableDeadlockDetection: true})
	if err != nil {
		return err
	}
	var last *ledger
	flows := &workflows{registry: historyRegistry(), programs: &local.Programs{}, limits: usualLimits, prepare: func(_ workflow.Context, l *ledger) {
		l.wrap, last = wrap, l
	}}
	replayer.RegisterWorkflowWithOptions(flows.run, workflow.RegisterOptions{Name: workflowName})
	replayer.RegisterWorkflowWithOptions(lock, workflow.RegisterOptions{Name: lockName})
	options := worker.ReplayWorkflowHistoryOptions{OriginalExecution: workflow.Execution{RunID: executionOf(history)}}
	if err := replayer.ReplayWorkflowHistoryWithOptions(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), history, options); err != nil {
		return err
	}
	if last == nil {
		return nil // the history of a lock
	}
	return sameRecord(history, last)
}

// executionOf returns the execution that a reset made, or "" if there was none: the replayer takes it for
// the first one then.
func executionOf(history *historypb.History) (execution string) {
	for _, e := range history.GetEvents() {
		if made := e.GetWorkflowTaskFailedEventAttributes().GetNewRunId(); made != "" {
			execution = made
		}
	}
	return execution
}

// sameRecord returns an error unless a replayed run has the record that its workflow passed on: the
// replayer compares the calls and waits, and neither what is sent nor what comes of it.
func sameRecord(history *historypb.History, l *ledger) error {
	end := history.GetEvents()[len(history.GetEvents())-1]
	passed := end.GetWorkflowExecutionCompletedEventAttributes().GetResult()
	if end.GetEventType() == enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW {
		passed = end.GetWorkflowExecutionContinuedAsNewEventAttributes().GetInput()
	}
	if passed == nil {
		return nil // the workflow has not passed a record on
	}
	var recorded Record
	if err := converter.GetDefaultDataConverter().FromPayloads(passed, &recorded); err != nil {
		return err
	}
	replayed := l.record(recorded)
	if end.GetEventType() == enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW {
		replayed.State = l.published
	}
	want, err := lines(recorded)
	if err != nil {
		return err
	}
	got, err := lines(replayed)
	if err != nil {
		return err
	}
	if want != got {
		return fmt.Errorf("the record differs:\n%s", goldenfile.Difference(want, got))
	}
	return nil
}

// lines returns the JSON of a record with one line for each entry.
func lines(r Record) (string, error) {
	entries := r.Entries
	r.Entries = nil
	all := strings.Builder{}
	head, err := r.plainJSON()
	all.Write(head)
	for _, e := range entries {
		text, failed := Record{Entries: []journal.Entry{e}}.plainJSON()
		if failed != nil {
			err = failed
		}
		all.Write(text)
	}
	return all.String(), err
}
