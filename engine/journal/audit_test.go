package journal_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/journal"
)

// A testKey is a key of seals, and its own sealer. The empty key cannot be used.
type testKey string

var errNoKey = errors.New("the key is elsewhere")

func (k testKey) SealKey(context.Context) (access.SealKey, error) {
	if k == "" {
		return nil, errNoKey
	}
	return k, nil
}

func (k testKey) Name() string { return "name of " + string(k) }

func (k testKey) Sum(text []byte) []byte {
	h := hmac.New(sha256.New, []byte(k))
	h.Write(text)
	return h.Sum(nil)
}

// add appends entries, each with its own detail.
func add(t *testing.T, j *journal.SQLite, key testKey, details ...string) {
	t.Helper()
	for _, d := range details {
		if _, err := j.Audit(key).Append(t.Context(), access.Entry{At: time.Unix(1767603600, 0), Token: "desk", Action: "run.start", Detail: d}); err != nil {
			t.Fatal(err)
		}
	}
}

// verify returns the report of a verification as a text.
func verify(t *testing.T, j *journal.SQLite, key testKey, known string) string {
	t.Helper()
	r, err := access.Verify(t.Context(), j.Audit(nil), key, known)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, f := range r.Faults {
		words = append(words, fmt.Sprintf("%s %d-%d", f.Kind, f.First, f.Last))
	}
	for _, s := range r.Unsealed {
		words = append(words, fmt.Sprintf("unsealed %d-%d", s.First, s.Last))
	}
	if r.NoKey != nil {
		words = append(words, r.NoKey.Error())
	}
	return strings.Join(append(words, fmt.Sprintf("sealed %d of %d", r.Sealed, r.Head.Seq)), ", ")
}

// hashes returns the hashes of all entries, in hexadecimal.
func hashes(t *testing.T, j *journal.SQLite) (all []string) {
	t.Helper()
	entries, err := j.Audit(nil).Entries(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Hash)
	}
	return all
}

