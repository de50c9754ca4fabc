package home

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// A recordReader is a runReader with the records of open runs, by id.
type recordReader map[string]engine.Record

func (s recordReader) List(_ context.Context, q engine.Query) ([]engine.View, error) {
	if !q.Open {
		return nil, errors.New("asked for runs that have ended")
	}
	var views []engine.View
	for run := range s {
		v := engine.View{}
		v.Run = run
		views = append(views, v)
	}
	return views, nil
}

func (s recordReader) Record(_ context.Context, run string) (engine.Record, error) {
	if s[run].Moments == nil {
		return engine.Record{}, errors.New("it is damaged")
	}
	return s[run], nil
}

// A run has sent with a credential unless every reply says that nothing left.
func TestSentWith(t *testing.T) {
	const source = `workflow: w
steps:
  - {id: look, task: ec2.get_instance_status, with: {instance_id: i-1}}
  - {id: other, task: ec2.get_instance_status, credential: other, with: {instance_id: i-1}}
  - {id: each, for_each: [a], as: x, steps: [{id: inner, task: ec2.get_instance_status, with: {instance_id: i-1}}]}
  - {id: note, task: worklog.format, with: {note: x}}
`
	p, problems := program.Load("w.yaml", []byte(source), task.NewRegistry(tasks.Connectors(task.Environment{})...))
	if p == nil {
		t.Fatal(problems)
	}
	call := func(branch, name string) engine.Moment {
		return engine.Moment{Branch: branch, Step: "make", Call: &task.Call{Type: "ec2.create_instance", Credential: name}}
	}
	reply := func(branch, step string, f *task.Failure) engine.Moment {
		return engine.Moment{Branch: branch, Step: step, Reply: &task.Reply{Failure: f}}
	}
	unreachable := &task.Failure{Code: task.CodeUnreachable, Transient: true}
	for name, c := range map[string]struct {
		moments []engine.Moment
		sent    bool
	}{
		"nothing yet":                                {[]engine.Moment{}, false},
		"a call without a reply":                     {[]engine.Moment{call("", "")}, true},
		"the default by its name":                    {[]engine.Moment{call("", "default")}, true},
		"another credential":                         {[]engine.Moment{call("", "other"), reply("", "make", nil)}, false},
		"an answered call":                           {[]engine.Moment{call("", ""), reply("", "make", nil)}, true},
		"a refusal":                                  {[]engine.Moment{call("", ""), reply("", "make", &task.Failure{Status: 400})}, true},
		"an unknown outcome":                         {[]engine.Moment{call("", ""), reply("", "make", &task.Failure{Unknown: true})}, true},
		"not reached":                                {[]engine.Moment{call("", ""), reply("", "make", unreachable)}, false},
		"not reached, and then called again":         {[]engine.Moment{call("", ""), reply("", "make", unreachable), call("", "")}, true},
		"not reached in one branch, open in another": {[]engine.Moment{call("0", ""), call("1", ""), reply("1", "make", unreachable)}, true},
		"a read":                         {[]engine.Moment{reply("", "look", nil)}, true},
		"a read in a loop":               {[]engine.Moment{reply("0", "each[0].inner", nil)}, true},
		"a read with another credential": {[]engine.Moment{reply("", "other", nil)}, false},
		"a read that was not sent":       {[]engine.Moment{reply("", "look", &task.Failure{Code: task.CodeCredential})}, false},
		"a step without a credential":    {[]engine.Moment{reply("", "note", nil)}, false},
		"a record that cannot be read":   {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			record := engine.Record{Moments: c.moments}
			record.Program = p
			got, err := sentWith(t.Context(), recordReader{"run": record}, program.Credential{Connector: "ec2", Name: "default"}, time.Time{})
			if err != nil || slices.Contains(got, "run") != c.sent {
				t.Errorf("got %q, %v; want %v", got, err, c.sent)
			}
			if c.moments == nil {
				return
			}
			later, err := sentWith(t.Context(), recordReader{"run": record}, program.Credential{Connector: "ec2", Name: "default"}, time.Unix(1, 0))
			for i := range record.Moments {
				record.Moments[i].At = time.Unix(1, 0)
			}
			since, failed := sentWith(t.Context(), recordReader{"run": record}, program.Credential{Connector: "ec2", Name: "default"}, time.Unix(1, 0))
			if err != nil || failed != nil || len(later) > 0 || slices.Contains(since, "run") != c.sent {
				t.Errorf("of what was sent before: %q, %v; of what was sent since: %q, %v", later, err, since, failed)
			}
			if got, err := sentWith(t.Context(), recordReader{"run": record}, program.Credential{Connector: "ism", Name: "default"}, time.Time{}); err != nil || len(got) > 0 {
				t.Errorf("with ism: %q, %v", got, err)
			}
		})
	}
}
