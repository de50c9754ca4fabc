package journal_test

import (
	"errors"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/journal"
	"errand/engine/journal/journaltest"
)

func TestSQLiteOfBrowserSessions(t *testing.T) {
	journaltest.RunBrowserSessions(t, func(t *testing.T) journaltest.BrowserStore { return open(t, t.TempDir()) })
}

// signIn adds a session of the token desk, and returns it with the hash of its secret.
func signIn(t *testing.T, j access.Sessions) (s access.Session, secret string, h access.Hash) {
	t.Helper()
	s = access.NewSession("Firefox on Linux", made)
	s.Token, s.TokenHash, s.Holder = "desk", access.Hash{1}, access.Token{Name: "desk", Roles: []access.Role{access.Operator}, Created: made}
	secret, h = access.NewSessionSecret()
	if err := j.AddSession(t.Context(), s, h); err != nil {
		t.Fatal(err)
	}
	return s, secret, h
}

// isSession fails the test if a journal does not find a session.
func isSession(t *testing.T, j access.Sessions, h access.Hash, want access.Session) {
	t.Helper()
	if got, err := j.FindSession(t.Context(), h); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

// Sessions survive the process. Every process sees a new one, its use and its end at once.
func TestBrowserSessionsAreKept(t *testing.T) {
	home := t.TempDir()
	j, other := open(t, home), open(t, home)
	stays, _, first := signIn(t, j)
	ends, _, second := signIn(t, other)
	isSession(t, other, first, stays)
	if err := other.TouchSession(t.Context(), stays.ID, made.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := j.EndSession(t.Context(), ends.ID, made.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	stays.Seen, ends.Ended = made.Add(time.Minute), made.Add(time.Second)
	isSession(t, j, first, stays)
	isSession(t, other, second, ends)
	if err := errors.Join(j.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		j = open(t, home)
		isSession(t, j, first, stays)
		isSession(t, j, second, ends)
		if got, err := j.Sessions(t.Context(), made.Add(time.Minute)); err != nil || !reflect.DeepEqual(got, []access.Session{stays}) {
			t.Errorf("valid are %+v, %v", got, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A page view reads one row by an index, and so does the deletion of old sessions. A secret is not in
// the files.
func TestABrowserSessionIsFoundByAnIndex(t *testing.T) {
	home := t.TempDir()
	_, secret, h := signIn(t, open(t, home))
	for _, query := range journal.SessionQueries {
		var id, parent, unused int
		var plan string
		if err := raw(t, home).QueryRow(`EXPLAIN QUERY PLAN `+query, h[:]).Scan(&id, &parent, &unused, &plan); err != nil || !strings.Contains(plan, "USING INDEX") {
			t.Errorf("%s\nthe plan is %q, %v", query, plan, err)
		}
	}
	var found int
	if err := raw(t, home).QueryRow(`SELECT count(*) FROM browser_sessions WHERE instr(hex(data) || hex(hash) || hex(id) || hex(token), hex(?)) > 0`, secret).Scan(&found); err != nil || found != 0 {
		t.Errorf("the secret is in %d rows, %v", found, err)
	}
}

// A folder that was copied has the tokens of the other one, but none of its sessions.
func TestACopiedHomeHasNoBrowserSessions(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	_, token := access.NewSecret()
	if err := j.AddToken(t.Context(), access.Token{Name: "desk"}, token); err != nil {
		t.Fatal(err)
	}
	s, _, h := signIn(t, j)
	folder := t.TempDir()
	if _, err := j.Backup(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	isSession(t, j, h, s)
	copied := open(t, folder)
	if _, err := copied.FindSession(t.Context(), h); !errors.Is(err, access.ErrNoSession) {
		t.Errorf("the session of the copy: %v", err)
	}
	if _, err := copied.FindToken(t.Context(), token); err != nil {
		t.Errorf("the token of the copy: %v", err)
	}
}

// A session that cannot be read is an error, and no session.
func TestADamagedBrowserSession(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	_, _, h := signIn(t, j)
	run(t, raw(t, home), `UPDATE browser_sessions SET data = substr(data, 1, 20)`)
	for what, err := range map[string]error{
		"find a session": second(j.FindSession(t.Context(), h)),
		"read sessions":  second(j.Sessions(t.Context(), made)),
	} {
		if e, ok := errors.AsType[*journal.StoreError](err); !ok || e.Doing != what {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A journal whose file is gone finds no session.
func TestNoBrowserSessionsWithoutTheFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed there")
	}
	home := t.TempDir()
	j := open(t, home)
	s, _, h := signIn(t, j)
	remove(t, filepath.Join(home, "journal.db"))
	for what, err := range map[string]error{
		"find":  second(j.FindSession(t.Context(), h)),
		"list":  second(j.Sessions(t.Context(), made)),
		"touch": j.TouchSession(t.Context(), s.ID, made),
		"end":   j.EndSession(t.Context(), s.ID, made),
	} {
		if !errors.Is(err, journal.ErrGone) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
