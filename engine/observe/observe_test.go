package observe_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/credential"
	"errand/engine/goldenfile"
	"errand/engine/observe"
	"errand/engine/observe/observetest"
	"errand/engine/task"
)

// Every event says what the run is, and the event of a task's step which task it is. What an earlier
// process has told is old.
func TestObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := observetest.NewHome(t)
		h.Accept("slow", "slow")
		h.Accept("flaky", "flaky")
		var first, second []observe.Observed
		h.Work(time.Minute, observe.New(func(o observe.Observed) { first = append(first, o) }).Watch)
		time.Sleep(time.Hour)
		began := time.Now()
		h.Work(time.Minute, observe.New(func(o observe.Observed) { second = append(second, o) }).Watch)
		told := func(all []observe.Observed, fresh bool) (lines []string) {
			for _, o := range all {
				if o.Run.Workflow != o.Run.ID || o.Run.Request != "1"+o.Run.ID || o.Run.Began.IsZero() {
					t.Errorf("the run of %s is %+v", o.Event.Kind, o.Run)
				}
				if o.Event.Again != (o.Event.At.Before(began) && !fresh) {
					t.Errorf("%s at %s: old is %t", o.Event.Kind, o.Event.At, o.Event.Again)
				}
				if isOfTask := o.Event.Step != ""; isOfTask != (o.Event.Task != "") {
					t.Errorf("the task of %s is %q", o.Event.Kind, o.Event.Task)
				}
				if !o.Event.Again {
					lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", o.Run.ID, o.Event.Kind, o.Event.Step)))
				}
			}
			return lines
		}
		lines := told(first, true)
		if !slices.Contains(lines, "flaky run_ended") || !slices.Contains(lines, "slow step_waits wait") {
			t.Errorf("the first process told %q", lines)
		}
		want := []string{"slow step_succeeded wait", "slow step_started last", "slow step_succeeded last", "slow run_ended"}
		if got := told(second, false); !slices.Equal(got, want) || len(second) <= len(got) {
			t.Errorf("the second process told %q as new, expected %q", got, want)
		}
	})
}

// What a process tells of runs is new if no process had begun them before, however long they waited
// for one; and comes again if one had, even if nothing is on record but that the run waits.
func TestWhatComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := observetest.NewHome(t)
		h.Accept("greet", "greet")
		h.Accept("ask", "ask")
		time.Sleep(time.Hour)
		worked := func() string {
			var fresh []string
			h.Work(time.Minute, func(e engine.Event) {
				if !e.Again {
					fresh = append(fresh, fmt.Sprint(e.Run, " ", e.Kind))
				}
			})
			slices.Sort(fresh)
			time.Sleep(time.Hour)
			return strings.Join(fresh, ", ")
		}
		for i, want := range []string{
			"ask run_started, ask step_asks, ask step_started, greet run_ended, greet run_started, greet step_started, greet step_succeeded",
			"", // nothing is due
			"ask run_ended, ask step_decided, ask step_started, ask step_succeeded, ask step_succeeded",
		} {
			if i == 2 {
				decision := engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "kim", Groups: []string{"operators"}}}
				if err := h.Runner().Decide(t.Context(), "ask", "ok", decision); err != nil {
					t.Fatal(err)
				}
			}
			if got := worked(); got != want {
				t.Errorf("process %d tells %s as new; expected %s", i+1, got, want)
			}
		}
	})
}

// A run that is retried is known, although nothing is told that was before.
func TestARetriedRunIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := observetest.NewHome(t)
		h.Accept("refused", "refused")
		h.Work(time.Minute, nil)
		time.Sleep(time.Hour)
		w := observe.New(func(o observe.Observed) {
			if o.Run.Workflow != "refused" || o.Run.Request != "1refused" || o.Event.Again {
				t.Errorf("the run of %s is %+v", o.Event.Kind, o.Run)
			}
		})
		ended := 0
		h.Cleanup(func() {
			if ended != 1 {
				t.Errorf("%d ends were told", ended)
			}
		})
		go func() {
			time.Sleep(time.Second)
			if err := h.Runner().Retry(t.Context(), "refused", engine.Retry{By: engine.Person{Name: "kim"}}); err != nil {
				t.Error(err)
			}
		}()
		h.Work(time.Minute, func(e engine.Event) {
			if e.Kind == engine.EventRunEnded {
				ended++
			}
			w.Watch(e)
		})
	})
}

