package cmd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"errand/engine"
)

// A process ends with exit code 4 if its run waits only for persons, with or without a time limit.
// With --wait it stays until another process commits the decision, and then continues the run.
func TestWaitsForAPerson(t *testing.T) {
	for _, limit := range []string{"", "within: 2h, "} {
		t.Run("limit "+limit, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, quick)
			file := filepath.Join(t.TempDir(), "ask.yaml")
			text := fmt.Sprintf("workflow: ask\nsteps: [{id: ok, approval: {ask: \"Go on?\", %sby: [operators]}}]\noutputs: {by: '${{ steps.ok.by }}'}\n", limit)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			left := s.errand(t, "run", file, "--request", "1", "-o", "json")
			var v engine.View
			if err := json.Unmarshal([]byte(left.stdout), &v); err != nil {
				t.Fatalf("%v: %s%s", err, left.stdout, left.stderr)
			}
			if left.code != 4 || v.Status != engine.Waiting || !engine.WaitsForPerson(v.Waits) || v.Waits[0].Step != "ok" || v.Due.IsZero() != (limit == "") {
				t.Errorf("exit code %d: %s%s", left.code, left.stdout, left.stderr)
			}
			for request, args := range map[string][]string{
				"1": {"runs", "resume", "1"},
				"2": {"run", file, "--request", "2"},
			} {
				stays := s.startUntilAsked(t, append(args, "--wait", "-o", "json")...)
				approve := []string{"runs", "approve", request, "ok", "--approve", "-o", "json"}
				decided := s.errand(t, approve...)
				for decided.code == 6 { // the approval may be shown before it is on record
					select {
					case <-stays.over:
						t.Fatalf("the process has ended: %s; %s", stays.stdout.String(), decided.stderr)
					default:
						decided = s.errand(t, approve...)
					}
				}
				for _, o := range []outcome{decided, stays.end(t)} {
					if o.code != 0 || !strings.Contains(o.stdout, `"outputs":{"by":"kim"}`) {
						t.Errorf("request %s: exit code %d: %s%s", request, o.code, o.stdout, o.stderr)
					}
				}
			}
		})
	}
}

// startUntilAsked starts a process, and waits until the process shows that its run asks a person.
func (s *scene) startUntilAsked(t *testing.T, args ...string) *process {
	t.Helper()
	shows, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shows.Close() })
	p := s.prepare(t, args...)
	p.Cmd.Stderr = shows
	p.begin(t)
	for {
		text, err := os.ReadFile(shows.Name())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), " asks ") {
			return p
		}
		select {
		case <-p.over:
			t.Fatalf("the process has ended: %s%s", p.stdout.String(), text)
		case <-time.After(2 * time.Millisecond):
		}
	}
}
