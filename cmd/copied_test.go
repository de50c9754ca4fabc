package cmd_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/engine"
)

// Files of a home vanish while a process is in the middle of a request. Whatever other processes
// are started then, each effect takes place once, and no process ends as if nothing had happened.
func TestFilesVanishDuringACall(t *testing.T) {
	w := shipped[0]
	for _, c := range []struct {
		name  string
		files []string
		goOn  bool // the process carries the run to its end
	}{
		{"the sessions", []string{"sessions"}, true},
		{"the log", []string{"journal.db-wal", "journal.db-shm"}, false},
		{"the id", []string{"home.id"}, false},
		{"the id and the sessions", []string{"home.id", "sessions"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, w.world)
			behind, gate := s.withGate(t, 1, true)
			first := behind.start(t, w.run()...)
			gate.wait(first.over)
			for _, name := range c.files {
				if err := os.RemoveAll(filepath.Join(s.home, name)); err != nil {
					t.Fatal(err)
				}
			}
			s.errand(t, "runs", "list")
			all := s.start(t, "runs", "resume", "--all") // it may wait for the first process
			for _, args := range [][]string{{"runs", "resume", "100-291"}, w.run()} {
				if o := s.errand(t, args...); o.code == 0 {
					t.Errorf("errand %s: exit code 0\n%s%s", strings.Join(args, " "), o.stdout, o.stderr)
				}
			}
			close(gate.open)
			o := first.end(t)
			all.end(t)
			effects := s.effects(t)
			switch {
			case c.goOn && (o.code != 0 || o.result(t).Status != engine.Succeeded):
				t.Errorf("exit code %d\n%s", o.code, o.stderr)
			case !c.goOn && (o.code == 0 || !strings.Contains(o.stderr, "the journal is not where it was: ")):
				t.Errorf("exit code %d\n%s", o.code, o.stderr)
			}
			want := w.effects
			if !c.goOn {
				want = want[:1]
			}
			if strings.Join(effects, "\n") != strings.Join(want, "\n") {
				t.Errorf("the effects are %q, expected %q", effects, want)
			}
		})
	}
}

// A digit of an input changes on the disk. The run is quarantined before it acts.
func TestAChangedInputIsNoticed(t *testing.T) {
	t.Parallel()
	s := newScene(t, lasting)
	file := filepath.Join(t.TempDir(), "boot.yaml")
	const source = `workflow: boot
inputs: {server: {type: string}}
steps:
  - id: ask
    approval: {ask: "Go on?", by: [operators], within: 2s, otherwise: approve}
  - {id: boot, task: ec2.restart_instance, with: {instance_id: "${{ inputs.server }}"}}
`
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if o := s.errand(t, "run", file, "--request", "100-291", "--input", "server=i-0a1b2c3d4e5f60001"); o.code == 0 {
		t.Fatalf("it did not wait: %s", o.stdout)
	}
	database, err := sql.Open("sqlite", filepath.Join(s.home, "journal.db"))
	if err == nil {
		_, err = database.Exec(`UPDATE runs SET inputs = replace(inputs, '60001', '60002')`)
	}
	if err == nil {
		err = database.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	o := s.errand(t, "runs", "resume", "--all")
	if effects := s.effects(t); o.code != 70 || len(effects) > 0 || !strings.Contains(o.stderr, "its inputs, or what else it was asked for, are not as they were recorded") {
		t.Errorf("exit code %d, effects %q\n%s", o.code, effects, o.stderr)
	}
}
