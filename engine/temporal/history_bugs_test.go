package temporal

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A changedHost is a host between the interpreter and its own that does something else. Its members
// replace methods; nil changes nothing.
type changedHost struct {
	engine.Host
	call   func(h engine.Host, c task.Call) (task.Reply, error)
	sleep  func(h engine.Host, d time.Duration) error
	decide func(h engine.Host, q engine.Question) (engine.Decision, error)
	branch func(i, n int) int // the number of the branch that takes the place of another one
}

// Call implements engine.Host.
func (c changedHost) Call(call task.Call) (task.Reply, error) {
	if c.call == nil {
		return c.Host.Call(call)
	}
	return c.call(c.Host, call)
}

// Sleep implements engine.Host.
func (c changedHost) Sleep(d time.Duration) error {
	if c.sleep == nil {
		return c.Host.Sleep(d)
	}
	return c.sleep(c.Host, d)
}

// Decide implements engine.Host.
func (c changedHost) Decide(q engine.Question) (engine.Decision, error) {
	if c.decide == nil {
		return c.Host.Decide(q)
	}
	return c.decide(c.Host, q)
}

// Fork implements engine.Host.
func (c changedHost) Fork(n int, branch func(i int, h engine.Host) error) error {
	return c.Host.Fork(n, func(i int, h engine.Host) error {
		if c.branch != nil {
			i = c.branch(i, n)
		}
		changed := c
		changed.Host = h
		return branch(i, changed)
	})
}

// historyBugs are changes of the interpreter that break runs, each with histories that find it.
var historyBugs = []struct {
	name  string
	found []string
	bug   changedHost
}{
	{
		name: "one more wait before each call", found: []string{"form-task", "form-parallel", "poll", "undo", "continued-2"},
		bug: changedHost{call: func(h engine.Host, c task.Call) (task.Reply, error) {
			if err := h.Sleep(time.Second); err != nil {
				return task.Reply{}, err
			}
			return h.Call(c)
		}},
	},
	{
		name: "the calls of steps that only read are left out", found: []string{"form-task", "form-switch", "poll"},
		bug: changedHost{call: func(h engine.Host, c task.Call) (task.Reply, error) {
			if c.Type == "stub.reads" {
				return task.Reply{Output: []byte(`{"word":"","text":"","maybe":null,"recover":false,"calls":1}`)}, nil
			}
			return h.Call(c)
		}},
	},
	{
		name: "branches change places", found: []string{"form-parallel", "form-for_each", "continued"},
		bug: changedHost{branch: func(i, n int) int { return n - 1 - i }},
	},
	{
		name: "each call is made twice", found: []string{"form-task", "form-workflow", "finally", "turn"},
		bug: changedHost{call: func(h engine.Host, c task.Call) (task.Reply, error) {
			if reply, err := h.Call(c); err != nil {
				return reply, err
			}
			return h.Call(c)
		}},
	},
	{
		name: "another request is sent", found: []string{"form-task", "form-steps", "retried-2", "reset-2"},
		bug: changedHost{call: func(h engine.Host, c task.Call) (task.Reply, error) {
			c.Input = []byte(strings.Replace(string(c.Input), "{", `{"number":7,`, 1))
			return h.Call(c)
		}},
	},
	{
		name: "waits are longer", found: []string{"form-for_each", "retry", "poll", "evidence"},
		bug: changedHost{sleep: func(h engine.Host, d time.Duration) error { return h.Sleep(d + time.Minute) }},
	},
	{
		name: "failures are final", found: []string{"retry", "retry-exhausted"},
		bug: changedHost{call: func(h engine.Host, c task.Call) (task.Reply, error) {
			reply, err := h.Call(c)
			if reply.Failure != nil {
				final := *reply.Failure
				final.Transient = false
				reply.Failure = &final
			}
			return reply, err
		}},
	},
	{
		name: "nobody is asked", found: []string{"form-approval", "uncertain-retry", "continued"},
		bug: changedHost{decide: func(h engine.Host, q engine.Question) (engine.Decision, error) {
			verdict := engine.VerdictApprove
			if q.Failure != nil {
				verdict = engine.VerdictDone
			}
			return engine.Decision{Verdict: verdict, By: engine.Person{Name: "Kim"}}, nil
		}},
	},
	{
		name: "a cancellation is ignored", found: []string{"cancel", "cancel-by-operator"},
		bug: changedHost{sleep: func(h engine.Host, d time.Duration) error {
			if err := h.Sleep(d); !errors.Is(err, engine.ErrCancelled) {
				return err
			}
			return nil
		}},
	},
	{
		name: "an interrupted call counts as failed", found: []string{"interrupted", "reset-2"},
		bug: changedHost{call: func(h engine.Host, c task.Call) (task.Reply, error) {
			reply, err := h.Call(c)
			if reply.Failure != nil && reply.Failure.Code == task.CodeInterrupted {
				return task.Reply{Failure: &task.Failure{Code: "lost", Message: "lost"}}, err
			}
			return reply, err
		}},
	},
}

// A changed interpreter that breaks recorded runs is found, and the failure names the file.
func TestHistoriesFindBugs(t *testing.T) {
	files := recordedHistories(t)
	for _, b := range historyBugs {
		t.Run(b.name, func(t *testing.T) {
			var found []string
			for _, file := range files {
				err := replayHistory(file, func(h engine.Host) engine.Host {
					changed := b.bug
					changed.Host = h
					return changed
				})
				if err == nil {
					continue
				}
				if !strings.Contains(err.Error(), file) {
					t.Errorf("the failure does not name %s: %v", file, err)
				}
				found = append(found, strings.TrimSuffix(filepath.Base(file), ".json"))
			}
			t.Logf("%d of %d histories find it: %v", len(found), len(files), found)
			for _, name := range b.found {
				if !slices.Contains(found, name) {
					t.Errorf("%s does not find it", name)
				}
			}
		})
	}
}
