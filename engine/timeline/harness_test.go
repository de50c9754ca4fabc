package timeline_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/timeline"
)

// A home is where the runs of a test are on record. Processes come and go; times are those of a
// bubble of testing/synctest.
type home struct {
	*testing.T
	journal  *journal.Memory
	registry *task.Registry
}

const run = "R1"

// inHome calls a function with a new home, in a bubble.
func inHome(t *testing.T, do func(h *home)) {
	synctest.Test(t, func(t *testing.T) {
		h := &home{T: t, journal: journal.NewMemory()}
		slow := task.Connector{Name: "desk", Title: "A desk", Description: "Takes its time."}
		slow.Types = []task.Type{
			task.Define("desk.change", "Changes something.", task.Converges, desk),
			task.Define("desk.read", "Reads something.", task.Reads, desk),
			task.Define("desk.once", "Changes something, once.", task.Once, desk),
			task.Define("desk.delay", "Waits.", task.Pure, delay),
		}
		h.registry = task.NewRegistry(append(hosttest.Registry(func() {}).Connectors(), slow)...)
		do(h)
	})
}

type deskIn struct {
	Says string `json:"says" default:"ok" doc:"What each attempt answers after a time, with commas between them."`
}

type deskOut struct {
	State string `json:"state" doc:"The state."`
}

// Summary returns the result message.
func (o deskOut) Summary() string { return "state is " + o.State }

// desk answers the attempts from a script such as "throttled 200ms, ok 2s". Each retry of the run
// moves it on.
func desk(ctx context.Context, c task.Call, in deskIn) (deskOut, error) {
	says := strings.Split(in.Says, ",")
	word, long, _ := strings.Cut(strings.TrimSpace(says[min(c.Attempt+c.Round, len(says))-1]), " ")
	d, _ := time.ParseDuration(long)
	select {
	case <-ctx.Done():
		return deskOut{}, &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
	case <-time.After(d):
	}
	switch word {
	case "throttled":
		return deskOut{}, &task.Failure{Code: "Throttled", Message: "slow down", Transient: true}
	case "refused":
		return deskOut{}, &task.Failure{Code: "Refused", Message: "not allowed"}
	}
	return deskOut{word}, nil
}

type delayIn struct {
	Hours int `json:"hours" doc:"How long."`
}

func delay(_ context.Context, c task.Call, in delayIn) (deskOut, error) {
	if rest := c.Started.Add(time.Duration(in.Hours) * time.Hour).Sub(c.Now); rest > 0 {
		return deskOut{}, &task.Again{After: rest}
	}
	return deskOut{"over"}, nil
}

// process returns another process.
func (h *home) process(about string) *local.Runner {
	r := &local.Runner{Journal: h.journal, Registry: h.registry, About: about}
	h.Cleanup(func() { _ = r.Close() })
	return r
}

// accept puts a run of a definition on record. A run has an id and the request 4711.
func (h *home) accept(run, definition string) {
	h.Helper()
	p, problems := program.Load("demo.yaml", []byte("workflow: demo\n"+definition), h.registry)
	if diag.HasErrors(problems) {
		h.Fatal(problems)
	}
	h.must(h.process("the command line").Accept(h.Context(), engine.Order{Run: run, Request: "4711-" + run, Inputs: map[string]any{}, Program: p}))
}

func (h *home) must(_ any, err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// work lets a process work for a time, or until nothing is due any more.
func (h *home) work(about string, d time.Duration) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), d)
	defer cancel()
	r := h.process(about)
	if err := r.Work(ctx, false, nil); err != nil {
		h.Fatal(err)
	}
	_ = r.Close()
}

// crash lets a process work for a time and ends it in the middle of its work.
func (h *home) crash(about string, d time.Duration) {
	r := h.process(about)
	ctx, cancel := context.WithCancel(h.Context())
	ended := make(chan error)
	go func() { ended <- r.Work(ctx, false, nil) }()
	time.Sleep(d)
	r.Interrupt()
	cancel()
	<-ended
	_ = r.Close()
}

func (h *home) decide(step string, verdict engine.Verdict, comment string) {
	h.Helper()
	kim := engine.Person{Name: "Kim", Groups: []string{"operators"}}
	h.must(nil, h.process("the command line").Decide(h.Context(), run, step, engine.Decision{Verdict: verdict, By: kim, Comment: comment}))
}

// timeline returns the timeline of the run as it is now.
func (h *home) timeline(run string) *timeline.Timeline {
	h.Helper()
	r := h.process("a reader")
	v, err := r.Read(h.Context(), run)
	h.must(nil, err)
	events, err := r.Events(h.Context(), run, engine.EventID{})
	h.must(nil, err)
	if testing.Verbose() {
		for _, e := range events {
			h.Logf("%s %s %v", e.ID, e.At.Format("15:04:05.000"), e)
		}
	}
	return timeline.New(v, events, time.Now())
}

// check compares a timeline with its two golden files: the picture, and the rows in words.
func check(t *testing.T, name string, made *timeline.Timeline) {
	t.Helper()
	svg := made.SVG()
	checkPicture(t, svg)
	goldenfile.Check(t, filepath.Join("testdata", name+".svg"), svg)
	goldenfile.Check(t, filepath.Join("testdata", name+".txt"), []byte(inText(made)))
}

// inText renders what a table beside the picture says.
func inText(made *timeline.Timeline) string {
	var b strings.Builder
	at := func(t time.Time) string { return t.Format("01-02 15:04:05.000") }
	fmt.Fprintf(&b, "run %s of %s: %s, %s – %s", made.Run, made.Workflow, made.Status, at(made.Begin), at(made.End))
	if made.Open {
		b.WriteString(" (now)")
	}
	b.WriteString("\n")
	for _, m := range made.Marks {
		fmt.Fprintf(&b, "%s  ▼ %s | by %q | %s\n", at(m.At), m.Word, m.By, m.Words)
	}
	for _, r := range made.Rows {
		fmt.Fprintf(&b, "\n%s%s", strings.Repeat("  ", r.Depth), r.Label)
		for _, text := range []string{r.Key, r.Task, r.In, string(r.State), r.Words} {
			if text != "" {
				b.WriteString(" | " + text)
			}
		}
		b.WriteString("\n")
		for _, s := range r.Spans {
			end := at(s.To)
			if s.Open {
				end = "              open"
			}
			fmt.Fprintf(&b, "  %s – %s  %d %-8s %s", at(s.From), end, s.Round, s.Kind, s.Words)
			if s.Outcome != "" {
				fmt.Fprintf(&b, " (%s)", s.Outcome)
			}
			b.WriteString("\n")
		}
		if r.MoreSpans > 0 {
			fmt.Fprintf(&b, "  and %d more\n", r.MoreSpans)
		}
	}
	if made.MoreRows > 0 || made.MoreMarks > 0 {
		fmt.Fprintf(&b, "\nand %d more steps, %d more marks\n", made.MoreRows, made.MoreMarks)
	}
	return b.String()
}
