package journal_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/journal"
)

var made = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// Every process sees a new token, and the end of one, at its next request.
func TestTokens(t *testing.T) {
	home := t.TempDir()
	j, other := open(t, home), open(t, home)
	_, first := access.NewSecret()
	_, second := access.NewSecret()
	desk := access.Token{Name: "desk", Roles: []access.Role{access.Requester}, Workflows: []string{"start-instance"}, Created: made, Expires: made.Add(time.Hour)}
	kim := access.Token{Name: "a-kim", Roles: []access.Role{access.Approver, access.Operator}, Person: "kim", Groups: []string{"operators"}, Created: made}

	if _, err := other.FindToken(t.Context(), first); !errors.Is(err, access.ErrNoToken) {
		t.Errorf("before it is added: %v", err)
	}
	for _, add := range []struct {
		token access.Token
		hash  access.Hash
		want  error
	}{
		{desk, first, nil}, {kim, second, nil},
		{access.Token{Name: "desk", Roles: kim.Roles}, access.Hash{1}, access.ErrExists},
		{access.Token{Name: "with-a-known-secret", Roles: kim.Roles}, first, access.ErrExists},
	} {
		if err := j.AddToken(t.Context(), add.token, add.hash); !errors.Is(err, add.want) {
			t.Errorf("%s: %v, want %v", add.token.Name, err, add.want)
		}
	}
	want := func(token access.Token, h access.Hash) {
		t.Helper()
		if got, err := other.FindToken(t.Context(), h); err != nil || fmt.Sprint(got) != fmt.Sprint(token) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, token)
		}
	}
	want(desk, first)
	want(kim, second)

	if err := j.RevokeToken(t.Context(), "nobody", made); !errors.Is(err, access.ErrNoToken) {
		t.Errorf("a token that does not exist: %v", err)
	}
	for _, at := range []time.Time{made.Add(time.Minute), made.Add(time.Hour)} { // the second one changes nothing
		if err := j.RevokeToken(t.Context(), "desk", at); err != nil {
			t.Error(err)
		}
	}
	desk.Revoked = made.Add(time.Minute)
	want(desk, first)
	if err := j.AddToken(t.Context(), access.Token{Name: "desk"}, access.Hash{2}); !errors.Is(err, access.ErrExists) {
		t.Errorf("the name of a revoked token: %v", err)
	}
	if got, err := other.Tokens(t.Context()); err != nil || fmt.Sprint(got) != fmt.Sprint([]access.Token{desk, kim}) {
		t.Errorf("the tokens are %+v, %v", got, err)
	}
}

// A token is found by one read of an index, and its secret is not in the files.
func TestATokenIsFoundByAnIndex(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	secret, h := access.NewSecret()
	if err := j.AddToken(t.Context(), access.Token{Name: "desk"}, h); err != nil {
		t.Fatal(err)
	}
	var id, parent, unused int
	var plan string
	if err := raw(t, home).QueryRow(`EXPLAIN QUERY PLAN SELECT data FROM tokens WHERE hash = ?`, h[:]).Scan(&id, &parent, &unused, &plan); err != nil || !strings.Contains(plan, "USING INDEX") {
		t.Errorf("the plan is %q, %v", plan, err)
	}
	var found int
	if err := raw(t, home).QueryRow(`SELECT count(*) FROM tokens WHERE instr(hex(data) || hex(hash), hex(?)) > 0`, secret).Scan(&found); err != nil || found != 0 {
		t.Errorf("the secret is in %d rows, %v", found, err)
	}
}

// Of several processes that add one name at once, one succeeds.
func TestOneNameAtOnce(t *testing.T) {
	home := t.TempDir()
	handles := []*journal.SQLite{open(t, home), open(t, home)}
	errs := make([]error, 10)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			errs[i] = handles[i%2].AddToken(context.Background(), access.Token{Name: "desk"}, access.Hash{byte(i)})
		})
	}
	wg.Wait()
	added := 0
	for _, err := range errs {
		if err == nil {
			added++
		} else if !errors.Is(err, access.ErrExists) {
			t.Error(err)
		}
	}
	if added != 1 {
		t.Errorf("the name was added %d times", added)
	}
}

func TestPauses(t *testing.T) {
	home := t.TempDir()
	j, other := open(t, home), open(t, home)
	for i, name := range []string{"start-instance", access.PausedIntake, "start-instance"} {
		if err := j.Pause(t.Context(), access.Pause{Name: name, By: fmt.Sprint("person ", i), At: made}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := other.Paused(t.Context())
	if want := []access.Pause{{Name: "intake", By: "person 1", At: made}, {Name: "start-instance", By: "person 0", At: made}}; err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("paused are %+v, %v", got, err)
	}
	for i, want := range []bool{true, false} {
		if ended, err := other.Unpause(t.Context(), "intake"); ended != want || err != nil {
			t.Errorf("time %d: %t, %v", i, ended, err)
		}
	}
	if got, err := j.Paused(t.Context()); err != nil || len(got) != 1 || got[0].Name != "start-instance" {
		t.Errorf("paused are %+v, %v", got, err)
	}
}

// A journal whose file is gone finds no token: it would find those of a file that nobody else sees.
func TestNoTokensWithoutTheFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed there")
	}
	home := t.TempDir()
	j := open(t, home)
	_, h := access.NewSecret()
	if err := j.AddToken(t.Context(), access.Token{Name: "desk"}, h); err != nil {
		t.Fatal(err)
	}
	remove(t, filepath.Join(home, "journal.db"))
	for what, err := range map[string]error{
		"find":   second(j.FindToken(t.Context(), h)),
		"add":    j.AddToken(t.Context(), access.Token{Name: "b"}, access.Hash{}),
		"append": second(j.Audit(nil).Append(t.Context(), access.Entry{})),
		"paused": second(j.Paused(t.Context())),
	} {
		if _, gone := errors.AsType[*journal.GoneError](err); !gone {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
