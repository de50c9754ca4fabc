// Package journaltest is what every journal must pass: one suite, whose answers are the same for all of them.
//
// The implementer of a journal calls Run from a test:
//
//	func TestJournal(t *testing.T) {
//		journaltest.Run(t, func(t *testing.T) journal.Journal { … })
//	}
//
// In reading order: journaltest.go (the list of what is tested), commit.go, create.go, fence.go, cancel.go, mark.go, list.go, presence.go,
// concurrent.go, agree.go (random changes give the answers that a Memory gives), values.go (what is stored in them).
package journaltest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"errand/engine/journal"
)

// Run runs the suite against journals that a function opens, each empty. The function also sees to it that they are closed when
// the test that it is given ends; one that is an io.Closer may be closed before.
func Run(t *testing.T, open func(t *testing.T) journal.Journal) {
	for _, c := range []struct {
		name string
		test func(*testing.T, journal.Journal)
	}{
		{"what is committed is loaded", whatIsCommittedIsLoaded},
		{"what leaves is stored to the byte", whatLeavesIsStoredToTheByte},
		{"times come back in UTC", timesComeBackInUTC},
		{"nothing is shared with the caller", nothingIsShared},
		{"a state takes the place of the one before", aStateReplaces},
		{"a run can get another definition", anotherDefinition},
		{"a context that has ended changes nothing", anEndedContext},
		{"what cannot be encoded is an error", whatCannotBeEncoded},
		{"a run that cannot be read is damaged", damage},
		{"of a run created nothing but its request is read", whatIsReadOfCreate},
		{"a request has one run", aRequestHasOneRun},
		{"a run is created once", aRunIsCreatedOnce},
		{"a change is fenced", aChangeIsFenced},
		{"a refused change leaves no trace", aRefusedChangeLeavesNoTrace},
		{"a run is cancelled", aRunIsCancelled},
		{"a mark tells that a run was changed", aMarkTells},
		{"a run is listed by what it is", listByMembers},
		{"a list is read in pages", listInPages},
		{"what is due comes in its order", listDue},
		{"a session is alive until it is closed", aSessionIsAlive},
		{"many work on their own runs", manyOnTheirOwn},
		{"of many who change one run one wins", manyOnOne},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
	t.Run("any changes give the same answers", func(t *testing.T) { anyChangesAgree(t, open) })
}

// start is when everything in these tests begins.
var start = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)

// begin is the change that creates a run, which is worked on at once by a session.
func begin(id, holder string) journal.Change {
	return journal.Change{
		Run: id, Holder: holder, State: journal.State{Status: "waiting", Wake: start},
		Create: &journal.Run{
			ID: id, Version: journal.Version, Workflow: "start-instance", Request: "100-" + id, Started: start,
			Inputs: []byte(`{"instance":"i-0abc"}`), Source: []byte("workflow: start-instance\n"), File: "start.yaml", Digest: "d1",
		},
	}
}

// next is a change of a run that has so many entries and is held by a session, which goes on holding it. It appends one entry.
func next(id string, entries int, holder string) journal.Change {
	return journal.Change{
		Run: id, Next: entries, From: holder, Holder: holder, State: journal.State{Status: "waiting", Wake: start},
		Entries: []journal.Entry{{Kind: journal.Woke, At: start.Add(time.Duration(entries) * time.Second)}},
	}
}

// must commits a change.
func must(t *testing.T, j journal.Writer, c journal.Change) {
	t.Helper()
	if err := j.Commit(t.Context(), c); err != nil {
		t.Fatalf("commit of run %s: %v", c.Run, err)
	}
}

// load loads a run.
func load(t *testing.T, j journal.Reader, id string) (journal.Run, []journal.Entry) {
	t.Helper()
	r, entries, err := j.Load(t.Context(), id)
	if err != nil {
		t.Fatalf("load of run %s: %v", id, err)
	}
	return r, entries
}

// ids lists the ids of the runs that a query selects.
func ids(t *testing.T, j journal.Reader, q journal.Query) []string {
	t.Helper()
	runs, err := j.List(t.Context(), q)
	if err != nil {
		t.Fatalf("list %+v: %v", q, err)
	}
	listed := []string{}
	for _, r := range runs {
		listed = append(listed, r.ID)
	}
	return listed
}

// same fails the test where two values differ.
func same(t rapid.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\n got %s\nwant %s", what, show(got), show(want))
	}
}

// wants fails the test where an error is another one.
func wants(t rapid.TB, what string, got, want error) {
	t.Helper()
	if name(got) != name(want) {
		t.Errorf("%s: the error is %q, expected %q", what, name(got), name(want))
	}
}

// name tells errors apart by what the contract says of them.
func name(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*journal.StoreError](err); ok {
		return fmt.Sprintf("store error while doing %s, locked: %t", e.Doing, e.Locked)
	}
	return err.Error()
}
