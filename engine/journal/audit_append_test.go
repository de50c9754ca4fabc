package journal_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/journal"
)

// Several processes add entries at once: there is one chain, without a gap.
func TestAppendingAtOnce(t *testing.T) {
	home := t.TempDir()
	first, second := open(t, home), open(t, home)
	var wg sync.WaitGroup
	const writers, each = 8, 20
	for n := range writers {
		wg.Go(func() {
			for i := range each {
				e := access.Entry{At: time.Now(), Action: "run.start", Detail: fmt.Sprint(n, ".", i)}
				if _, err := []*journal.SQLite{first, second}[n%2].Audit(testKey("key")).Append(context.Background(), e); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got, want := verify(t, first, "key", ""), fmt.Sprintf("sealed %d of %d", writers*each, writers*each); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	last := map[string]int{}
	entries, err := second.Audit(nil).Entries(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		n, i, _ := strings.Cut(e.Detail, ".")
		if i != fmt.Sprint(last[n]) {
			t.Fatalf("entry %d is %s, want number %d", e.Seq, e.Detail, last[n])
		}
		last[n]++
	}
}

// Entries with any texts are read as they were returned, page by page, and verify.
func TestRandomEntries(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	text := func() string {
		letters := []rune("a\"\\<>&\u2028\u0000\n😀é ")
		var b strings.Builder
		for range random.IntN(12) {
			b.WriteRune(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	j := open(t, t.TempDir())
	var want []access.Entry
	for range 60 {
		e := access.Entry{At: time.Unix(random.Int64N(1<<33), random.Int64N(1e9)), Token: text(), Person: text(), Action: text(), Run: text(), Detail: text(), Hash: "x"}
		added, err := j.Audit(testKey("key")).Append(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		e.Seq, e.Hash, e.At = added.Seq, added.Hash, e.At.UTC()
		if hash, err := hex.DecodeString(e.Hash); err != nil || len(hash) != 32 || added != e {
			t.Errorf("added %+v, want %+v", added, e)
		}
		want = append(want, e)
	}
	if n, err := j.Audit(nil).Length(t.Context()); n != 60 || err != nil {
		t.Errorf("the length is %d, %v", n, err)
	}
	var got []access.Entry
	for {
		page, err := j.Audit(nil).Entries(t.Context(), int64(len(got)), 7)
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, page...); len(page) < 7 {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read %+v\nwant %+v", got, want)
	}
	if got := verify(t, j, "key", ""); got != "sealed 60 of 60" {
		t.Error(got)
	}
}
