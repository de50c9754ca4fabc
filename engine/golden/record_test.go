package golden_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/golden"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
	"errand/tasks/sandbox"
)

// A case made from a run on record passes, has the outcome of the run, and has it after a crash at
// any point, too.
func TestRecordedRunsAreCases(t *testing.T) {
	files, err := filepath.Glob(corpus + "/*.txtar")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d journals: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			run, entries, parts := kept(t, file)
			v := looked(t, run, entries)
			document, err := bench().Record(t.Context(), v, true)
			if run.Ended.IsZero() && len(v.Questions) == 0 {
				if !errors.Is(err, golden.ErrUnderWay) {
					t.Errorf("a run that is under way: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := golden.Parse("recorded.txtar", document)
			if err != nil {
				t.Fatalf("%v\n%s", err, document)
			}
			o, err := bench().Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if wrong := c.Judge(o); len(wrong) > 0 {
				t.Errorf("it does not pass: %s\n%s", strings.Join(wrong, "\n"), document)
			}
			if want, got := outcomeOf(v.Result), outcomeOf(o.Result); want != got {
				t.Errorf("it came to\n%s\nand the run came to\n%s\n%s", got, want, document)
			}
			crashes, err := bench().CrashEverywhere(t.Context(), c)
			if err != nil || len(crashes.Wrong) > 0 || crashes.Points < 4 {
				t.Errorf("%d crashes: %v\n%s", crashes.Points, err, strings.Join(crashes.Wrong, "\n"))
			}
			again, err := bench().Record(t.Context(), v, true)
			if err != nil || !bytes.Equal(document, again) {
				t.Errorf("recorded again it is another document: %v", err)
			}
			if past := bench().Against(t.Context(), v, "changed.yaml", parts["definition.yaml"]); past.Fate != golden.AsBefore {
				t.Errorf("held against its own definition: %s", past)
			}
		})
	}
}

// outcomeOf formats the outcome of a run without times.
func outcomeOf(r engine.Result) string {
	var b strings.Builder
	b.WriteString(string(r.Status))
	if r.Failure != nil {
		b.WriteString(" at " + r.Failure.Step + ": " + r.Failure.Code + ": " + r.Failure.Message)
	}
	for _, s := range r.Steps {
		delete(s.Outputs, "fired_at")
		data, _ := json.Marshal(s.Outputs)
		b.WriteString("\n" + s.ID + " " + string(s.Status) + " " + string(data))
		for _, d := range s.Decisions {
			b.WriteString(" " + string(d.Verdict) + " " + d.By.String() + " " + d.Comment)
		}
	}
	return b.String()
}

// Against says how a run on record would go with a changed definition.
func TestAgainstHistory(t *testing.T) {
	run, entries, parts := kept(t, corpus+"/v1-start.txtar")
	v := looked(t, run, entries)
	text := string(parts["definition.yaml"])
	from := strings.Index(text, "  - id: close")
	to := strings.Index(text, "on_failure:")
	cases := []struct {
		name, changed string
		want          string
	}{
		{"its own", text, "as before"},
		{"a comment", "# nothing\n" + text, "as before"},
		{"another text", strings.Replace(text, "started\n", "was started\n", 1), "other data at note: "},
		{"a step less", text[:from] + text[to:], "another path: close is run before, now the run is succeeded"},
		{"a step more", text[:from] + "  - id: more\n    task: ism.get_service_request\n    with: {ticket: \"${{ request.id }}\"}\n" + text[from:],
			"another path: close is run before, now more is run"},
		{"a condition", strings.Replace(text, "  - id: note\n", "  - id: note\n    if: steps.start.previous_instance_state != \"stopped\"\n", 1), "not comparable: "},
		{"a renamed input", strings.ReplaceAll(text, "instance_id:\n    type", "instance:\n    type"), "not comparable: "},
		{"a narrower input", strings.Replace(text, "    type: string\n", "    type: string\n    enum: [i-0a1b2c3d4e5f60002]\n", 1), "another path: accepted before, now "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.changed == text && c.name != "its own" {
				t.Fatal("nothing was changed")
			}
			past := bench().Against(t.Context(), v, "changed.yaml", []byte(c.changed))
			if !strings.HasPrefix(past.String(), c.want) {
				t.Errorf("got %q, want %q", past, c.want)
			}
		})
	}
}

