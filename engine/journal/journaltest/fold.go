package journaltest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"errand/engine/journal"
	"errand/engine/task"
)

// looks returns the entries of looks of a step, the first of them with this number.
func looks(first, n int) (entries []journal.Entry) {
	for i := range n {
		at := start.Add(time.Duration(first+i) * time.Minute)
		entries = append(entries,
			journal.Entry{Kind: journal.Replied, At: at, Step: "poll", Reply: &task.Reply{Output: json.RawMessage(fmt.Sprintf(`{"look":%d}`, first+i))}},
			journal.Entry{Kind: journal.Slept, At: at, Due: at.Add(time.Minute)},
			journal.Entry{Kind: journal.Woke, At: at.Add(time.Minute)})
	}
	return entries
}

// A fold takes the place of its range, also of one with an earlier fold. Only the last look stays,
// with its number.
func aFoldTakesThePlace(t *testing.T, j journal.Journal) {
	must(t, j, begin("one", "me"))
	must(t, j, next("one", 0, "me"))
	add := func(entries []journal.Entry, fold *journal.Fold) error {
		r, _ := load(t, j, "one")
		c := next("one", r.Next, "me")
		c.Entries, c.Fold = entries, fold
		return j.Commit(t.Context(), c)
	}
	wants(t, "looks", add(looks(1, 4), nil), nil)
	wants(t, "looks and a fold", add(looks(5, 3), journal.NewFold(2, looks(1, 4))), nil)
	check := func(number, gone int, first int) {
		t.Helper()
		r, entries := load(t, j, "one")
		same(t, "the number of the first look", numberOf(entries, 1), number)
		same(t, "the looks that are gone", entries[1].Looks, gone)
		same(t, "the number of the last entry", numberOf(entries, len(entries)-1), r.Next)
		rest := looks(first, 8-first)
		rest[0].Looks, rest[0].Skipped = entries[1].Looks, entries[1].Skipped
		same(t, "the entries", entries[1:], rest)
	}
	check(11, 3, 4)
	_, entries := load(t, j, "one")
	wants(t, "another fold", add(nil, journal.NewFold(11, entries[1:10])), nil)
	check(17, 5, 6)
	for _, c := range []struct {
		known int
		err   error
		left  int
	}{{0, nil, 7}, {1, journal.ErrFolded, 0}, {5, journal.ErrFolded, 0}, {18, journal.ErrFolded, 0}, {19, nil, 3}, {21, nil, 1}, {22, nil, 0}} {
		_, rest, err := j.LoadAfter(t.Context(), "one", c.known)
		wants(t, fmt.Sprint("the entries after ", c.known), err, c.err)
		same(t, fmt.Sprint("how many entries come after ", c.known), len(rest), c.left)
	}
	c := next("one", 5, "me")
	c.Fold = journal.NewFold(17, looks(6, 2))
	wants(t, "a refused fold", j.Commit(t.Context(), c), journal.ErrMoved)
	check(17, 5, 6)
}

// numberOf returns the number of the entry with an index.
func numberOf(entries []journal.Entry, at int) (number int) {
	i := 0
	journal.Numbers(entries, func(n int, _ journal.Entry) {
		if i == at {
			number = n
		}
		i++
	})
	return number
}
