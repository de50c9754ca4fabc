package cmd_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine/goldenfile"
	"errand/engine/task"
)

// An ending is what a run came to, without what depends on the run's id or on the time: see ending.
type ending struct {
	result  string   // with the outputs of all steps
	state   string   // of the sandbox
	effects []string // the requests that asked the sandbox for a change, whether it was made or not

	workflow workflow
}

// order is that of effects as far as it is told.
func (w workflow) order(effects []string) []string {
	if !w.beside {
		return effects
	}
	return slices.Sorted(slices.Values(effects))
}

// undisturbed is what a workflow's run comes to if nothing goes wrong.
func (w workflow) undisturbed(t *testing.T) ending {
	t.Helper()
	s := newScene(t, w.world)
	o, doubts := s.finish(t, w, s.errand(t, w.run()...))
	if o.code != w.code || len(doubts) > 0 {
		t.Fatalf("exit code %d, and uncertain at %q: %s%s", o.code, doubts, o.stdout, o.stderr)
	}
	calm := s.ending(t, o)
	calm.workflow = w
	if !slices.Equal(w.order(calm.effects), w.order(w.effects)) {
		t.Fatalf("undisturbed it does %q, want %q", calm.effects, w.effects)
	}
	return calm
}

// check compares what the processes of a scene came to with what the undisturbed one came to. o is how the last of them ended.
func (calm ending) check(t *testing.T, s *scene, o outcome) {
	t.Helper()
	if o.code != calm.workflow.code {
		t.Fatalf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	came := s.ending(t, o)
	// A launch is sent again with its token, which makes it the same launch, and what is refused changes nothing and may be asked for again:
	// the state tells that there is one instance, and that the request is open.
	for _, name := range []string{"RunInstances", calm.workflow.refused} {
		if at := slices.Index(came.effects, name); at >= 0 && at+1 < len(came.effects) && came.effects[at+1] == name {
			came.effects = slices.Delete(came.effects, at, at+1)
		}
	}
	order := calm.workflow.order
	for what, texts := range map[string][2]string{
		"the result":          {calm.result, came.result},
		"the sandbox's state": {calm.state, came.state},
		"what was done":       {strings.Join(order(calm.effects), "\n"), strings.Join(order(came.effects), "\n")},
	} {
		if difference := goldenfile.Difference(texts[0], texts[1]); difference != "" {
			t.Errorf("%s differs from that of the undisturbed run:\n%s\n%s", what, difference, o.stderr)
		}
	}
}

// ending leaves out of what a run came to: its id; what is made of it, which are a step's key (the launch's client token) and reference
// (a worklog's last line); times, which are those of the run and its steps, the one at which a delay was over, and those at which the
// ticket was made and changed; and, of what was refused, that an earlier attempt at it was cut off. All else is kept, the number of attempts
// too, since a call that a crash cut off is none.
func (s *scene) ending(t *testing.T, o outcome) ending {
	t.Helper()
	result := o.result(t)
	names := []string{result.Run, "RUN", "; an earlier attempt was not answered and may have taken effect", ""}
	for _, step := range result.Steps {
		names = append(names, task.Call{Run: result.Run, Step: step.ID}.Key(), "KEY OF "+step.ID)
	}
	state := s.state(t)
	state.Time = time.Time{}
	for _, ticket := range state.Tickets {
		delete(ticket.Attributes, "CreationTimestamp")
		delete(ticket.Attributes, "LastModTimestamp")
	}
	text := func(value any) string {
		data, err := json.MarshalIndent(value, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return moment.ReplaceAllString(strings.NewReplacer(names...).Replace(string(data)), "TIME")
	}
	return ending{result: text(result), state: text(state), effects: s.effects(t)}
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// effects are the requests in the sandbox's log that ask for a change.
func (s *scene) effects(t *testing.T) []string {
	t.Helper()
	// A request is in the log before it is answered, but what the sandbox wrote may not have been read here: a last request tells.
	const last = "/csmconnector/Ticket/last"
	asked := strings.Count(s.said.String(), last)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"/ism"+last, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	for strings.Count(s.said.String(), last) == asked {
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
		time.Sleep(time.Millisecond)
	}
	var all []string
	for line := range strings.Lines(s.said.String()) {
		var name string
		if request, ok := strings.CutPrefix(line, "ec2  "); ok {
			action, _, _ := strings.Cut(request, " ")
			name = effect("POST", "/ec2/", "Action="+action)
		} else if request, ok := strings.CutPrefix(line, "ism  "); ok {
			words := strings.Fields(request)
			name = effect(words[0], "/ism"+words[1], "")
		}
		if name != "" {
			all = append(all, name)
		}
	}
	noSecret(t, "the sandbox's log", s.said.String())
	return all
}

// effect names what a request to the sandbox changes, such as "StartInstances" or "POST Worklog"; "" where it only reads.
func effect(method, path, body string) string {
	if resource, ok := strings.CutPrefix(path, "/ism/csmconnector/"); ok {
		if method == "GET" {
			return ""
		}
		return method + " " + resource
	}
	action := regexp.MustCompile(`\bAction=(\w+)`).FindStringSubmatch(body)
	if action == nil || strings.HasPrefix(action[1], "Describe") {
		return ""
	}
	return action[1]
}
