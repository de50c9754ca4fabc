package journaltest

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// several creates runs that differ in the members that a query can name.
func several(t *testing.T, j journal.Journal) {
	for i, r := range []struct {
		id, workflow, request, status string
		wake, ended                   time.Duration // after start; 0 means never
	}{
		{"a", "start", "100-1", "succeeded", 0, 9},
		{"b", "stop", "100-1", "waiting", 5, 0},
		{"c", "start", "100-2", "waiting", 3, 0},
		{"d", "start", "", "waiting", 0, 0},
		{"e", "start", "100-2", "failed", 0, 8},
		{"f", "stop", "100-3", "waiting", 5, 0},
		{"g", "stop", "", "uncertain", 7, 0},
		{"h", "start", "100-1", "waiting", 4, 0},
	} {
		c := begin(r.id, "")
		c.Again = true
		c.Create.Workflow, c.Create.Request = r.workflow, r.request
		c.Create.Started = start.Add(time.Duration(i) * time.Hour)
		c.State = journal.State{Status: engine.Status(r.status), Wake: after(r.wake), Ended: after(r.ended)}
		must(t, j, c)
	}
}

// after returns a time d after start, or none if d is 0.
func after(d time.Duration) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return start.Add(d)
}

type listCase struct {
	name  string
	query journal.Query
	want  []string
}

func check(t *testing.T, j journal.Reader, cases []listCase) {
	t.Helper()
	for _, c := range cases {
		same(t, c.name, ids(t, j, c.query), c.want)
	}
}

func listByMembers(t *testing.T, j journal.Journal) {
	check(t, j, []listCase{{"none", journal.Query{}, []string{}}})
	several(t, j)
	check(t, j, []listCase{
		{"all", journal.Query{}, []string{"h", "g", "f", "e", "d", "c", "b", "a"}},
		{"a workflow", journal.Query{Workflow: "stop"}, []string{"g", "f", "b"}},
		{"a request", journal.Query{Request: "100-1"}, []string{"h", "b", "a"}},
		{"a workflow and a request", journal.Query{Workflow: "start", Request: "100-1"}, []string{"h", "a"}},
		{"a status", journal.Query{Status: "waiting"}, []string{"h", "f", "d", "c", "b"}},
		{"since a time", journal.Query{Since: start.Add(5 * time.Hour)}, []string{"h", "g", "f"}},
		{"since just after a time", journal.Query{Since: start.Add(5*time.Hour + 1)}, []string{"h", "g"}},
		{"since a time, of a workflow", journal.Query{Since: start.Add(3 * time.Hour), Workflow: "start"}, []string{"h", "e", "d"}},
		{"since the future", journal.Query{Since: start.Add(8 * time.Hour)}, []string{}},
		{"open", journal.Query{Open: true}, []string{"h", "g", "f", "d", "c", "b"}},
		{"one run", journal.Query{Run: "d"}, []string{"d"}},
		{"one run that is not selected", journal.Query{Run: "d", Workflow: "stop"}, []string{}},
		{"everything together", journal.Query{Workflow: "start", Request: "100-2", Status: "waiting", Open: true}, []string{"c"}},
		{"no such workflow", journal.Query{Workflow: "other"}, []string{}},
		{"no such workflow and request", journal.Query{Workflow: "other", Request: "100-1"}, []string{}},
	})
	for _, c := range []struct{ workflow, request, run string }{
		{"start", "100-1", "h"}, {"start", "100-2", "e"}, {"other", "100-1", ""}, {"start", "", ""}, {"start", "none", ""},
	} {
		run, inputs, err := j.Latest(t.Context(), c.workflow, c.request)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the latest of "+c.request, run, c.run)
		if run != "" {
			want, _ := load(t, j, run)
			same(t, "its inputs", inputs, want.Inputs)
		}
	}
	runs, err := j.List(t.Context(), journal.Query{Request: "100-3"})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := load(t, j, "f")
	want.Source = nil
	same(t, "a run in a list", runs, []journal.Run{want})
}