// What a service logs of runs that come to different ends. testdata/runs.txt is the log.
func TestLogOfRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := observetest.NewHome(t)
		var b bytes.Buffer
		log, err := observe.NewLogger(&b, observe.LogConfig{Format: observe.LogText, Level: "debug"})
		if err != nil {
			t.Fatal(err)
		}
		for _, workflow := range []string{"greet", "flaky", "refused", "doubtful", "ask", "slow"} {
			h.Accept(workflow, workflow)
			h.Work(10*time.Second, observe.New(observe.LogRuns(log)).Watch)
		}
		for line := range strings.Lines(b.String()) {
			if strings.Contains(line, "a value of an input") || strings.Contains(line, "hello") && !strings.Contains(line, "succeeded") {
				t.Errorf("the log has an input: %s", line)
			}
		}
		goldenfile.Check(t, "testdata/runs.txt", b.Bytes())
	})
}

// A stranger is what a program may pass to a log.
type stranger struct {
	Name string
	More map[string]any
}

type talker string

func (s talker) String() string { return "it is " + string(s) }

// No form of a log shows a secret, wherever it is in a record and whenever the mask has learnt it.
func TestLogsMaskSecrets(t *testing.T) {
	const early, late = "canary-\"early\"-3f9c2e", "canary-late-77aa01"
	for _, format := range []string{observe.LogText, observe.LogJSON} {
		mask := &credential.Mask{}
		mask.Add(task.NewSecret(early))
		var b bytes.Buffer
		log, err := observe.NewLogger(&b, observe.LogConfig{Format: format, Mask: mask})
		if err != nil {
			t.Fatal(err)
		}
		bound := log.With("bound", late, slog.Group("in", "bound", late)).WithGroup("group").With("inner", []string{late})
		mask.Add(task.NewSecret(late))
		for _, secret := range []string{early, late} {
			for _, l := range []*slog.Logger{log, bound} {
				l.Info("a message with "+secret, "text", secret, "error", fmt.Errorf("wrapped: %w", errors.New(secret)), "any", stranger{secret, map[string]any{"x": []any{secret, 1}}},
					"pointer", &stranger{Name: secret}, "stringer", talker(secret), "bytes", json.RawMessage(`{"x":"`+strings.ReplaceAll(secret, `"`, `\u0022`)+`"}`),
					slog.Group("g", slog.String("text", secret), slog.Group("h", slog.Any("list", []string{secret}))), "function", func() {}, "nothing", nil, secret, 1)
			}
		}
		if strings.Contains(b.String(), "canary") || strings.Count(b.String(), task.Concealed) < 40 {
			t.Errorf("%s: the log has\n%s", format, b.String())
		}
		if format == observe.LogJSON {
			for line := range strings.Lines(b.String()) {
				if !json.Valid([]byte(line)) {
					t.Errorf("%s is not JSON", line)
				}
			}
		}
	}
}

// The format and the level are as asked for; what is unknown is refused with what is known.
func TestNewLogger(t *testing.T) {
	for _, test := range []struct {
		config observe.LogConfig
		want   string // what the line of a log begins with; or the error
	}{
		{observe.LogConfig{}, `{"time":`},
		{observe.LogConfig{Terminal: true}, "time="},
		{observe.LogConfig{Format: "auto", Terminal: true}, "time="},
		{observe.LogConfig{Format: "json", Terminal: true}, `{"time":`},
		{observe.LogConfig{Format: "text"}, "time="},
		{observe.LogConfig{Level: "warn"}, ""},
		{observe.LogConfig{Format: "xml"}, `unknown log format "xml"; expected auto, text, json`},
		{observe.LogConfig{Level: "WARN"}, `unknown log level "WARN"; expected debug, info, warn, error`},
	} {
		var b bytes.Buffer
		log, err := observe.NewLogger(&b, test.config)
		if err != nil {
			if err.Error() != test.want {
				t.Errorf("%+v: %v", test.config, err)
			}
			continue
		}
		log.Info("hello", "took", 30*time.Second)
		log.Debug("hidden")
		if got := b.String(); !strings.HasPrefix(got, test.want) || (test.want == "") != (got == "") || strings.Contains(got, "hidden") || got != "" && !strings.Contains(got, "took=30s") && !strings.Contains(got, `"took":"30s"`) {
			t.Errorf("%+v: the log has %q", test.config, got)
		}
	}
}
