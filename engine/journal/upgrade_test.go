package journal_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"errand/engine"
	"errand/engine/journal"
)

// oldTexts are members of entries of version 1, with those of version 2 that they become.
var oldTexts = []struct{ name, old, upgraded string }{
	{
		"a decision", `"kind":"decided","at":"2026-01-05T09:00:00Z","branch":"each[1]","step":"check","word":"done","by":"Kim","text":"I looked"`,
		`"kind":"decided","at":"2026-01-05T09:00:00Z","branch":"each[1]","step":"check","verdict":"done","by":{"name":"Kim"},"comment":"I looked"`,
	},
	{
		"a decision without a comment", `"kind":"decided","at":"2026-01-05T09:00:00.000000001Z","step":"ok","word":"reject","by":"Kim"`,
		`"kind":"decided","at":"2026-01-05T09:00:00.000000001Z","step":"ok","verdict":"reject","by":{"name":"Kim"}`,
	},
	{
		"an expired approval", `"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","word":"expired"`,
		`"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","verdict":"expired"`,
	},
	{
		"a comment, and who entered it", `"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","word":"approve","by":"Kim","text":"fine <&> (by me) (entered by Ann (ops))"`,
		`"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","verdict":"approve","by":{"name":"Kim","entered_by":"Ann (ops)"},"comment":"fine <&> (by me)"`,
	},
	{
		"only who entered it", `"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","word":"approve","by":"Kim","text":"(entered by Ann)"`,
		`"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","verdict":"approve","by":{"name":"Kim","entered_by":"Ann"}`,
	},
	{
		"a comment that mentions it", `"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","word":"approve","by":"Kim","text":"(entered by Ann) on Monday"`,
		`"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","verdict":"approve","by":{"name":"Kim"},"comment":"(entered by Ann) on Monday"`,
	},
	{
		"after a stop", `"kind":"resumed","at":"2026-01-05T09:00:00Z","word":"it was stopped by errand run, process 1","by":"errand work, process 2"`,
		`"kind":"resumed","at":"2026-01-05T09:00:00Z","process":"errand work, process 2","before":{"kind":"person","process":"errand run, process 1"}`,
	},
	{
		"after a quarantine", `"kind":"resumed","at":"2026-01-05T09:00:00Z","word":"it was quarantined, since it cannot be replayed: its definition is missing","by":"process 2"`,
		`"kind":"resumed","at":"2026-01-05T09:00:00Z","process":"process 2","before":{"kind":"trouble","reason":"its definition is missing"}`,
	},
	{
		"after a failure of the journal", `"kind":"resumed","at":"2026-01-05T09:00:00Z","word":"this process had given it up, since the journal failed","by":"process 2"`,
		`"kind":"resumed","at":"2026-01-05T09:00:00Z","process":"process 2","before":{"kind":"journal"}`,
	},
	{
		"after a crash", `"kind":"resumed","at":"2026-01-05T09:00:00Z","word":"process 1 had ended in the middle of it","by":"process 2"`,
		`"kind":"resumed","at":"2026-01-05T09:00:00Z","process":"process 2","before":{"kind":"crash","process":"process 1"}`,
	},
	{
		"after a crash of an unknown process", `"kind":"resumed","at":"2026-01-05T09:00:00Z","word":"the process that had it had ended in the middle of it","by":"process 2"`,
		`"kind":"resumed","at":"2026-01-05T09:00:00Z","process":"process 2","before":{"kind":"crash"}`,
	},
	{
		"a sentence that version 1 does not write", `"kind":"resumed","at":"2026-01-05T09:00:00Z","word":"it rained","by":"process 2"`,
		`"kind":"resumed","at":"2026-01-05T09:00:00Z","process":"process 2"`,
	},
	{"a stop", `"kind":"stopped","at":"2026-01-05T09:00:00Z","by":"process 1"`, `"kind":"stopped","at":"2026-01-05T09:00:00Z","process":"process 1"`},
	{
		"a retry of nothing", `"kind":"retried","at":"2026-01-05T09:00:00Z","step":"close","by":"Kim","digest":"d2"`,
		`"kind":"retried","at":"2026-01-05T09:00:00Z","step":"close","by":{"name":"Kim"},"digest":"d2"`,
	},
	{"a retry by nobody", `"kind":"retried","at":"2026-01-05T09:00:00Z","step":"close"`, `"kind":"retried","at":"2026-01-05T09:00:00Z","step":"close"`},
	{
		"a call", `"kind":"intent","at":"2026-01-05T09:00:00Z","step":"a","call":{"run":"r","step":"a","type":"ec2.start_instance","input":{"a":"<&>"},"attempt":1,"started":"2026-01-05T09:00:00Z","now":"2026-01-05T09:00:00Z"}`,
		`"kind":"intent","at":"2026-01-05T09:00:00Z","step":"a","call":{"run":"r","step":"a","type":"ec2.start_instance","input":{"a":"<&>"},"attempt":1,"started":"2026-01-05T09:00:00Z","now":"2026-01-05T09:00:00Z"}`,
	},
}