func listByOwners(t *testing.T, j journal.Journal) {
	for id, owners := range map[string][]string{"a": {"token:desk"}, "b": {"token:desk", "person:kim", "person:kim"}, "c": nil} {
		c := begin(id, "")
		c.Create.Owners = owners
		must(t, j, c)
	}
	for _, test := range []struct {
		name   string
		owners []string
		want   int
	}{{"all", nil, 3}, {"nobody's", []string{}, 0}, {"a token's", []string{"token:desk"}, 2}, {"a person's", []string{"person:kim", "token:other"}, 1}, {"a part of a name", []string{"token"}, 0}} {
		same(t, test.name, len(ids(t, j, journal.Query{Owners: test.owners})), test.want)
	}
	same(t, "one run", ids(t, j, journal.Query{Run: "a", Owners: []string{"person:kim"}}), []string{})
	r, _ := load(t, j, "b")
	same(t, "the owners of a run that is read", len(r.Owners), 0)
}

func listByChange(t *testing.T, j journal.Journal) {
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	for i, id := range []string{"a", "b", "c"} {
		c := begin(id, "")
		c.At = at(i)
		must(t, j, c)
	}
	check(t, j, []listCase{
		{"at first", journal.Query{Changed: at(1)}, []string{"c", "b"}},
		{"just after", journal.Query{Changed: at(1).Add(1)}, []string{"c"}},
	})
	c := next("a", 0, "")
	c.At, c.State.Ended = at(5), at(5)
	must(t, j, c)
	if err := j.Cancel(t.Context(), "b", journal.Message{Round: 1, At: at(6)}); err != nil {
		t.Fatal(err)
	}
	if err := j.Put(t.Context(), "c", journal.Message{Step: "s", Round: 1, At: at(7)}); err != nil {
		t.Fatal(err)
	}
	check(t, j, []listCase{
		{"after an end, a cancellation and a message", journal.Query{Changed: at(5)}, []string{"c", "b", "a"}},
		{"after the cancellation", journal.Query{Changed: at(6)}, []string{"c", "b"}},
		{"after the message", journal.Query{Changed: at(7)}, []string{"c"}},
	})
}

func listByWaits(t *testing.T, j journal.Journal) {
	person, time := engine.Wait{For: engine.WaitPerson, Step: "check"}, engine.Wait{For: engine.WaitTime, Due: start}
	for _, r := range []struct {
		id    string
		waits []engine.Wait
	}{
		{"a", nil},
		{"b", []engine.Wait{person}},
		{"c", []engine.Wait{time, person}},
		{"d", []engine.Wait{time}},
		{"e", []engine.Wait{person, person}},
		{"f", []engine.Wait{{For: engine.WaitTrouble, Reason: `"for":"person"`, Step: "person"}}},
	} {
		c := begin(r.id, "")
		c.State.Waits = r.waits
		must(t, j, c)
	}
	check(t, j, []listCase{
		{"for a person", journal.Query{WaitsFor: engine.WaitPerson}, []string{"e", "c", "b"}},
		{"for a time", journal.Query{WaitsFor: engine.WaitTime}, []string{"d", "c"}},
		{"for trouble", journal.Query{WaitsFor: engine.WaitTrouble}, []string{"f"}},
		{"for a turn", journal.Query{WaitsFor: engine.WaitTurn}, []string{}},
		{"a page", journal.Query{WaitsFor: engine.WaitPerson, After: "e", Limit: 1}, []string{"c"}},
		{"of a request", journal.Query{WaitsFor: engine.WaitPerson, Request: "100-b"}, []string{"b"}},
		{"due", journal.Query{WaitsFor: engine.WaitPerson, Due: start}, []string{"b", "c", "e"}},
	})
	must(t, j, next("b", 0, ""))
	check(t, j, []listCase{{"after a decision", journal.Query{WaitsFor: engine.WaitPerson}, []string{"e", "c"}}})
	runs, err := j.List(t.Context(), journal.Query{Request: "100-c"})
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	same(t, "the waits in a list", runs[0].Waits, []engine.Wait{time, person})
}

