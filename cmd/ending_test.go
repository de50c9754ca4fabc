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

// An ending is the result of a run, without the parts that depend on the id of the run or on the
// time. scene.ending makes it.
type ending struct {
	result  string   // including the outputs of all steps
	state   string   // of the sandbox
	effects []string // the requests for a change that the sandbox received, also refused ones

	workflow workflow
}

// order returns the effects in an order that is the same for each run of the workflow.
func (w workflow) order(effects []string) []string {
	if !w.parallel {
		return effects
	}
	return slices.Sorted(slices.Values(effects))
}

// undisturbed returns the ending of a run of the workflow in which nothing goes wrong.
func (w workflow) undisturbed(t *testing.T) ending {
	t.Helper()
	s := newScene(t, w.world)
	o, doubts := s.finish(t, w, s.errand(t, w.run()...))
	if o.code != w.code || !slices.Equal(doubts, w.doubts) {
		t.Fatalf("exit code %d, and uncertain at %q: %s%s", o.code, doubts, o.stdout, o.stderr)
	}
	calm := s.ending(t, w, o)
	if !slices.Equal(w.order(calm.effects), w.order(w.effects)) {
		t.Fatalf("effects of the undisturbed run: %q, want %q", calm.effects, w.effects)
	}
	return calm
}

// check compares the ending of a scene with the undisturbed one. o is the outcome of the last
// process of the scene.
func (calm ending) check(t *testing.T, s *scene, o outcome) {
	t.Helper()
	if o.code != calm.workflow.code {
		t.Fatalf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	came := s.ending(t, calm.workflow, o)
	// Two requests may be sent twice. A repeated launch has the same client token, so EC2 treats it
	// as one launch. A refused request changes nothing, so it may be repeated. The state of the
	// sandbox shows that there is one instance and that the request is open.
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

// ending returns the ending of a run. It leaves out the id of the run, and what is derived from the id:
// the key of a step, which is the client token of a launch, and the reference of a step, which is the last
// line of a worklog. It leaves out times: those of the run, of its steps, of a delay and of the ticket. It
// also leaves out that an earlier attempt of a refused request was cut off. It leaves out EC2's ids of
// requests, which it numbers. And it leaves out decisions: a person decides about a call that a crash cut
// off. It keeps everything else, including the number of attempts, because a call that a crash cut off
// does not count as an attempt. It leaves that number out only for steps that also call again in the
// undisturbed run, or whose reply is lost there: a crash changes it.
func (s *scene) ending(t *testing.T, w workflow, o outcome) ending {
	t.Helper()
	result := o.result(t)
	names := []string{result.Run, "RUN", "; an earlier attempt was not answered and may have taken effect", ""}
	for i, step := range result.Steps {
		result.Steps[i].Decisions = nil
		for at := range step.Details {
			if step.Details[at].Name == task.DetailRequestID {
				step.Details[at].Value = "ID"
			}
		}
		if slices.Contains(append(w.repeats, w.doubts...), step.ID) {
			result.Steps[i].Attempts = 0
		}
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
		return ticketTime.ReplaceAllString(moment.ReplaceAllString(strings.NewReplacer(names...).Replace(string(data)), "TIME"), "${1}TIME")
	}
	return ending{result: text(result), state: text(state), effects: s.effects(t), workflow: w}
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// ticketTime matches a time of the ticket in the outputs of a step.
var ticketTime = regexp.MustCompile(`("(?:CreationTimestamp|LastModTimestamp|creation_timestamp|last_mod_timestamp)": )[^,\n]*`)

// effects returns the requests in the log of the sandbox that ask for a change.
func (s *scene) effects(t *testing.T) []string {
	t.Helper()
	// The sandbox logs a request before it answers it, but this process may not have read the log
	// yet. When the log shows one more request, all earlier ones have been read.
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

// effect returns the name of the change that a request asks for, such as "StartInstances" or "POST
// Worklog". It returns "" if the request only reads.
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
