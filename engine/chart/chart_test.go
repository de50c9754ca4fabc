package chart

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"errand/engine"
	"errand/engine/goldenfile"
)

// TestGolden holds both pictures, their words and the style sheet against files.
func TestGolden(t *testing.T) {
	check := func(name string, made []byte) { goldenfile.Check(t, filepath.Join("testdata", name), made) }

	h := NewHistory(autumn(), berlin(t, "2026-10-12 00:00:00"), 30, zone(t, "Europe/Berlin"))
	check("history.svg", h.SVG())
	h.Href = func(workflow string, day time.Time) string {
		return "/runs?workflow=" + workflow + "&since=" + day.Format(time.RFC3339)
	}
	check("history-links.svg", h.SVG())
	check("history.txt", historyWords(h))
	check("history-empty.svg", NewHistory(nil, berlin(t, "2026-10-12 00:00:00"), 30, zone(t, "Europe/Berlin")).SVG())

	var words bytes.Buffer
	for i, s := range NewDurations(autumn()) {
		fmt.Fprintf(&words, "%s: %s\n", s.Step, s.Words())
		check(fmt.Sprintf("durations-%d.svg", i+1), s.SVG())
	}
	check("durations.txt", words.Bytes())
	check("style.css", []byte(StyleSheet()))
}

func historyWords(h *History) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", h.Total.Words())
	for _, row := range h.Workflows {
		fmt.Fprintf(&b, "\n%s: %s\n", row.Workflow, row.Words())
		for _, day := range row.Days {
			fmt.Fprintf(&b, "  %s\n", day.Words())
		}
	}
	return b.Bytes()
}

// autumn returns the runs of some weeks: of each outcome, with a step that runs for each item, one
// that fails sometimes, and one that ran once.
func autumn() (runs []engine.View) {
	begin := time.Date(2026, 10, 12, 6, 0, 0, 0, time.UTC)
	dice := uint32(7)
	roll := func(n uint32) uint32 {
		dice = dice*1664525 + 1013904223
		return (dice >> 8) % n
	}
	workflows := []string{"create_instance", "restart_instance", "rotate_certificates_of_all_services", "terminate_instance"}
	for day := range 30 {
		for at, workflow := range workflows {
			date := begin.AddDate(0, 0, day)
			weekend := date.Weekday() == time.Saturday || date.Weekday() == time.Sunday
			if weekend && at != 1 || at == 3 && day < 12 {
				continue
			}
			for range roll(5) {
				started := date.Add(time.Duration(roll(14*3600)) * time.Second)
				v := run(workflow, engine.Succeeded, started)
				v.Run = fmt.Sprintf("run-%d", len(runs))
				switch n := roll(40); {
				case n < 4:
					v.Status = engine.Failed
				case n < 6:
					v.Status = engine.Cancelled
				case n == 6:
					v.Status, v.Ended = engine.Uncertain, time.Time{}
				case n == 7 || day == 29 && n < 16:
					v.Status, v.Ended, v.Waits = engine.Waiting, time.Time{}, []engine.Wait{{For: engine.WaitPerson}}
				case n == 8:
					v.Status, v.Ended, v.Waits = engine.Waiting, time.Time{}, []engine.Wait{{For: engine.WaitTrouble}}
				case n == 9:
					v.Status, v.Ended, v.Waits = engine.Waiting, time.Time{}, []engine.Wait{{For: engine.WaitRetry}}
				}
				if at == 1 {
					step(&v, "check", engine.StepSucceeded, 0, time.Duration(300+roll(900))*time.Millisecond)
					for item := range roll(3) + 1 {
						took := time.Duration(9+roll(12)) * time.Second
						if roll(12) == 0 {
							took *= 5
						}
						status := engine.StepSucceeded
						if v.Status == engine.Failed && item == 0 || roll(12) == 0 {
							status = engine.StepFailed
						}
						step(&v, fmt.Sprintf("fleet[%d].restart", item), status, time.Second, took)
					}
					if v.Status == engine.Failed {
						step(&v, "escalate", engine.StepFailed, time.Minute, time.Duration(60+roll(200))*time.Second)
					} else if roll(15) == 0 && day < 5 {
						step(&v, "escalate", engine.StepSucceeded, time.Minute, 200*time.Second)
					}
					if v.Status != engine.Failed {
						step(&v, "report", engine.StepSucceeded, 2*time.Minute, 0)
					}
				}
				runs = append(runs, v)
			}
		}
	}
	return runs
}

func run(workflow string, status engine.Status, started time.Time) engine.View {
	v := engine.View{}
	v.Workflow, v.Status, v.Started = workflow, status, started
	v.Ended = started.Add(5 * time.Minute)
	return v
}

// step adds a step that started some time after its run.
func step(v *engine.View, id string, status engine.StepStatus, after, took time.Duration) {
	started := v.Started.Add(after)
	v.Steps = append(v.Steps, engine.StepResult{ID: id, Status: status, Started: started, Ended: started.Add(took)})
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// berlin returns the moment of a date and time in Berlin.
func berlin(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, text, zone(t, "Europe/Berlin"))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// at returns a moment in RFC 3339.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// lines returns the lines of a text that contain another text.
func lines(text []byte, with string) (found []string) {
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, with) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}
