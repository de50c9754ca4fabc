package cmd

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/goldenfile"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/virtual"
)

// TestLive records what a terminal holds while a run is shown. A file of testdata/live has a
// workflow, and recordings. The name of a recording says what happens: the size of the window, the
// times at which the terminal is read, other sizes that the window gets, and an interrupt.
func TestLive(t *testing.T) {
	files, _ := filepath.Glob("testdata/live/*.txtar")
	if len(files) == 0 {
		t.Fatal("no recordings")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, events := recordEvents(t, a)
			for i, part := range a.Files {
				if strings.Contains(part.Name, "x") && part.Name[0] <= '9' {
					a.Files[i].Data = []byte(record(t, part.Name, p, events))
				}
			}
			goldenfile.Check(t, file, txtar.Format(a))
		})
	}
}

var recorded = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// recordEvents runs the workflow in a file, and does what a person does: each line has a verb, a step
// and when, after the run stopped. It returns the events in the order of time.
func recordEvents(t *testing.T, a *txtar.Archive) (*program.Program, []engine.Event) {
	t.Helper()
	part := func(name string) []byte {
		at := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
		if at < 0 {
			return nil
		}
		return a.Files[at].Data
	}
	find := func(name string) (string, []byte, error) { return name + ".yaml", part(name + ".yaml"), nil }
	registry := hosttest.Registry(func() {})
	p, problems := program.Loader{Registry: registry, Find: find}.Load("case.yaml", part("case.yaml"))
	if p == nil {
		t.Fatalf("%v", problems)
	}
	inputs, err := p.Inputs.Decode([]byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	runs := virtual.NewRuns(virtual.NewClock(recorded))
	runner := &virtual.Runner{Runs: runs, Registry: registry, About: "the test"}
	var events []engine.Event
	from := recorded // events before it were received already
	f := engine.Following{Watch: func(e engine.Event) {
		if !e.At.Before(from) {
			events = append(events, e)
		}
	}}
	v, err := runner.Start(t.Context(), engine.Order{Run: "kq3vzt5mwxa2hd7c", Request: "100-291", Inputs: inputs.(map[string]any), Program: p}, f)
	var verb, step, after string
	for acts := strings.NewReader(string(part("person"))); err == nil; {
		if n, _ := fmt.Fscan(acts, &verb, &step, &after); n < 3 {
			break
		}
		later, parseErr := time.ParseDuration(after)
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		runs.Clock.Advance(later)
		kim := engine.Person{Name: "kim", Groups: []string{"operators"}}
		if verb == "retry" {
			err = runner.Retry(t.Context(), v.Run, engine.Retry{From: step, By: kim})
		} else {
			err = runner.Decide(t.Context(), v.Run, step, engine.Decision{Verdict: engine.Verdict(verb), By: kim})
		}
		if from = runs.Clock.Now(); err == nil {
			v, err = runner.Follow(t.Context(), v.Run, f)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(events, func(a, b engine.Event) int { return a.At.Compare(b.At) })
	return p, events
}

// record shows events on a terminal and returns what it holds at the moments that a name lists.
func record(t *testing.T, name string, p *program.Program, events []engine.Event) string {
	t.Helper()
	var text strings.Builder
	var screen *Screen
	var l *live
	now := recorded
	for word := range strings.FieldsSeq(name) {
		var width, height int
		at, err := time.ParseDuration(word)
		switch n, _ := fmt.Sscanf(word, "%dx%d", &width, &height); {
		case n == 2 && screen == nil:
			screen = NewScreen(width, height)
			fmt.Fprint(screen, "$ date\nSun Mar  1 09:00:00 UTC 2026\n$ errand run case --request 100-291\n")
			l = newLive(liveFrame{w: screen, size: func() (int, int) { return screen.size() }}, p, engine.Request{Request: "100-291"}, func() time.Time { return now })
		case n == 2:
			screen.Resize(width, height)
			l.drawIfDue()
		case word == "interrupt":
			l.note("stopping before the next effect; waiting for the answer to Open the box (stub.pure); interrupt again to end at once")
			fmt.Fprintf(&text, "# %s\n%s", word, screen)
		case err == nil || word == "end":
			for ; len(events) > 0 && (word == "end" || !events[0].At.After(recorded.Add(at))); events = events[1:] {
				for ; now.Before(events[0].At); now = now.Add(time.Second) {
					l.drawIfDue()
				}
				now = events[0].At
				l.event(events[0])
				l.drawIfDue()
			}
			if word == "end" {
				l.end()
			} else {
				now = recorded.Add(at)
				l.drawIfDue()
			}
			fmt.Fprintf(&text, "# %s\n%s", word, screen)
		default:
			t.Fatalf("%q in %q is no size, no time and no act", word, name)
		}
	}
	return text.String()
}