// chainAgain hashes all entries again, as somebody who knows how would do it.
func chainAgain(t *testing.T, d *sql.DB) {
	t.Helper()
	before := make([]byte, 32)
	rows, err := d.Query(`SELECT seq, data FROM audit ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[int]string{}
	for rows.Next() {
		var seq int
		var data string
		if err := rows.Scan(&seq, &data); err != nil {
			t.Fatal(err)
		}
		texts[seq] = data
	}
	_ = rows.Close()
	for seq := 1; seq <= len(texts); seq++ {
		sum := sha256.Sum256([]byte("errand audit 1\x00" + string(before) + texts[seq]))
		before = sum[:]
		run(t, d, `UPDATE audit SET hash = ? WHERE seq = ?`, before, seq)
	}
}

// The log of this table has five entries with the details a to e, the last of which is sealed. Each
// edit is found at once, and also after a further entry has been added with the key.
var edits = []struct {
	name        string
	edit        func(t *testing.T, d *sql.DB)
	found, then string
}{
	{"nothing", func(*testing.T, *sql.DB) {}, "sealed 5 of 5", "sealed 6 of 6"},
	{"an entry is changed", statement(`UPDATE audit SET data = replace(data, '"b"', '"x"') WHERE seq = 2`),
		"changed 2-2, sealed 5 of 5", "changed 2-2, sealed 6 of 6"},
	{"the last entry is changed", statement(`UPDATE audit SET data = replace(data, '"e"', '"x"') WHERE seq = 5`),
		"changed 5-5, sealed 5 of 5", "changed 5-5, sealed 6 of 6"},
	{"an entry is no JSON", statement(`UPDATE audit SET data = '{' WHERE seq = 2`),
		"changed 2-2, sealed 5 of 5", "changed 2-2, sealed 6 of 6"},
	{"a hash is changed", statement(`UPDATE audit SET hash = x'00' WHERE seq = 2`),
		"changed 2-2, changed 3-3, sealed 5 of 5", "changed 2-2, changed 3-3, sealed 6 of 6"},
	{"two entries change places", statement(`UPDATE audit SET seq = seq + 100 WHERE seq IN (2, 3); UPDATE audit SET seq = 105 - seq WHERE seq > 100`),
		"changed 2-2, changed 3-3, changed 4-4, sealed 5 of 5", "changed 2-2, changed 3-3, changed 4-4, sealed 6 of 6"},
	{"the first entry is removed", statement(`DELETE FROM audit WHERE seq = 1`),
		"missing 1-1, sealed 5 of 5", "missing 1-1, sealed 6 of 6"},
	{"entries in the middle are removed", statement(`DELETE FROM audit WHERE seq IN (2, 3)`),
		"missing 2-3, sealed 5 of 5", "missing 2-3, sealed 6 of 6"},
	{"an entry is removed, and the others get new numbers", statement(`DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = seq - 1 WHERE seq > 2`),
		"changed 2-2, changed 3-3, changed 4-4, end 5-5, sealed 0 of 4", "changed 2-2, changed 3-3, changed 4-4, seal 1-5, sealed 0 of 5"},
	{"an entry is inserted", func(t *testing.T, d *sql.DB) {
		run(t, d, `UPDATE audit SET seq = seq + 101 WHERE seq > 2`)
		run(t, d, `UPDATE audit SET seq = seq - 100 WHERE seq > 100`)
		run(t, d, `INSERT INTO audit SELECT 3, data, hash FROM audit WHERE seq = 2`)
	}, "changed 3-3, changed 4-4, changed 5-5, changed 6-6, seal 1-5, sealed 0 of 6", "changed 3-3, changed 4-4, changed 5-5, changed 6-6, seal 1-5, sealed 0 of 7"},
	{"the last entries are removed", statement(`DELETE FROM audit WHERE seq > 3`),
		"end 4-5, sealed 0 of 3", "end 5-5, sealed 0 of 4"},
	{"the last entries are removed, with a seal of the entry before", statement(`DELETE FROM audit WHERE seq > 3; UPDATE audit_seal SET seq = 3`),
		"seal 1-3, sealed 0 of 3", "seal 1-3, sealed 0 of 4"},
	{"all entries are removed", statement(`DELETE FROM audit`),
		"end 1-5, sealed 0 of 0", "end 2-5, sealed 0 of 1"},
	{"an entry is changed and all are hashed again", func(t *testing.T, d *sql.DB) {
		run(t, d, `UPDATE audit SET data = replace(data, '"b"', '"x"') WHERE seq = 2`)
		chainAgain(t, d)
	}, "seal 1-5, sealed 0 of 5", "seal 1-5, sealed 0 of 6"},
	{"the seal is changed", statement(`UPDATE audit_seal SET mac = x'00'`), "seal 1-5, sealed 0 of 5", "seal 1-5, sealed 0 of 6"},
	{"the seal is for no entry", statement(`UPDATE audit_seal SET seq = 0`), "seal 1-0, sealed 0 of 5", "seal 1-0, sealed 0 of 6"},
	{"the seal is by another key", statement(`UPDATE audit_seal SET key = 'another'`), "key 1-5, sealed 0 of 5", "unsealed 1-5, sealed 6 of 6"},
	{"the seal is removed", statement(`DELETE FROM audit_seal`), "unsealed 1-5, sealed 0 of 5", "unsealed 1-5, sealed 6 of 6"},
}

func statement(text string) func(*testing.T, *sql.DB) {
	return func(t *testing.T, d *sql.DB) { run(t, d, text) }
}

func TestVerifyFindsEdits(t *testing.T) {
	for _, test := range edits {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			j := open(t, home)
			add(t, j, "key", "a", "b", "c", "d", "e")
			test.edit(t, raw(t, home))
			if got := verify(t, j, "key", ""); got != test.found {
				t.Errorf("got  %s\nwant %s", got, test.found)
			}
			add(t, j, "key", "f")
			if got := verify(t, j, "key", ""); got != test.then {
				t.Errorf("after another entry\ngot  %s\nwant %s", got, test.then)
			}
		})
	}
}

// Whatever single byte of a row is changed, and whatever row is removed, the verification finds it.
func TestVerifyFindsEveryByte(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	add(t, j, "key", "a", "b", "c")
	d := raw(t, home)
	d.SetMaxOpenConns(1)
	run(t, d, `PRAGMA synchronous = off`)
	const good = "sealed 3 of 3"
	try := func(change, undo string) {
		t.Helper()
		run(t, d, change)
		if got := verify(t, j, "key", ""); got == good {
			t.Errorf("not found: %s", change)
		}
		run(t, d, undo)
		if got := verify(t, j, "key", ""); got != good {
			t.Fatalf("after %s: %s", undo, got)
		}
	}
	var data string
	for seq := 1; seq <= 3; seq++ {
		if err := d.QueryRow(`SELECT data FROM audit WHERE seq = ?`, seq).Scan(&data); err != nil {
			t.Fatal(err)
		}
		for at := range data {
			changed := data[:at] + string(data[at]^1) + data[at+1:]
			try(fmt.Sprintf(`UPDATE audit SET data = CAST(x'%x' AS TEXT) WHERE seq = %d`, changed, seq), fmt.Sprintf(`UPDATE audit SET data = CAST(x'%x' AS TEXT) WHERE seq = %d`, data, seq))
		}
		hash := hashes(t, j)[seq-1]
		for at := range hash {
			changed := []byte(hash)
			if changed[at]++; changed[at] == ':' || changed[at] == 'g' {
				changed[at] = '0'
			}
			try(fmt.Sprintf(`UPDATE audit SET hash = x'%s' WHERE seq = %d`, changed, seq), fmt.Sprintf(`UPDATE audit SET hash = x'%s' WHERE seq = %d`, hash, seq))
		}
		try(fmt.Sprintf(`UPDATE audit SET seq = seq + 100 WHERE seq = %d`, seq), `UPDATE audit SET seq = seq - 100 WHERE seq > 100`)
	}
	var mac string
	if err := d.QueryRow(`SELECT hex(mac) FROM audit_seal`).Scan(&mac); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(mac); at += 2 {
		try(fmt.Sprintf(`UPDATE audit_seal SET mac = x'%s'`, mac[:at]+mac[at+2:]), fmt.Sprintf(`UPDATE audit_seal SET mac = x'%s'`, mac))
	}
}

// A hash that an operator has kept finds what no seal can show: that the log was made again.
func TestVerifyFindsAHeadFromEarlier(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	add(t, j, "", "a", "b", "c")
	kept := hashes(t, j)
	add(t, j, "", "d")
	for _, hash := range kept {
		if got := verify(t, j, "key", hash); got != "unsealed 1-4, sealed 0 of 4" {
			t.Errorf("with %s: %s", hash, got)
		}
	}
	d := raw(t, home)
	run(t, d, `UPDATE audit SET data = replace(data, '"b"', '"x"') WHERE seq = 2`)
	chainAgain(t, d)
	for i, want := range []string{"unsealed 1-4, sealed 0 of 4", "head 1-4, unsealed 1-4, sealed 0 of 4", "head 1-4, unsealed 1-4, sealed 0 of 4"} {
		if got := verify(t, j, "key", kept[i]); got != want {
			t.Errorf("with the hash of entry %d\ngot  %s\nwant %s", i+1, got, want)
		}
	}
}

// Entries are added also by processes that do not have the key. The seals say how far they reach.
func TestEntriesWithoutAKey(t *testing.T) {
	j := open(t, t.TempDir())
	if got := verify(t, j, "key", ""); got != "sealed 0 of 0" {
		t.Errorf("an empty log: %s", got)
	}
	for _, step := range []struct {
		key     testKey
		details []string
		want    string
	}{
		{"", []string{"a", "b"}, "unsealed 1-2, sealed 0 of 2"},
		{"key", []string{"c", "d"}, "unsealed 1-2, sealed 4 of 4"},
		{"", []string{"e"}, "unsealed 1-2, unsealed 5-5, sealed 4 of 5"},
		{"key", []string{"f"}, "unsealed 1-2, unsealed 5-5, sealed 6 of 6"},
	} {
		add(t, j, step.key, step.details...)
		if got := verify(t, j, "key", ""); got != step.want {
			t.Errorf("after %v\ngot  %s\nwant %s", step.details, got, step.want)
		}
	}
	if got := verify(t, j, "", ""); got != "unsealed 1-2, unsealed 5-5, the key is elsewhere, sealed 0 of 6" {
		t.Errorf("without the key: %s", got)
	}
}

// Another key takes the seal over from the key before, if the log has not changed since it was
// verified.
func TestReseal(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	add(t, j, "old", "a", "b")
	report, err := access.Verify(t.Context(), j.Audit(nil), testKey("old"), "")
	if err != nil || len(report.Faults) > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	add(t, j, "old", "c") // meanwhile
	reseal := func(h access.Head) error {
		_, err := j.Audit(nil).Reseal(t.Context(), h, testKey("new"), access.Entry{Action: access.ActionRotate})
		return err
	}
	for _, h := range []access.Head{{Seq: 2, Hash: []byte("another")}, {Seq: 9, Hash: report.Head.Hash}} {
		if err := reseal(h); !errors.Is(err, access.ErrChanged) {
			t.Errorf("with %d, %x: %v", h.Seq, h.Hash, err)
		}
	}
	if got := verify(t, j, "old", ""); got != "sealed 3 of 3" {
		t.Errorf("a refusal has changed the log: %s", got)
	}
	if err := reseal(report.Head); err != nil {
		t.Fatal(err)
	}
	add(t, j, "new", "e")
	if got := verify(t, j, "new", ""); got != "unsealed 3-3, sealed 5 of 5" {
		t.Errorf("after it: %s", got)
	}
	if got := verify(t, j, "old", ""); got != "key 1-5, unsealed 3-3, sealed 0 of 5" {
		t.Errorf("with the key before: %s", got)
	}
}

// A copy of the database has the whole log and its seal.
func TestACopyVerifies(t *testing.T) {
	j := open(t, t.TempDir())
	add(t, j, "key", "a", "b", "c")
	folder := t.TempDir()
	if _, err := j.Backup(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	c := open(t, folder)
	if got := verify(t, c, "key", hashes(t, j)[1]); got != "sealed 3 of 3" {
		t.Error(got)
	}
	add(t, c, "key", "d")
	if got := verify(t, c, "key", ""); got != "sealed 4 of 4" {
		t.Error(got)
	}
}
