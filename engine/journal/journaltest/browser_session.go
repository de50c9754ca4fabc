package journaltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/journal"
)

// A BrowserStore is a journal that also keeps the sessions of browsers.
type BrowserStore interface {
	access.Sessions
	journal.Origin
}

// RunBrowserSessions runs the suite for the sessions of browsers against stores that open returns,
// each of them empty. open must close the store when the test ends.
func RunBrowserSessions(t *testing.T, open func(t *testing.T) BrowserStore) {
	for _, c := range []struct {
		name string
		test func(*testing.T, BrowserStore)
	}{
		{"an added session is found", anAddedSessionIsFound},
		{"nothing of a session is shared with the caller", nothingOfASessionIsShared},
		{"a session is added once", aSessionIsAddedOnce},
		{"a session is touched", aSessionIsTouched},
		{"a session ends", aSessionEnds},
		{"the sessions of a token end", theSessionsOfATokenEnd},
		{"valid sessions are listed", validSessionsAreListed},
		{"old sessions are deleted", oldSessionsAreDeleted},
		{"a copy has no sessions", aCopyHasNoSessions},
		{"a context that has ended changes no session", anEndedContextChangesNoSession},
		{"many use sessions", manyUseSessions},
		{"many end the same sessions", manyEndTheSameSessions},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// browser returns a session that begins at start, or so much later, with a hash that only it has.
func browser(id, token string, after time.Duration) (access.Session, access.Hash) {
	s := access.NewSession("Firefox on Linux", start.Add(after))
	s.ID, s.Token, s.TokenHash = id, token, access.Hash{1}
	s.Holder = access.Token{Name: token, Roles: []access.Role{access.Operator}, Person: "kim", Groups: []string{"desk"}, Created: start}
	return s, hashOf(id)
}

func hashOf(id string) (h access.Hash) {
	copy(h[:], id)
	return h
}

// add adds sessions of a token that begin at start.
func add(t *testing.T, j access.SessionStore, token string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		s, h := browser(id, token, 0)
		wants(t, "add "+id, j.AddSession(t.Context(), s, h), nil)
	}
}

// find returns the session with an id.
func find(t *testing.T, j access.SessionStore, id string) access.Session {
	t.Helper()
	s, err := j.FindSession(t.Context(), hashOf(id))
	wants(t, "find "+id, err, nil)
	return s
}

// isUnknown fails the test if there are sessions with the ids.
func isUnknown(t *testing.T, j access.SessionStore, ids ...string) {
	t.Helper()
	for _, id := range ids {
		s, err := j.FindSession(t.Context(), hashOf(id))
		wants(t, "find "+id, err, access.ErrNoSession)
		same(t, "the session "+id, s, access.Session{})
	}
}

// valid compares the sessions that are valid some time after start.
func valid(t *testing.T, j access.SessionUsage, after time.Duration, want ...string) {
	t.Helper()
	sessions, err := j.Sessions(t.Context(), start.Add(after))
	wants(t, "list", err, nil)
	var listed []string
	for _, s := range sessions {
		listed = append(listed, s.ID)
	}
	same(t, fmt.Sprint("the sessions after ", after), listed, want)
}

func anAddedSessionIsFound(t *testing.T, j BrowserStore) {
	isUnknown(t, j, "a", "")
	zone := time.FixedZone("", 3600)
	full, _ := browser("a", "desk", 3)
	full.Created, full.Seen, full.Expires, full.Ended = full.Created.In(zone), full.Seen.Add(1).In(zone), full.Expires.In(zone), start.Add(9).In(zone)
	full.Holder.Created, full.Holder.Expires, full.Holder.Revoked = start.In(zone), start.Add(5).In(zone), start.Add(7).In(zone)
	full.Holder.Workflows = []string{"start-instance"}
	provided := access.NewSession("", start) // by an identity provider
	provided.Holder = access.Token{Roles: []access.Role{access.Admin}, Person: "Kim Ö. <&>"}
	wants(t, "add", j.AddSession(t.Context(), full, hashOf("a")), nil)
	wants(t, "add", j.AddSession(t.Context(), provided, hashOf("b")), nil)

	full.Created, full.Seen, full.Expires, full.Ended = full.Created.UTC(), full.Seen.UTC(), full.Expires.UTC(), full.Ended.UTC()
	full.Holder.Created, full.Holder.Expires, full.Holder.Revoked = full.Holder.Created.UTC(), full.Holder.Expires.UTC(), full.Holder.Revoked.UTC()
	same(t, "the session of a token", find(t, j, "a"), full)
	same(t, "the session of an identity provider", find(t, j, "b"), provided)
	isUnknown(t, j, "c", "", "A")
}

func nothingOfASessionIsShared(t *testing.T, j BrowserStore) {
	s, h := browser("a", "desk", 0)
	wants(t, "add", j.AddSession(t.Context(), s, h), nil)
	s.Holder.Roles[0], s.Holder.Groups[0] = access.Admin, "x"
	want, _ := browser("a", "desk", 0)
	for range 2 {
		got := find(t, j, "a")
		same(t, "the session", got, want)
		got.Holder.Roles[0], got.Holder.Groups[0] = access.Admin, "x"
	}
}

// An id, and the hash of a secret, belong to one session. A session that would have no end is refused.
func aSessionIsAddedOnce(t *testing.T, j BrowserStore) {
	add(t, j, "desk", "a")
	again, _ := browser("a", "other", 0)
	other, _ := browser("b", "other", 0)
	endless, idle := other, other
	endless.Expires, idle.Seen = time.Time{}, time.Time{}
	for name, err := range map[string]error{
		"with the same id":     j.AddSession(t.Context(), again, hashOf("b")),
		"with the same secret": j.AddSession(t.Context(), other, hashOf("a")),
		"that never expires":   j.AddSession(t.Context(), endless, hashOf("b")),
		"that was never seen":  j.AddSession(t.Context(), idle, hashOf("b")),
	} {
		wants(t, "a session "+name, err, &journal.StoreError{Doing: "add a session"})
	}
	same(t, "the token", find(t, j, "a").Token, "desk")
	isUnknown(t, j, "b")
}

func aSessionIsTouched(t *testing.T, j BrowserStore) {
	add(t, j, "desk", "a", "b")
	touch := func(id string, after, want time.Duration) {
		t.Helper()
		wants(t, "touch", j.TouchSession(t.Context(), id, start.Add(after).In(time.FixedZone("", 60))), nil)
		s, _ := browser("a", "desk", 0)
		s.Seen = start.Add(want)
		same(t, fmt.Sprint("the session that was touched after ", after), find(t, j, "a"), s)
	}
	minute := time.Minute
	touch("a", 59*minute, 59*minute)
	touch("a", 30*minute, 59*minute) // another process was later
	touch("b", 59*minute+1, 59*minute)
	touch("nobody", 60*minute, 59*minute)
	touch("a", 119*minute, 59*minute) // it was idle for an hour
	touch("a", 119*minute-1, 119*minute-1)
	for at := 170 * minute; at < access.SessionLasts; at += 55 * minute {
		touch("a", at, at)
	}
	touch("a", access.SessionLasts, 665*minute) // it has expired
	touch("a", access.SessionLasts-1, access.SessionLasts-1)
}

func aSessionEnds(t *testing.T, j BrowserStore) {
	add(t, j, "desk", "a", "b")
	end := func(id string, after time.Duration, want error) {
		t.Helper()
		wants(t, "end "+id, j.EndSession(t.Context(), id, start.Add(after).In(time.FixedZone("", 60))), want)
	}
	end("c", 5, access.ErrNoSession)
	end("", 5, access.ErrNoSession)
	end("a", 5, nil)
	end("a", 9, nil) // it stays as it is
	end("b", access.SessionIdles, nil)
	wants(t, "touch", j.TouchSession(t.Context(), "a", start.Add(9)), nil)
	ended, _ := browser("a", "desk", 0)
	ended.Ended = start.Add(5)
	same(t, "the session that ended", find(t, j, "a"), ended)
	idle, _ := browser("b", "desk", 0)
	same(t, "the session that was idle", find(t, j, "b"), idle)
}

// Who revokes a token ends its sessions in one call.
func theSessionsOfATokenEnd(t *testing.T, j BrowserStore) {
	add(t, j, "desk", "a", "b", "c")
	add(t, j, "desk2", "d")
	add(t, j, "", "e")
	end := func(token string, after time.Duration, want int) {
		t.Helper()
		ended, err := j.EndSessions(t.Context(), token, start.Add(after))
		wants(t, "end those of "+token, err, nil)
		same(t, "how many of "+token+" ended", ended, want)
	}
	wants(t, "end b", j.EndSession(t.Context(), "b", start.Add(1)), nil)
	wants(t, "touch c", j.TouchSession(t.Context(), "c", start.Add(1)), nil)
	end("nobody", 2, 0)
	valid(t, j, 2, "a", "c", "d", "e")
	end("desk", access.SessionIdles, 1) // a is idle
	end("desk", 2, 1)
	end("desk", 3, 0)
	valid(t, j, 3, "d", "e")
	end("", 4, 1)
	valid(t, j, 4, "d")
	for id, want := range map[string]time.Time{"a": start.Add(2), "b": start.Add(1), "c": start.Add(access.SessionIdles), "d": {}, "e": start.Add(4)} {
		same(t, "the end of "+id, find(t, j, id).Ended, want)
	}
}

func validSessionsAreListed(t *testing.T, j BrowserStore) {
	valid(t, j, 0)
	add(t, j, "desk", "z", "m", "a")
	later, h := browser("b", "desk", time.Hour)
	wants(t, "add", j.AddSession(t.Context(), later, h), nil)
	wants(t, "touch", j.TouchSession(t.Context(), "m", start.Add(time.Hour-1)), nil)
	wants(t, "end", j.EndSession(t.Context(), "a", start.Add(time.Minute)), nil)
	valid(t, j, time.Hour-1, "z", "m", "b")
	valid(t, j, time.Hour, "m", "b")
	valid(t, j, 2*time.Hour-1, "b")
	valid(t, j, 2*time.Hour)
	sessions, err := j.Sessions(t.Context(), start.Add(time.Hour))
	wants(t, "list", err, nil)
	same(t, "the sessions", sessions, []access.Session{find(t, j, "m"), later})
}

// A new session deletes those that were over a day before.
func oldSessionsAreDeleted(t *testing.T, j BrowserStore) {
	add(t, j, "desk", "ended", "ends later", "expires")
	wants(t, "end", j.EndSession(t.Context(), "ended", start.Add(1)), nil)
	wants(t, "end", j.EndSession(t.Context(), "ends later", start.Add(2)), nil)
	sign := func(id string, after time.Duration) {
		t.Helper()
		s, h := browser(id, "desk", after)
		wants(t, "add "+id, j.AddSession(t.Context(), s, h), nil)
	}
	kept := func(ids ...string) {
		t.Helper()
		for _, id := range ids {
			same(t, "the id", find(t, j, id).ID, id)
		}
	}
	sign("one", access.SessionKept+1)
	kept("ended", "ends later", "expires", "one")
	sign("two", access.SessionKept+2)
	isUnknown(t, j, "ended")
	kept("ends later", "expires", "one", "two")
	sign("three", access.SessionLasts+access.SessionKept)
	isUnknown(t, j, "ends later")
	kept("expires", "one", "two", "three")
	sign("four", access.SessionLasts+access.SessionKept+1)
	isUnknown(t, j, "expires")
	kept("one", "two", "three", "four")
	wants(t, "end what was deleted", j.EndSession(t.Context(), "expires", start), access.ErrNoSession)
	sign("expires", access.SessionLasts+access.SessionKept+2) // its id and its secret are free
	kept("expires")
}

// A copy of a home, such as one that was restored, may have sessions that have ended in the other one.
func aCopyHasNoSessions(t *testing.T, j BrowserStore) {
	add(t, j, "desk", "a", "b")
	wants(t, "isolate", j.Isolate(t.Context(), "a test"), nil)
	isUnknown(t, j, "a", "b")
	valid(t, j, 0)
	add(t, j, "desk", "a")
	wants(t, "adopt", j.Adopt(t.Context()), nil)
	valid(t, j, 0, "a")
}

func anEndedContextChangesNoSession(t *testing.T, j BrowserStore) {
	add(t, j, "desk", "a")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	s, h := browser("b", "desk", 0)
	_, found := j.FindSession(ended, hashOf("a"))
	_, listed := j.Sessions(ended, start)
	_, count := j.EndSessions(ended, "desk", start)
	for doing, err := range map[string]error{
		"add a session": j.AddSession(ended, s, h), "find a session": found, "touch a session": j.TouchSession(ended, "a", start.Add(1)), "read sessions": listed,
		"end a session": j.EndSession(ended, "a", start), "end sessions": count,
	} {
		wants(t, doing, err, &journal.StoreError{Doing: doing})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the error is %v", doing, err)
		}
	}
	valid(t, j, 0, "a")
	same(t, "its last use", find(t, j, "a").Seen, start)
	isUnknown(t, j, "b")
}

