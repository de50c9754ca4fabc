// Package journaltest tests implementations of journal.Journal. All of them must give the same
// answers.
//
// An implementation's test calls Run:
//
//	func TestJournal(t *testing.T) {
//		journaltest.Run(t, func(t *testing.T) journal.Journal { … })
//	}
//
// RunBrowserSessions does the same for an implementation that keeps the sessions of browsers.
//
// In reading order: journaltest.go (the list of tests), commit.go, create.go, definition.go,
// fence.go, fold.go, cancel.go, inbox.go, intake.go, turn.go, mark.go, list.go, queue.go, prune.go,
// presence.go, concurrent.go, browser_session.go, agree.go (random changes give the answers that a
// Memory gives), values.go (the values that the tests store).
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

// Run runs the suite against journals that open returns, each of them empty. open must close the
// journal when the test ends. If the journal is an io.Closer, the suite may close it before that.
func Run(t *testing.T, open func(t *testing.T) journal.Journal) {
	for _, c := range []struct {
		name string
		test func(*testing.T, journal.Journal)
	}{
		{"what is committed is loaded", whatIsCommittedIsLoaded},
		{"the entries after a number are loaded", theRestIsLoaded},
		{"a fold takes the place of its range", aFoldTakesThePlace},
		{"each member of an entry is tested", eachMemberIsTested},
		{"what a call sends keeps its bytes", whatACallSendsKeepsItsBytes},
		{"times are in UTC", timesAreInUTC},
		{"nothing is shared with the caller", nothingIsShared},
		{"a state replaces the one before", aStateReplaces},
		{"a run can get another definition", anotherDefinition},
		{"definitions are kept", definitionsAreKept},
		{"a context that has ended changes nothing", anEndedContext},
		{"what cannot be encoded is an error", whatCannotBeEncoded},
		{"a run that cannot be read is damaged", damage},
		{"a new run gets its state from the change", aNewRunGetsItsStateFromTheChange},
		{"a request has one run", aRequestHasOneRun},
		{"a run is created once", aRunIsCreatedOnce},
		{"a change is fenced", aChangeIsFenced},
		{"a refused change leaves no trace", aRefusedChangeLeavesNoTrace},
		{"a run is cancelled", aRunIsCancelled},
		{"a message waits in the inbox", aMessageWaits},
		{"a question has one message", aQuestionHasOneMessage},
		{"a run with a message is not parked", aRunWithAMessageIsNotParked},
		{"tickets are taken with their runs", ticketsAreTakenWithTheirRuns},
		{"a ticket is taken once", aTicketIsTakenOnce},
		{"a taking has nothing twice", aTakingHasNothingTwice},
		{"a message is answered once", aMessageIsAnsweredOnce},
		{"turns come in the order of arrival", turnsComeInTheOrderOfArrival},
		{"an open run keeps its turn", anOpenRunKeepsItsTurn},
		{"a retry waits at the end", aRetryWaitsAtTheEnd},
		{"a stopped run waits for its turn too", aStoppedRunWaitsForItsTurnToo},
		{"only the turn is held", onlyTheTurnIsHeld},
		{"a copy keeps the turns", aCopyKeepsTheTurns},
		{"a change of a run changes its mark", aChangeChangesTheMark},
		{"runs are listed by their members", listByMembers},
		{"runs are listed by what they wait for", listByWaits},
		{"runs are listed by their owners", listByOwners},
		{"runs are listed by when they changed", listByChange},
		{"a list is read in pages", listInPages},
		{"runs that have ended are counted", countEnded},
		{"due runs are listed in their order", listDue},
		{"each workflow has its first runs in the queue", eachWorkflowHasItsFirstRuns},
		{"old runs are pruned", oldRunsArePruned},
		{"what stays of a pruned run", whatStaysOfAPrunedRun},
		{"a pruned run is not changed", aPrunedRunIsNotChanged},
		{"one call prunes a limited number", pruningIsLimited},
		{"a session is alive until it is closed", aSessionIsAlive},
		{"many writers work on their own runs", manyOnTheirOwn},
		{"one of many writers of a run wins", manyOnOne},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
	t.Run("random changes give the same answers", func(t *testing.T) { randomChangesAgree(t, open) })
}

// start is when the runs of these tests start.
var start = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)

// begin returns the change that creates a run, which the holder works on at once.
func begin(id, holder string) journal.Change {
	return journal.Change{
		Run: id, Holder: holder, State: journal.State{Status: "waiting", Wake: start},
		Create: &journal.Run{
			ID: id, Version: journal.Version, Workflow: "start-instance", Request: "100-" + id, Started: start,
			Inputs: []byte(`{"instance":"i-0abc"}`), Source: []byte("workflow: start-instance\n"), File: "start.yaml", Digest: "d1",
		},
	}
}

// next returns a change of a run with this number of entries. It appends an entry, and the holder
// keeps the run.
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

// ids returns the ids of the runs that a query selects.
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

// same fails the test if two values differ.
func same(t rapid.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\n got %s\nwant %s", what, show(got), show(want))
	}
}

// wants fails the test if an error is not the expected one.
func wants(t rapid.TB, what string, got, want error) {
	t.Helper()
	if name(got) != name(want) {
		t.Errorf("%s: the error is %q, expected %q", what, name(got), name(want))
	}
}

// name returns what the contract says about an error.
func name(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*journal.StoreError](err); ok {
		return fmt.Sprintf("store error while doing %s, locked: %t", e.Doing, e.Locked)
	}
	return err.Error()
}