// A run with parallel branches, decisions and a cancellation also becomes a case that passes.
func TestRecordedBranches(t *testing.T) {
	for _, name := range []string{"restart-fleet", "provision-with-undo", "nightly-stop", "terminate-approved"} {
		for _, file := range slices.DeleteFunc(cases(t), func(f string) bool { return !strings.Contains(f, "/"+name+"/") }) {
			t.Run(name+" "+filepath.Base(file), func(t *testing.T) {
				run, entries := durable(t, file)
				v := looked(t, run, entries)
				if run.Ended.IsZero() && len(v.Questions) == 0 {
					t.Fatal("the run has not ended")
				}
				document, err := bench().Record(t.Context(), v, false)
				if err != nil {
					t.Fatal(err)
				}
				c, err := golden.Parse("recorded.txtar", document)
				if err != nil {
					t.Fatal(err)
				}
				o, err := bench().Run(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				if wrong := c.Judge(o); len(wrong) > 0 {
					t.Errorf("it does not pass: %s\n%s", strings.Join(wrong, "\n"), document)
				}
				if c.URL != v.URL {
					t.Errorf("the case has the address %q, and the run has %q", c.URL, v.URL)
				}
				if v.Result.Status != o.Result.Status {
					t.Errorf("it came to %s, and the run to %s", o.Result.Status, v.Result.Status)
				}
			})
		}
	}
}

// durable runs a case on the durable host and returns the run and its entries.
func durable(t *testing.T, file string) (run journal.Run, entries []journal.Entry) {
	t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := golden.Parse(file, document)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		box, err := sandbox.New(worldOf(t, document), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		registry := tasks.Registry(task.Environment{Credentials: sandbox.Credentials{}, Transport: &slow{to: box.Transport()}})
		source, err := bench().Library.Find(c.Workflow)
		if err != nil {
			t.Fatal(err)
		}
		p, problems := program.Load(source.File, source.Text, registry)
		if diag.HasErrors(problems) {
			t.Fatal(problems)
		}
		raw, err := json.Marshal(c.Inputs)
		if err != nil {
			t.Fatal(err)
		}
		inputs, err := p.Inputs.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		memory := journal.NewMemory()
		r := &local.Runner{Journal: memory, Registry: registry, About: "a test", Poll: 10 * time.Second}
		over := make(chan bool)
		var person sync.WaitGroup
		person.Go(func() { decideAll(t, r, c, over) })
		for result := (engine.View{Result: engine.Result{Status: engine.Waiting}}); result.Status == engine.Waiting; {
			order := engine.Order{Run: "durablerun000000", Request: c.Request, URL: c.URL, Inputs: inputs.(map[string]any), Program: p}
			ctx, leave := context.WithTimeout(t.Context(), time.Hour) // an uncertain run on which nobody decides has no end
			result, err = r.Start(ctx, order, engine.Following{Stay: true})
			leave()
			if err != nil {
				t.Fatal(err)
			}
		}
		close(over)
		person.Wait()
		if run, entries, err = memory.Load(t.Context(), "durablerun000000"); err != nil {
			t.Fatal(err)
		}
	})
	return run, entries
}

// A slow transport takes a different time for each request, so that no two things happen at the
// same time.
type slow struct {
	to   http.RoundTripper
	sent atomic.Int64
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(time.Duration(20+s.sent.Add(1)) * 1370 * time.Microsecond)
	return s.to.RoundTrip(r)
}

// decideAll decides as the persons of a case.
func decideAll(t *testing.T, r *local.Runner, c *golden.Case, over chan bool) {
	asked := map[string]time.Time{}
	for {
		select {
		case <-over:
			return
		case <-time.After(7 * time.Second):
		}
		v, err := r.Read(t.Context(), "durablerun000000")
		if err != nil || v.Trouble != nil {
			continue // it is not on record yet
		}
		for _, q := range v.Questions {
			if asked[q.Step].IsZero() {
				asked[q.Step] = time.Now()
			}
			d, ok := c.Decisions[q.Step]
			if !ok || time.Since(asked[q.Step]) < time.Duration(d.After) {
				continue
			}
			by := engine.Person{Name: d.By, EnteredBy: d.Entered, Groups: q.By}
			if err := r.Decide(t.Context(), v.Run, q.Step, engine.Decision{Verdict: d.Verdict, By: by, Comment: d.Comment}); err != nil {
				t.Errorf("step %s: %v", q.Step, err)
			}
		}
	}
}

// worldOf returns the world of a case.
func worldOf(t *testing.T, document []byte) []byte {
	t.Helper()
	var world map[string]json.RawMessage
	if err := json.Unmarshal(sandbox.DefaultWorld(), &world); err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse(document).Files {
		if f.Name != "world.yaml" {
			continue
		}
		data, problems := definition.Data(f.Name, f.Data)
		if diag.HasErrors(problems) {
			t.Fatal(problems)
		}
		if err := json.Unmarshal(data, &world); err != nil { // its keys replace those of the default world
			t.Fatal(err)
		}
	}
	made, err := json.Marshal(world)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
