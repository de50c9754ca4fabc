package home_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/credential"
	"errand/engine/home"
	"errand/engine/task"
	"errand/tasks"
)

const canary = "canary-secret-key-0123456789"

// withRuns returns a home with an open run and a credential, the place of its key, and a backup
// that was made while the home was in use.
func withRuns(t *testing.T) (h *home.Home, key, file string) {
	t.Helper()
	h = newHome(t)
	key = filepath.Join(t.TempDir(), "key")
	h.Credentials.Create = credential.File{Path: key}
	ec2, _ := h.Registry().Connector("ec2")
	if err := h.Credentials.Add(t.Context(), ec2, "prod", task.Conceal(map[string]string{"access_key_id": "AKIDEXAMPLE", "secret_access_key": canary})); err != nil {
		t.Fatal(err)
	}
	p := load(t, h, "workflow: asks\nsteps: [{id: ok, approval: {ask: go, by: [kim]}}]\n")
	o := open(t, h)
	if _, err := o.Start(t.Context(), engine.Order{Run: "run1", Request: "100-291", Program: p, Inputs: map[string]any{}}, engine.Following{}); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "errand.backup")
	if err := o.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Accept(t.Context(), engine.Order{Run: "run2", Program: p, Inputs: map[string]any{}}); err != nil {
		t.Fatal(err) // the home is as it was
	}
	return h, key, file
}

// at returns a home in another folder, with a key or without.
func at(folder, key string) *home.Home {
	places := credential.Places{Getenv: func(string) string { return "" }, File: key}
	return &home.Home{Folder: folder, Credentials: home.OpenCredentials(folder, places), Connectors: tasks.Connectors}
}

func TestBackupAndRestore(t *testing.T) {
	_, key, file := withRuns(t)
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is %v, %v", info.Mode(), err)
	}
	data, err := os.ReadFile(file)
	secret, bad := os.ReadFile(key)
	if err != nil || bad != nil || bytes.Contains(data, bytes.TrimSpace(secret)) || bytes.Contains(data, []byte(canary)) {
		t.Errorf("the backup holds the key or a secret; %v, %v", err, bad)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}

	to := at(filepath.Join(t.TempDir(), "new", "home"), key)
	m, err := to.Restore(t.Context(), file)
	if err != nil || time.Since(m.Made) > time.Hour || len(m.Files) != 2 {
		t.Fatalf("restored: %+v, %v", m, err)
	}
	o := open(t, to)
	v, err := o.Read(t.Context(), "run1")
	if err != nil || v.Trouble != nil || len(v.Waits) != 1 || v.Waits[0].For != engine.WaitAdoption || !strings.HasPrefix(v.Waits[0].Reason, "restored from a backup of 20") {
		t.Errorf("the run is %+v, %v", v, err)
	}
	if _, err := o.Read(t.Context(), "run2"); err == nil {
		t.Error("a run from after the backup is there")
	}
	found, err := to.Credentials.Find(t.Context(), "ec2", "prod")
	if err != nil || found.Reveal("secret_access_key") != canary {
		t.Errorf("the credential is %v, %v", found, err)
	}
	if closed, why, err := to.Credentials.Unopened(t.Context()); len(closed) > 0 || why != nil || err != nil {
		t.Errorf("not opened: %v, %v, %v", closed, why, err)
	}
	for _, e := range entries(t, to.Folder) {
		if strings.HasPrefix(e, ".") {
			t.Errorf("left behind: %s", e)
		}
	}
}

func TestRestoreWithoutTheKey(t *testing.T) {
	_, _, file := withRuns(t)
	to := at(filepath.Join(t.TempDir(), "home"), "")
	if _, err := to.Restore(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	closed, why, err := to.Credentials.Unopened(t.Context())
	if err != nil || why == nil || len(closed) != 1 || closed[0].Connector != "ec2" || closed[0].Name != "prod" {
		t.Errorf("not opened: %+v, %v, %v", closed, why, err)
	}
}

func TestBackupOverwritesNothing(t *testing.T) {
	h, _, file := withRuns(t)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := open(t, h).Backup(t.Context(), file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the error is %v", err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed: %v", err)
	}
}

// A restore overwrites no runs and no credentials. What it does not replace may be there.
func TestRestoreOverwritesNothing(t *testing.T) {
	h, key, file := withRuns(t)
	var taken *home.NotEmptyError
	if _, err := h.Restore(t.Context(), file); !errors.As(err, &taken) || taken.What != "runs" {
		t.Errorf("into a home with runs: %v", err)
	}
	other := at(t.TempDir(), "")
	if err := os.WriteFile(filepath.Join(other.Folder, "credentials.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Restore(t.Context(), file); !errors.As(err, &taken) || taken.What != "credentials" {
		t.Errorf("into a home with other credentials: %v", err)
	}
	if got := entries(t, other.Folder); len(got) != 1 {
		t.Errorf("the folder has %q", got)
	}

	empty := at(t.TempDir(), key)
	if o, err := empty.Open(t.Context(), "the test", empty.Registry()); err != nil || o.Close() != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(empty.Folder, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it finds what a crash would leave
		if _, err := empty.Restore(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(empty.Folder, "journal.db")); err != nil {
			t.Fatal(err)
		}
	}
}

// A file that was cut or changed anywhere, or that is something else, changes nothing.
func TestRestoreRefusesADamagedBackup(t *testing.T) {
	_, _, file := withRuns(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content := len(bytes.TrimRight(whole, "\x00"))
	restore := func(what string, data []byte) {
		t.Helper()
		bad := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(bad, data, 0o600); err != nil {
			t.Fatal(err)
		}
		to := at(filepath.Join(t.TempDir(), "home"), "")
		_, err := to.Restore(t.Context(), bad)
		if refused, ok := errors.AsType[*home.BackupError](err); !ok || refused.File != bad {
			t.Errorf("%s: the error is %v", what, err)
		}
		if _, err := os.Stat(to.Folder); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the home was made: %v", what, err)
		}
	}
	for _, end := range []int{0, 1, 511, 512, 600, 1024, content / 2, content - 1} {
		restore("cut", whole[:end])
	}
	for at := 700; at < content; at += content / 40 {
		changed := bytes.Clone(whole)
		if changed[at]++; isPadding(whole, at) {
			continue
		}
		restore("changed", changed)
	}
	restore("text", []byte("workflow: asks\n"))
	restore("another archive", archive(t, [2]string{"journal.db", "x"}))
	restore("a newer version", archive(t, [2]string{"errand-backup.json", `{"format":"errand backup","version":2,"files":[{"name":"journal.db"}]}`}))
	restore("a path outside", archive(t, [2]string{"errand-backup.json", `{"format":"errand backup","version":1,"files":[{"name":"journal.db"},{"name":"../x"}]}`}))
	restore("no journal", archive(t, [2]string{"errand-backup.json", `{"format":"errand backup","version":1,"files":[]}`}))
}

// isPadding reports whether a byte fills a block up: its value does not matter.
func isPadding(archive []byte, at int) bool {
	return archive[at] == 0 && len(bytes.Trim(archive[at:(at/512+1)*512], "\x00")) == 0
}

func archive(t *testing.T, files ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f[0], Size: int64(len(f[1])), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func entries(t *testing.T, folder string) (names []string) {
	t.Helper()
	found, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		names = append(names, e.Name())
	}
	return names
}
