package home_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/home"
	"errand/engine/virtual"
)

func appendEntry(t *testing.T, o *home.Opened, detail string) {
	t.Helper()
	if _, err := o.Audit().Append(t.Context(), access.Entry{Action: access.ActionPause, Detail: detail}); err != nil {
		t.Fatal(err)
	}
}

// verifyLog returns the faults and the seal of a home's audit log as a text.
func verifyLog(t *testing.T, o *home.Opened) string {
	t.Helper()
	r, err := access.Verify(t.Context(), o.Audit(), o.Sealer, "")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(r.Faults, r.Unsealed, r.NoKey, " sealed ", r.Sealed, " of ", r.Head.Seq)
}

// edit changes the journal of a home without Errand.
func edit(t *testing.T, folder, statement string) {
	t.Helper()
	database, err := sql.Open("sqlite", filepath.Join(folder, "journal.db"))
	if err == nil {
		_, err = database.Exec(statement)
	}
	if err = errors.Join(err, database.Close()); err != nil {
		t.Fatal(err)
	}
}

// A home keeps its tokens, its pauses and its audit log in a backup. The log of the copy verifies
// with the key, and goes on there.
func TestABackupKeepsWhatAServiceHas(t *testing.T) {
	h, key, _ := withRuns(t)
	o := open(t, h)
	secret, hash := access.NewSecret()
	if err := o.Tokens().AddToken(t.Context(), access.Token{Name: "desk", Roles: []access.Role{access.Monitor}}, hash); err != nil {
		t.Fatal(err)
	}
	if err := o.Pauses().Pause(t.Context(), access.Pause{Name: "asks", By: "kim"}); err != nil {
		t.Fatal(err)
	}
	appendEntry(t, o, "a")
	file := filepath.Join(t.TempDir(), "backup")
	if err := o.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	to := at(filepath.Join(t.TempDir(), "home"), key)
	if _, err := to.Restore(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	restored := open(t, to)
	found, _ := access.HashOf(secret)
	if got, err := restored.Tokens().FindToken(t.Context(), found); err != nil || got.Name != "desk" {
		t.Errorf("the token is %+v, %v", got, err)
	}
	if got, err := restored.Pauses().Paused(t.Context()); err != nil || len(got) != 1 || got[0].Name != "asks" {
		t.Errorf("paused are %+v, %v", got, err)
	}
	appendEntry(t, restored, "b")
	if got := verifyLog(t, restored); got != "[] [] <nil> sealed 2 of 2" {
		t.Errorf("the log: %s", got)
	}
}

// A browser that is signed in stays so when a backup is made. Nobody is signed in to a home that was
// restored.
func TestRestoreSignsEverybodyOut(t *testing.T) {
	h, key, _ := withRuns(t)
	o := open(t, h)
	began := time.Now().UTC()
	s := access.NewSession("Firefox on Linux", began)
	_, hash := access.NewSessionSecret()
	if err := o.Sessions().AddSession(t.Context(), s, hash); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup")
	if err := o.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if got, err := o.Sessions().FindSession(t.Context(), hash); err != nil || got.ID != s.ID {
		t.Errorf("in the home: %+v, %v", got, err)
	}
	to := at(filepath.Join(t.TempDir(), "home"), key)
	if _, err := to.Restore(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	restored := open(t, to).Sessions()
	if _, err := restored.FindSession(t.Context(), hash); !errors.Is(err, access.ErrNoSession) {
		t.Errorf("in the restored home: %v", err)
	}
	if got, err := restored.Sessions(t.Context(), began); err != nil || len(got) > 0 {
		t.Errorf("valid there are %+v, %v", got, err)
	}
}

// A restore overwrites nothing that a service has.
func TestRestoreOverwritesNoTokens(t *testing.T) {
	_, _, file := withRuns(t)
	for what, fill := range map[string]func(o *home.Opened) error{
		"tokens": func(o *home.Opened) error {
			return o.Tokens().AddToken(t.Context(), access.Token{Name: "desk"}, access.Hash{})
		},
		"an audit log": func(o *home.Opened) error {
			_, err := o.Audit().Append(t.Context(), access.Entry{})
			return err
		},
	} {
		to := at(t.TempDir(), "")
		if err := fill(open(t, to)); err != nil {
			t.Fatal(err)
		}
		var taken *home.NotEmptyError
		if _, err := to.Restore(t.Context(), file); !errors.As(err, &taken) || taken.What != what {
			t.Errorf("into a home with %s: %v", what, err)
		}
	}
}

// Entries are added without a key too, and the log says that they have no seal.
func TestAnAuditLogWithoutAKey(t *testing.T) {
	h := newHome(t)
	o := open(t, h)
	appendEntry(t, o, "a")
	if got := verifyLog(t, o); got != "[] [{1 1}] <nil> sealed 0 of 1" {
		t.Errorf("without credentials: %s", got)
	}
	withKey, _, _ := withRuns(t)
	appendEntry(t, open(t, withKey), "a")
	keyless := open(t, at(withKey.Folder, ""))
	appendEntry(t, keyless, "b")
	if got := verifyLog(t, keyless); !strings.HasPrefix(got, "[] [] the credentials in ") || !strings.HasSuffix(got, " sealed 0 of 2") {
		t.Errorf("without the key: %s", got)
	}
	appendEntry(t, open(t, withKey), "c")
	if got := verifyLog(t, open(t, withKey)); got != "[] [{2 2}] <nil> sealed 3 of 3" {
		t.Errorf("with the key: %s", got)
	}
}

// A new data key takes the seal over. A log that somebody has changed keeps the seal that shows it.
func TestRotateSealsTheLogAgain(t *testing.T) {
	rotate := func(h *home.Home) (verified bool) {
		t.Helper()
		verified, err := open(t, h).Rotate(t.Context(), access.Entry{Action: access.ActionRotate})
		if err != nil {
			t.Fatal(err)
		}
		return verified
	}
	h, key, _ := withRuns(t)
	if !rotate(h) {
		t.Error("a log without entries is not good")
	}
	running := open(t, at(h.Folder, key)) // another process
	if got := verifyLog(t, running); got != "[] [] <nil> sealed 0 of 0" {
		t.Errorf("without entries: %s", got)
	}
	appendEntry(t, running, "a")
	if !rotate(h) {
		t.Error("a good log is not good")
	}
	appendEntry(t, running, "b")
	if got := verifyLog(t, running); got != "[] [] <nil> sealed 3 of 3" {
		t.Errorf("after a rotation: %s", got)
	}

	edit(t, h.Folder, `UPDATE audit_seal SET mac = x'00'`)
	if rotate(h) {
		t.Error("a log with a bad seal is good")
	}
	if got := verifyLog(t, running); got != "[{key {1 3}}] [] <nil> sealed 0 of 3" {
		t.Errorf("after the rotation of a bad one: %s", got)
	}
}

// An error of what a service keeps is trouble in the runner's words.
func TestTrouble(t *testing.T) {
	h := newHome(t)
	o := open(t, h)
	edit(t, h.Folder, `DROP TABLE tokens`)
	_, err := o.Tokens().Tokens(t.Context())
	if trouble, ok := errors.AsType[*engine.Trouble](home.Trouble(err)); !ok || trouble.Code != engine.TroubleStore {
		t.Errorf("without its table: %v", err)
	}
	if runtime.GOOS == "windows" {
		return // a file that is open cannot be removed there
	}
	if err := os.Remove(filepath.Join(h.Folder, "journal.db")); err != nil {
		t.Fatal(err)
	}
	_, err = o.Audit().Append(t.Context(), access.Entry{})
	if trouble, ok := errors.AsType[*engine.Trouble](home.Trouble(err)); !ok || trouble.Code != engine.TroubleGone {
		t.Errorf("without its file: %v", err)
	}
	if err := home.Trouble(access.ErrExists); !errors.Is(err, access.ErrExists) {
		t.Errorf("a refusal became %v", err)
	}
}

// A home whose runs are elsewhere keeps nothing for a service.
func TestAHomeWithoutAJournal(t *testing.T) {
	h := newHome(t)
	h.Runner = func(context.Context, *home.Opened) (engine.Runner, error) {
		return &virtual.Runner{}, nil
	}
	o := open(t, h)
	if o.Tokens() != nil || o.Sessions() != nil || o.Pauses() != nil || o.Audit() != nil {
		t.Error("it keeps something")
	}
}

// A home whose runs are elsewhere keeps in its journal what a service needs on this machine, and cursors,
// but takes no tickets.
func TestAJournalBesideAnotherRunner(t *testing.T) {
	h, _, _ := withRuns(t)
	h.Runner = func(ctx context.Context, o *home.Opened) (engine.Runner, error) {
		if o.Credentials != h.Credentials {
			t.Error("the opened home has other credentials")
		}
		return &virtual.Runner{}, errors.Join(o.OpenJournal(ctx), o.OpenJournal(ctx))
	}
	o := open(t, h)
	if o.Tokens() == nil || o.Sessions() == nil || o.Pauses() == nil || o.Audit() == nil {
		t.Error("the home does not keep everything that a service needs")
	}
	appendEntry(t, o, "greet")
	if err := o.Check(t.Context()); err != nil {
		t.Error(err)
	}
	cursors := o.Cursors()
	if _, err := cursors.Take(t.Context(), engine.Taking{Source: "alert ops", Cursor: "12"}); err != nil {
		t.Error(err)
	}
	if at, err := cursors.Cursor(t.Context(), "alert ops"); at != "12" || err != nil {
		t.Errorf("the cursor is %q, %v; want 12", at, err)
	}
	if _, err := cursors.Take(t.Context(), engine.Taking{Source: "ism", Tickets: []engine.TicketOrder{{Ticket: "100-1"}}}); err == nil {
		t.Error("the cursors took a ticket, which then has no run")
	}
	h.Runner = func(context.Context, *home.Opened) (engine.Runner, error) { return &virtual.Runner{}, nil }
	if o = open(t, h); o.Cursors() != nil || o.Tokens() != nil {
		t.Error("a home without a journal keeps something")
	}
}