// decoded decodes entries of version 2.
func decoded(t *testing.T, texts ...string) []journal.Entry {
	t.Helper()
	entries := []journal.Entry{}
	for _, text := range texts {
		var e journal.Entry
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(text, err)
		}
		entries = append(entries, e)
	}
	return entries
}

func TestUpgradeTexts(t *testing.T) {
	for _, c := range oldTexts {
		t.Run(c.name, func(t *testing.T) {
			got, err := journal.Upgrade([]string{"{" + c.old + "}"})
			if want := decoded(t, "{"+c.upgraded+"}"); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, want)
			}
		})
	}
	none, err := journal.Upgrade(nil)
	if err != nil || len(none) != 0 {
		t.Errorf("no entries become %v, %v", none, err)
	}
}

func TestUpgradeRefusesWhatItCannotDecode(t *testing.T) {
	for text, want := range map[string]string{
		`{"kind":"woke"`:                   "entry 2: unexpected end of JSON input",
		`{"kind":"decided","word":7}`:      "entry 2: json: cannot unmarshal number into Go struct field version1Entry.word of type string",
		`{"kind":"retried","keep":"all"}`:  "entry 2: json: cannot unmarshal string into Go struct field version1Entry.keep of type int",
		`{"kind":"woke","at":"yesterday"}`: `entry 2: parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"`,
	} {
		_, err := journal.Upgrade([]string{`{"kind":"woke","at":"2026-01-05T09:00:00Z"}`, text})
		if err == nil || err.Error() != want {
			t.Errorf("%s: the error is %v, expected %s", text, err, want)
		}
	}
}

// In version 1 a retry keeps the first of the entries in force. In version 2 it names the entries.
func TestUpgradeKeepsTheSameEntriesInForce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var texts []string
		var want [][]int // the entries in force after each entry
		var force []int
		for i := range rapid.IntRange(0, 30).Draw(r, "entries") {
			if keep := rapid.IntRange(-4, 12).Draw(r, "keep"); keep >= 0 {
				texts = append(texts, fmt.Sprintf(`{"kind":"retried","keep":%d}`, keep))
				force = force[:min(keep, len(force))]
			} else {
				texts = append(texts, `{"kind":"woke"}`)
			}
			force = append(append([]int{}, force...), i+1)
			want = append(want, force)
		}
		entries, err := journal.Upgrade(texts)
		if err != nil {
			r.Fatal(err)
		}
		var got []int
		for i, e := range entries {
			if e.Kind == journal.Retried {
				var kept []int
				for seq := 1; seq <= i; seq++ {
					if journal.Has(e.Keep, seq) {
						kept = append(kept, seq)
					}
				}
				got = kept
			}
			got = append(append([]int{}, got...), i+1)
			if !reflect.DeepEqual(got, want[i]) {
				r.Fatalf("after entry %d of %s\n%v are in force, expected %v", i+1, strings.Join(texts, "\n"), got, want[i])
			}
		}
	})
}

// The stored form of an entry must never change, because journals outlive programs.
func TestTheFormOfAnEntry(t *testing.T) {
	e := journal.Entry{
		Kind: journal.Retried, At: start, Branch: "each[1]", Step: "a", Due: start.Add(time.Hour), Verdict: engine.VerdictDone,
		By: &engine.Person{Name: "Kim", EnteredBy: "Ann", Groups: []string{"ops"}}, Comment: "fine", Process: "process 2",
		Before: &engine.Ending{Kind: engine.EndedByCrash, Process: "process 1", Reason: "killed"},
		Keep:   journal.Ranges([]int{1, 2, 3, 5}), Told: 4, Digest: "d2", Replaced: "d1",
	}
	const want = `{"kind":"retried","at":"2026-01-05T09:00:00Z","branch":"each[1]","step":"a","due":"2026-01-05T10:00:00Z","verdict":"done",` +
		`"by":{"name":"Kim","entered_by":"Ann"},"comment":"fine","process":"process 2","before":{"kind":"crash","process":"process 1","reason":"killed"},` +
		`"keep":[{"first":1,"last":3},{"first":5,"last":5}],"told":4,"digest":"d2","replaced":"d1"}`
	home := t.TempDir()
	j := open(t, home)
	c := begin("a")
	c.Entries = []journal.Entry{e}
	c.Create.Requesters = []string{"amira", "joao"}
	c.State.Waits = []engine.Wait{{For: engine.WaitPerson, Step: "a", Since: start, Due: start.Add(time.Hour), Reason: "why"}}
	commit(t, j, c)
	for query, want := range map[string]string{
		"SELECT data FROM entries":    want,
		"SELECT requesters FROM runs": `["amira","joao"]`,
		"SELECT waits FROM runs":      `[{"for":"person","step":"a","since":"2026-01-05T09:00:00Z","due":"2026-01-05T10:00:00Z","reason":"why"}]`,
	} {
		var got string
		if err := raw(t, home).QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}
