package temporal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/encoding/protojson"

	"errand/engine"
	"errand/engine/goldenfile"
	"errand/engine/temporal/temporaltest"
)

// historyFolder has the recorded histories. Their payloads are not encrypted.
const historyFolder = "testdata/histories"

// historyFiles returns the files of a kind.
func (k historyKind) historyFiles() []string {
	files := []string{filepath.Join(historyFolder, k.name+".json")}
	for n := 2; n <= k.files; n++ {
		files = append(files, filepath.Join(historyFolder, fmt.Sprintf("%s-%d.json", k.name, n)))
	}
	return files
}

// TestRecordHistories records the histories that have no file yet, with -update and -temporal. It never
// replaces one.
func TestRecordHistories(t *testing.T) {
	if !goldenfile.Updating() {
		t.Skip("with -update and -temporal this test records histories that have no file")
	}
	var missing []historyKind
	for _, k := range historyKinds {
		if _, err := os.Stat(k.historyFiles()[0]); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, k)
		}
	}
	if len(missing) == 0 {
		return
	}
	usual := install(t, temporaltest.Options{ShortestTimer: time.Millisecond})
	continuing := install(t, temporaltest.Options{ShortestTimer: time.Millisecond, SuggestContinueAsNewAfter: 40})
	for _, k := range missing {
		at := usual
		if k.continues {
			at = continuing
		}
		t.Run(k.name, func(t *testing.T) { k.record(t, at) })
	}
}

// record carries out a run of the kind, and writes its histories.
func (k historyKind) record(t *testing.T, at *installation) {
	registry := historyRegistry()
	c, err := client.Dial(client.Options{HostPort: at.server.Address(), Namespace: temporaltest.Namespace, Identity: "the test", Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	must(t, err)
	defer c.Close()
	r := &Runner{
		Client: c, Namespace: temporaltest.Namespace, TaskQueue: k.name, Registry: registry, Converter: converter.GetDefaultDataConverter(),
		About: "the test", Worker: WorkerOptions{Drain: 5 * time.Second}, limits: usualLimits,
	}
	if k.name == "interrupted" {
		r.limits = interruptedLimits
	}
	stop := work(t, r)
	defer stop()
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	o := engine.Order{Run: "recorded00000000", Request: k.name, Program: k.program(t, registry), Inputs: map[string]any{}}
	_, err = r.Accept(ctx, o)
	must(t, err)
	first, err := r.describe(ctx, o.Run)
	must(t, err)
	k.carryOut(ctx, t, r, o.Run)
	executions := []string{first.execution()}
	switch {
	case k.retry != "":
		must(t, r.Retry(ctx, o.Run, engine.Retry{From: k.retry, By: engine.Person{Name: "Kim"}}))
		k.carryOut(ctx, t, r, o.Run)
	case k.reset:
		// After the second step has begun: its call is made again.
		must(t, reset(ctx, r, o.Run, "", func(int) int { return 1 }))
		k.carryOut(ctx, t, r, o.Run)
	}
	if last, err := r.describe(ctx, o.Run); err == nil && last.execution() != first.execution() {
		executions = append(executions, last.execution())
	}
	for i, execution := range executions {
		writeHistory(ctx, t, r, flowID(o), execution, k.historyFiles()[i])
	}
	if k.key != "" {
		must(t, r.Client.GetWorkflow(ctx, lockID(k.key), "").Get(ctx, nil))
		writeHistory(ctx, t, r, lockID(k.key), "", k.historyFiles()[1])
	}
}

// carryOut follows a run to its end. Persons do what the kind says.
func (k historyKind) carryOut(ctx context.Context, t *testing.T, r *Runner, run string) {
	t.Helper()
	by := engine.Person{Name: "Kim"}
	for k.cancel {
		v, err := r.Read(ctx, run)
		must(t, err)
		if len(v.Questions) > 0 && len(v.Waits) == 2 { // both branches wait
			if k.operator {
				f, err := r.describe(ctx, run)
				must(t, err)
				must(t, r.Client.CancelWorkflow(ctx, f.id, ""))
			} else {
				must(t, r.Cancel(ctx, run, by))
			}
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	for {
		v, err := r.Follow(ctx, run, engine.Following{})
		must(t, err)
		if !v.Ended.IsZero() {
			return
		}
		must(t, ctx.Err())
		for _, q := range v.Questions {
			if verdict := k.answers[q.Step]; verdict != "" {
				must(t, r.Decide(ctx, run, q.Step, engine.Decision{Verdict: verdict, By: by, Comment: "yes & <no>"}))
			}
		}
	}
}

// writeHistory writes the history of an execution, one event a line.
func writeHistory(ctx context.Context, t *testing.T, r *Runner, flow, execution, file string) {
	t.Helper()
	var out bytes.Buffer
	separator := `{"events": [`
	for it := r.Client.GetWorkflowHistory(ctx, flow, execution, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		must(t, err)
		text, err := protojson.Marshal(e)
		must(t, err)
		out.WriteString(separator + "\n")
		must(t, json.Compact(&out, text)) // the encoder adds blanks at random
		separator = ","
	}
	out.WriteString("\n]}\n")
	must(t, os.MkdirAll(historyFolder, 0o755))
	must(t, os.WriteFile(file, out.Bytes(), 0o644))
}