func listInPages(t *testing.T, j journal.Journal) {
	several(t, j)
	check(t, j, []listCase{
		{"the first page", journal.Query{Limit: 3}, []string{"h", "g", "f"}},
		{"the next page", journal.Query{Limit: 3, After: "f"}, []string{"e", "d", "c"}},
		{"the last page", journal.Query{Limit: 3, After: "c"}, []string{"b", "a"}},
		{"after the last", journal.Query{Limit: 3, After: "a"}, []string{}},
		{"after an unknown run", journal.Query{Limit: 3, After: "z"}, []string{}},
		{"no limit", journal.Query{After: "c"}, []string{"b", "a"}},
		{"a page of a workflow", journal.Query{Workflow: "start", Limit: 2}, []string{"h", "e"}},
		{"its next", journal.Query{Workflow: "start", Limit: 2, After: "e"}, []string{"d", "c"}},
		{"after a run that is not in the answer", journal.Query{Workflow: "stop", After: "e"}, []string{"b"}},
		{"of one request", journal.Query{Workflow: "start", Request: "100-1", After: "h"}, []string{"a"}},
	})
	must(t, j, begin("i", ""))
	check(t, j, []listCase{{"while new runs are created", journal.Query{Limit: 3, After: "f"}, []string{"e", "d", "c"}}})
}

func listDue(t *testing.T, j journal.Journal) {
	several(t, j)
	end := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	check(t, j, []listCase{
		{"nothing yet", journal.Query{Due: start}, []string{}},
		{"the first", journal.Query{Due: start.Add(3)}, []string{"c"}},
		{"the earliest first, and the older one of two", journal.Query{Due: start.Add(5)}, []string{"c", "h", "b", "f"}},
		{"in another zone", journal.Query{Due: start.Add(4).In(time.FixedZone("", 3600))}, []string{"c", "h"}},
		{"all", journal.Query{Due: end}, []string{"c", "h", "b", "f", "g"}},
		{"the very first", journal.Query{Due: end, Limit: 1}, []string{"c"}},
		{"of a workflow", journal.Query{Due: end, Workflow: "stop", Limit: 2}, []string{"b", "f"}},
		{"open with a status", journal.Query{Due: end, Open: true, Status: "uncertain"}, []string{"g"}},
	})
	move := func(id string, entries int, wake time.Time) {
		c := next(id, entries, "")
		c.State.Wake = wake
		must(t, j, c)
	}
	move("c", 0, start.Add(time.Hour))
	move("b", 0, time.Time{})
	move("d", 0, start.Add(1))
	check(t, j, []listCase{
		{"later, never, and now", journal.Query{Due: end}, []string{"d", "h", "f", "g", "c"}},
		{"the very first", journal.Query{Due: end, Limit: 1}, []string{"d"}},
	})
	move("b", 1, end)
	check(t, j, []listCase{{"at the end of time", journal.Query{Due: end}, []string{"d", "h", "f", "g", "c", "b"}}})
}

func countEnded(t *testing.T, j journal.Journal) {
	counted := func() map[engine.RunGroup]int {
		counts, err := j.CountEnded(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return counts
	}
	same(t, "none", counted(), map[engine.RunGroup]int{})
	several(t, j)
	again := begin("i", "")
	again.Again, again.Create.Workflow, again.Create.Request = true, "start", "100-9"
	again.State = journal.State{Status: engine.Failed, Ended: after(3)}
	must(t, j, again)
	want := map[engine.RunGroup]int{{Workflow: "start", Status: engine.Succeeded}: 1, {Workflow: "start", Status: engine.Failed}: 2}
	same(t, "those that ended", counted(), want)
}
