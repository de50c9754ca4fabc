package journal_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"errand/engine/journal"
)

// The tests of this file start a second process: this program, with the name of a part in its
// environment.
const part = "ERRAND_JOURNAL_TEST_PART"

func TestMain(m *testing.M) {
	if play := parts[os.Getenv(part)]; play != nil {
		if err := play(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// parts are what the second process may do with a journal's folder. Each runs until its standard input
// ends or it is killed.
var parts = map[string]func(home string) error{
	"join":   playJoin,
	"lock":   playLock,
	"commit": playCommit,
	"prune":  playPrune,
	"read":   playRead,
}

// A child is another process, which prints lines.
type child struct {
	t     *testing.T
	cmd   *exec.Cmd
	says  *bufio.Scanner
	input io.Closer
}

func playing(t *testing.T, name, home string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, home)
	cmd.Env = append(os.Environ(), part+"="+name)
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: cmd, says: bufio.NewScanner(output), input: input}
	t.Cleanup(c.kill)
	return c
}

// line returns the next line that the child prints.
func (c *child) line() string {
	c.t.Helper()
	if !c.says.Scan() {
		c.t.Fatalf("the other process prints no other line: %v", c.says.Err())
	}
	return c.says.Text()
}

// kill ends the child at once.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

func playJoin(home string) error {
	j, err := journal.OpenWithPatience(context.Background(), home, time.Second)
	if err != nil {
		return err
	}
	s, err := j.Join("the other process")
	if err != nil {
		return err
	}
	fmt.Println(s.ID())
	_, err = io.ReadAll(os.Stdin)
	return errors.Join(err, s.Close(), j.Close())
}

func TestASessionDiesWithItsProcess(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	for _, c := range []struct {
		name string
		end  func(*child)
		text string // what Alive returns as about after the end
	}{
		{"killed", (*child).kill, "the other process"},
		{"at its end", func(c *child) { _ = c.input.Close(); _ = c.cmd.Wait() }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := playing(t, "join", home)
			id := other.line()
			for range 3 {
				if about, alive := j.Alive(id); !alive || about != "the other process" {
					t.Fatalf("while its process is alive the session is %q, %t", about, alive)
				}
			}
			c.end(other)
			for range 2 {
				if about, alive := j.Alive(id); alive || about != c.text {
					t.Errorf("then it is %q, %t", about, alive)
				}
			}
		})
	}
}

// A process that takes over a run can read who held it, even if other processes have joined before.
func TestADeadSessionIsKnownWhileItHoldsARun(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	next := func(want ...string) {
		t.Helper()
		s, err := j.Join("the next")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		files, err := os.ReadDir(filepath.Join(home, "sessions"))
		if err != nil || len(files) != len(want)+1 {
			t.Errorf("after somebody has joined there are %v, %v; want those of %q and its own", files, err, want)
		}
		for _, id := range want {
			if about, alive := j.Alive(id); alive || about != "the other process" {
				t.Errorf("after somebody has joined it is %q, %t", about, alive)
			}
		}
	}
	holder, idle := playing(t, "join", home), playing(t, "join", home)
	id, _ := holder.line(), idle.line()
	held := begin("a")
	held.Holder = id
	commit(t, j, held)
	holder.kill()
	idle.kill()
	next(id)
	next(id)
	given := journal.Change{Run: "a", Next: 1, From: id, State: held.State}
	commit(t, j, given)
	next()
}

func playLock(home string) error {
	database, err := sql.Open("sqlite", filepath.Join(home, "journal.db"))
	if err != nil {
		return err
	}
	conn, err := database.Conn(context.Background())
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	fmt.Println("locked")
	_, err = io.ReadAll(os.Stdin)
	return err
}

func TestADatabaseThatAnotherProcessHoldsIsLocked(t *testing.T) {
	home := t.TempDir()
	j, err := journal.OpenWithPatience(t.Context(), home, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	commit(t, j, begin("a"))
	other := playing(t, "lock", home)
	other.line()
	for what, do := range map[string]func() error{
		"commit": func() error { return j.Commit(t.Context(), next("a", 1)) },
		"cancel": func() error { return j.Cancel(t.Context(), "a", journal.Message{Round: 1, At: time.Unix(1, 0)}) },
	} {
		if e, ok := errors.AsType[*journal.StoreError](do()); !ok || !e.Locked || e.Doing != what {
			t.Errorf("%s: %v", what, e)
		}
	}
	if len(everything(t, j)) != 3 {
		t.Error("what is there cannot be read meanwhile")
	}
	other.kill()
	commit(t, j, next("a", 1))
}

// playCommit commits with several goroutines and prints each commit that was acknowledged.
func playCommit(home string) error {
	j, err := journal.OpenWithPatience(context.Background(), home, 5*time.Second)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for err == nil {
				id := rand.Text()
				failed := j.Commit(context.Background(), begin(id))
				for n := 1; failed == nil && n < 10; n++ {
					fmt.Printf("%s %d\n", id, n)
					failed = j.Commit(context.Background(), next(id, n))
				}
				if failed != nil {
					fmt.Fprintln(os.Stderr, failed)
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.New("it ended by itself")
}

func TestNothingAcknowledgedIsLostByAKill(t *testing.T) {
	home := t.TempDir()
	acknowledged := map[string]int{}
	for round := range 4 {
		other := playing(t, "commit", home)
		note := func() {
			var id string
			var entries int
			if _, err := fmt.Sscan(other.says.Text(), &id, &entries); err == nil {
				acknowledged[id] = max(acknowledged[id], entries)
			}
		}
		for range 150 + 100*round {
			other.line()
			note()
		}
		_ = other.cmd.Process.Kill()
		for other.says.Scan() { // what it printed before it died; the last line may be cut
			note()
		}
		_ = other.cmd.Wait()

		j := open(t, home)
		for id, entries := range acknowledged {
			if r, _, err := j.Load(t.Context(), id); err != nil || r.Next < entries {
				t.Errorf("run %s has %d entries, of which %d were acknowledged; %v", id, r.Next, entries, err)
			}
		}
		if is := standing(t, j); is != journal.Original {
			t.Fatalf("after the kill it is %q", is)
		}
		var verdict string
		if err := raw(t, home).QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("the database is %s, %v", verdict, err)
		}
		everything(t, j)
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}
