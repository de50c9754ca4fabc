package journaltest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// entries returns entries of each kind. Together they have every member: see eachMemberIsTested.
func entries() []journal.Entry {
	at := start.Add(1500 * time.Millisecond)
	return []journal.Entry{
		{Kind: journal.Intent, At: at, Step: "start", Call: &task.Call{
			Run: "one", Step: "start", Type: "ec2.start_instance", Credential: "aws-prod", Input: json.RawMessage(`{"instance":"i-0abc"}`),
			Attempt: 2, Started: start, Now: at, Deadline: start.Add(time.Hour), Limited: true, Note: "pending", Recover: true, Sent: start, Settled: true, Round: 1,
		}},
		{Kind: journal.Replied, At: at, Step: "start", Reply: &task.Reply{Output: json.RawMessage(`{"state":"running"}`)}, Looks: 2, Skipped: 6},
		{Kind: journal.Replied, At: at, Step: "poll", Reply: &task.Reply{Again: &task.Again{After: 5 * time.Second, Note: "token", Settled: true, Output: json.RawMessage(`{"instance_id":"<i-1>"}`)}}},
		{Kind: journal.Replied, At: at, Step: "log", Reply: &task.Reply{Again: &task.Again{Absent: true, Throttled: true}}},
		{Kind: journal.Replied, At: at, Step: "stop", Reply: &task.Reply{Failure: &task.Failure{
			Code: "IncorrectInstanceState", Message: "is not running", Status: 400, Transient: true, Unknown: true, Throttled: true, Sent: start, RetryAfter: time.Second,
			Details: []task.Detail{{Name: task.DetailRequestID, Value: "r-<1>"}},
		}}},
		{Kind: journal.Replied, At: at, Step: "stop", Reply: &task.Reply{Failure: &task.Failure{Code: task.CodeCredential, Message: "the key is lost", Local: true}}},
		{Kind: journal.Slept, At: at}, // without an end
		{Kind: journal.Slept, At: at, Branch: "each[1]", Step: "wait", Due: at.Add(24 * time.Hour)},
		{Kind: journal.Woke, At: at.Add(1), Branch: "each[1]", Step: "wait"},
		{Kind: journal.Cancelled, At: at},
		{
			Kind: journal.Decided, At: at, Step: "approve", Verdict: engine.VerdictApprove,
			By: &engine.Person{Name: "amira", EnteredBy: "joao"}, Comment: "fine\nby me",
		},
		{Kind: journal.Decided, At: at, Step: "approve", Verdict: engine.VerdictExpired},
		{
			Kind: journal.Resumed, At: at, Process: "errand run, process 4711",
			Before: &engine.Ending{Kind: engine.EndedByCrash, Process: "errand run, process 4710", Reason: "it was killed"},
		},
		{Kind: journal.Stopped, At: at, Process: "errand run, process 4711"},
		{Kind: journal.Adoption, At: at, By: &engine.Person{Name: "amira"}},
		{
			Kind: journal.Retried, At: at, By: &engine.Person{Name: "joao"}, Keep: []journal.Range{{First: 1, Last: 3}, {First: 5, Last: 5}},
			Done: []journal.Range{{First: 4, Last: 4}}, Undone: []string{"create"}, Told: 4, Digest: "d2", Replaced: "d1",
		},
		{Kind: journal.Continued, At: at, Branch: "0.1", Told: 3},
		{Kind: journal.Began, At: at, Branch: "0.1"},
	}
}

// waits returns waits that together have every member.
func waits() []engine.Wait {
	return []engine.Wait{
		{For: engine.WaitPerson, Step: "approve", Since: start, Due: start.Add(time.Hour)},
		{For: engine.WaitTurn, Since: start, Run: "another"},
		{For: engine.WaitProcess, Reason: "stopped by errand run, process <4711> & others"},
		{For: engine.WaitTurn, Since: start, Run: "another"},
		{For: engine.WaitTrouble, Step: "stop", Since: start, Reason: "the key is lost", Trouble: engine.TroubleCredential},
	}
}

// eachMemberIsTested fails if the values of this file leave out a member, so that no test would
// notice if a journal did not store it.
func eachMemberIsTested(t *testing.T, _ journal.Journal) {
	set := map[string]bool{}
	var visit func(v reflect.Value)
	visit = func(v reflect.Value) {
		switch {
		case v.Kind() == reflect.Pointer && !v.IsNil():
			visit(v.Elem())
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				visit(v.Index(i))
			}
		case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
			for i := range v.NumField() {
				f := v.Type().Field(i)
				if f.Tag.Get("json") == "-" { // not stored
					continue
				}
				member := v.Type().String() + "." + f.Name
				set[member] = set[member] || !v.Field(i).IsZero()
				visit(v.Field(i))
			}
		}
	}
	visit(reflect.ValueOf(entries()))
	visit(reflect.ValueOf(waits()))
	for member, is := range set {
		if !is {
			t.Errorf("no value has the member %s", member)
		}
	}
	if len(set) < 40 {
		t.Errorf("only %d members were found", len(set))
	}
}

// show returns a value for people.
func show(v any) string {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Sprintf("%#v", v)
	}
	return string(data)
}
