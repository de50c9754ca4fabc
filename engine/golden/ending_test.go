package golden_test

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/goldenfile"
	"errand/engine/journal"
	"errand/tasks/sandbox"
)

// An ending is the outcome of a run. Its texts depend neither on how long the run took nor on the
// number of attempts.
type ending struct {
	status  engine.Status
	result  string             // with the outputs of every step
	state   string             // of the sandbox, when nothing in it changes any more
	effects []string           // the requests that changed something, in order
	said    []sandbox.Exchange // all requests
	stood   []int              // for each of said, the number of commits before it
	took    time.Duration      // without the time in which no process worked on the run
	calls   int                // to the journal, since the last fault
	commits int                // among calls
}

// rest is longer than an instance takes from one state to another.
const rest = 10 * time.Minute

// end runs the workflow to its end.
func (w *world) end() {
	w.t.Helper()
	result, last := w.carryOut()
	if len(w.plan) > 0 {
		w.t.Fatalf("the run ended before %q at %d", w.plan[0].name, w.plan[0].at)
	}
	w.came = &ending{
		status: result.Status, result: told(w.t, result), effects: effects(w.said), said: slices.Clone(w.said), stood: slices.Clone(w.stood),
		took: time.Since(w.began) - w.away, calls: w.calls, commits: w.commits,
	}
	w.events = w.eventsOf(result.Run)
	time.Sleep(rest)
	w.came.state = held(w.t, w.box.State())
	w.checkRecord(last, result)
}

// undisturbed returns the ending of a workflow if nothing goes wrong.
func undisturbed(t *testing.T, f workflow) *ending {
	t.Helper()
	var calm *ending
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, f, "", nil)
		w.end()
		calm = w.came
	})
	want := engine.Succeeded
	if f.cancel > 0 {
		want = engine.Cancelled
	}
	if calm.status != want {
		t.Fatalf("the undisturbed run %s: %s", calm.status, calm.result)
	}
	if calm.commits < f.commits || calm.calls <= calm.commits || len(calm.effects) < 3 || len(calm.said) <= len(calm.effects) {
		t.Fatalf("there is little to disturb: %d calls to the journal, %d of them commits, %d requests: %q",
			calm.calls, calm.commits, len(calm.said), calm.effects)
	}
	return calm
}

// compare compares the ending of the run with that of the undisturbed run.
func (w *world) compare(calm *ending) {
	w.t.Helper()
	came := w.came
	if came.status != calm.status {
		w.t.Fatalf("the run %s: %s", came.status, came.result)
	}
	for _, text := range []struct{ what, want, got string }{
		{"the result", calm.result, came.result},
		{"the sandbox", calm.state, came.state},
		{"what was done", strings.Join(calm.effects, "\n"), strings.Join(came.effects, "\n")},
	} {
		want, got := text.want, text.got
		if w.away > 0 {
			want, got = arrived(want), arrived(got)
		}
		if difference := goldenfile.Difference(want, got); difference != "" {
			w.t.Errorf("%s is not as after the undisturbed run:\n%s", text.what, difference)
		}
	}
	if len(slices.Compact(slices.Clone(w.launches))) > 1 {
		w.t.Errorf("the launch was sent again with other bytes:\n%s", strings.Join(w.launches, "\n"))
	}
	// The bubble's clock would show a delay of two minutes that started again. A process that
	// cannot read its journal learns only at the end of its wait that the run is cancelled. After a
	// crash during a call, or a lost reply, the run waits for evidence.
	deaf := w.cancel > 0 && w.struck.every && w.struck.lasts
	if came.took > calm.took+time.Minute+w.waitedForEvidence() && !deaf {
		w.t.Errorf("the run took %s, and %s undisturbed", came.took, calm.took)
	}
}

// waitedForEvidence is the time in which the run waited for evidence.
func (w *world) waitedForEvidence() (sum time.Duration) {
	for _, e := range w.events {
		if e.Kind == engine.EventStepWaits && e.For == engine.WaitEvidence {
			sum += e.Wait
		}
	}
	return sum
}