func manyUseSessions(t *testing.T, j BrowserStore) {
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			id := strconv.Itoa(i)
			s, h := browser(id, "desk", 0)
			if err := j.AddSession(t.Context(), s, h); err != nil {
				t.Errorf("add %s: %v", id, err)
			}
			for step := range steps {
				at := start.Add(time.Duration(step+1) * time.Minute)
				if err := j.TouchSession(t.Context(), id, at); err != nil {
					t.Errorf("touch %s: %v", id, err)
				}
				if s, err := j.FindSession(t.Context(), h); err != nil || s.ID != id || !s.Seen.Equal(at) {
					t.Errorf("%s, step %d: found %+v, %v", id, step, s, err)
				}
				if _, err := j.FindSession(t.Context(), hashOf("no "+id)); !errors.Is(err, access.ErrNoSession) {
					t.Errorf("a session that nobody added: %v", err)
				}
			}
			if i%2 == 0 {
				return
			}
			if err := j.EndSession(t.Context(), id, start.Add(time.Hour)); err != nil {
				t.Errorf("end %s: %v", id, err)
			}
		})
	}
	wg.Wait()
	sessions, err := j.Sessions(t.Context(), start.Add(time.Hour))
	wants(t, "list", err, nil)
	same(t, "how many are valid", len(sessions), many/2)
}

// Each session ends once, and one of the callers counts it.
func manyEndTheSameSessions(t *testing.T, j BrowserStore) {
	var wanted []string
	for i := range many {
		add(t, j, "desk", strconv.Itoa(i))
		wanted = append(wanted, strconv.Itoa(i))
	}
	add(t, j, "other", "stays")
	var ended atomic.Int64
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			n, err := j.EndSessions(t.Context(), "desk", start.Add(time.Duration(i+1)))
			ended.Add(int64(n))
			if err != nil {
				t.Error(err)
			}
			if at := find(t, j, "7").Ended; at.IsZero() {
				t.Error("a session goes on after it was ended")
			}
		})
	}
	wg.Wait()
	same(t, "how many were counted", ended.Load(), int64(many))
	valid(t, j, time.Minute, "stays")
	first := find(t, j, wanted[0]).Ended
	if slices.ContainsFunc(wanted, func(id string) bool { return !find(t, j, id).Ended.Equal(first) }) {
		t.Error("one call did not end all of them")
	}
}