// checkRecord checks that the journal has one run, which has no holder and is never due, that its
// entries replay to the result, and that the same order returns this result and sends no request.
func (w *world) checkRecord(p *process, result engine.Result) {
	w.t.Helper()
	ctx := context.Background()
	runs, err := w.memory.List(ctx, journal.Query{})
	if err != nil || len(runs) != 1 {
		w.t.Fatalf("the journal has %d runs: %v", len(runs), err)
	}
	if run := runs[0]; run.Ended.IsZero() || run.Holder != "" || !run.Wake.IsZero() || run.Status != result.Status {
		w.t.Errorf("the run has ended, and on record it is held by %q, to wake at %s, %+v", run.Holder, run.Wake, run.State)
	}
	record, err := p.Record(ctx, result.Run)
	if err != nil {
		w.t.Fatal(err)
	}
	said := len(w.said)
	again, err := p.Start(ctx, w.order, engine.Following{})
	if err != nil || len(w.said) != said {
		w.t.Errorf("asked for once more, the run made %d requests: %v", len(w.said)-said, err)
	}
	for what, got := range map[string]engine.Result{"the journal tells": record.Result, "asked for once more, the run has": again.Result} {
		if difference := goldenfile.Difference(indented(w.t, result), indented(w.t, got)); difference != "" {
			w.t.Errorf("%s another result:\n%s", what, difference)
		}
	}
}

// effects returns the requests that changed something, whether or not the reply arrived. A launch
// that is repeated with its token changes nothing.
func effects(said []sandbox.Exchange) []string {
	var all []string
	for _, e := range said {
		if reads(e) || !strings.HasPrefix(e.Answer, "200") && e.Answer != lost {
			continue
		}
		effect := anonymous(e.System + " " + e.Request)
		if strings.HasPrefix(e.Request, "RunInstances ") && slices.Contains(all, effect) {
			continue
		}
		all = append(all, effect)
	}
	return all
}

// lost is what the sandbox reports for a request that took effect and whose reply was lost.
const lost = "reply lost"

// reads reports whether a request only reads. In both systems its first word says so.
func reads(e sandbox.Exchange) bool {
	return e.System == "ec2" && strings.HasPrefix(e.Request, "Describe") || e.System == "ism" && strings.HasPrefix(e.Request, "GET ")
}

// told formats a result without times, without numbers of attempts, and without decisions: an
// attempt whose outcome was lost does not count, and a person may have to decide about it.
func told(t *testing.T, result engine.Result) string {
	t.Helper()
	result.Started, result.Ended = time.Time{}, time.Time{}
	result.Steps = slices.Clone(result.Steps)
	for i := range result.Steps {
		s := &result.Steps[i]
		s.Started, s.Ended, s.Attempts, s.Decisions = time.Time{}, time.Time{}, 0, nil
		if s.Task == "timer.delay" {
			s.Outputs = maps.Clone(s.Outputs)
			delete(s.Outputs, "fired_at")
			delete(s.Outputs, "result_message") // contains the time
		}
		if s.Task == "ism.check_service_request" {
			s.Outputs = maps.Clone(s.Outputs)
			delete(s.Outputs, "attributes") // contain the time of the last change, as does
			delete(s.Outputs, "last_mod_timestamp")
		}
	}
	return anonymous(indented(t, result))
}

// held formats the state of the sandbox without times.
func held(t *testing.T, state sandbox.State) string {
	t.Helper()
	state.Time = time.Time{}
	for _, ticket := range state.Tickets {
		delete(ticket.Attributes, "CreationTimestamp")
		delete(ticket.Attributes, "LastModTimestamp")
	}
	return anonymous(indented(t, state))
}

// anonymous replaces the id of the run and the client token that is made from it: a run whose first
// commit is lost is started with another id.
func anonymous(text string) string { return ids.ReplaceAllString(text, "RUN") }

var ids = regexp.MustCompile(`crashrun[0-9]{8}|\b[a-z2-7]{52}\b`)

// arrived replaces the states between two states by the later one, and removes public addresses. If
// a reply is not on record, its step reads the instance again after the outage and finds it in the
// later state. Nothing else may differ then.
func arrived(text string) string {
	return addresses.ReplaceAllString(underway.Replace(text), "$1")
}

var (
	underway = strings.NewReplacer(
		"pending", "running", "stopping", "stopped", "shutting-down", "terminated",
		`_state_code": 0`, `_state_code": 16`, `_state_code": 64`, `_state_code": 80`, `_state_code": 32`, `_state_code": 48`,
	)
	addresses = regexp.MustCompile(`("public_(?:dns_name|ip_address)": ).*`)
)

// indented formats a value as JSON with one member a line.
func indented(t *testing.T, value any) string {
	t.Helper()
	data, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
