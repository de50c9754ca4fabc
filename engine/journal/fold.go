package journal

import (
	"encoding/json"
	"slices"
)

// A Fold takes the place of a range of a run's entries: looks of one step that are over, each of
// them a Replied, a Slept and a Woke. Of these only the last look counts. So the fold keeps its
// three entries with their numbers, and its Replied says how many looks and entries are gone.
//
// A journal stores a fold in the row of the last entry of the range, and removes the rows before
// it. chain.go says how the chain of the entries goes on.
type Fold struct {
	First, Last int     // the numbers of the range, counted from 1
	Kept        []Entry // the last look
}

// NewFold returns the fold of looks that are over, or nil if there are not at least two. entries
// are all entries of the looks, the first of them with this number. Its Replied may be that of an
// earlier fold.
func NewFold(first int, entries []Entry) *Fold {
	if len(entries) < 2*lookLength || len(entries)%lookLength > 0 {
		return nil
	}
	gone, kept := entries[:len(entries)-lookLength], slices.Clone(entries[len(entries)-lookLength:])
	f := &Fold{First: first - entries[0].Skipped, Kept: kept}
	for i, e := range gone {
		f.Kept[0].Skipped += 1 + e.Skipped
		if i%lookLength == 0 {
			f.Kept[0].Looks += 1 + e.Looks
		}
	}
	f.Last = f.First + f.Kept[0].Skipped + lookLength - 1
	return f
}

// lookLength is how many entries a look has that is over.
const lookLength = 3

// A stored is what a row holds: an entry, or a fold.
type stored struct {
	Entry
	Kept []Entry `json:"kept,omitempty"`
}

// folded is the kind of what is stored for a fold. No entry has it.
const folded Kind = "folded"

// stored returns what is stored for a fold.
func (f *Fold) stored() stored {
	return stored{Entry: Entry{Kind: folded, At: f.Kept[len(f.Kept)-1].At}, Kept: f.Kept}
}

// decodeStored decodes a row. Its times are in UTC.
func decodeStored(data []byte) (stored, error) {
	e, err := decode(data)
	if err != nil || e.Kind != folded {
		return stored{Entry: e}, err
	}
	var s stored
	err = json.Unmarshal(data, &s)
	for i, kept := range s.Kept {
		s.Kept[i] = kept.InUTC()
	}
	return s, err
}

// unfold appends the entries that a row stands for. last is the number of the entry before, and
// afterwards of the last one. Entries up to known are left out.
func unfold(entries []Entry, s stored, last *int, known int) ([]Entry, error) {
	switch {
	case s.Kind != folded:
		*last++
		return append(entries, s.Entry), nil
	case len(s.Kept) != lookLength || s.Kept[0].Skipped < 1:
		return nil, errFold
	case len(entries) == 0 && known > 0: // the range may have begun among the entries that are known
		return nil, ErrFolded
	}
	*last += s.Kept[0].Skipped + lookLength
	return append(entries, s.Kept...), nil
}

// Numbers calls visit with each entry and its number.
func Numbers(entries []Entry, visit func(number int, e Entry)) {
	number := 0
	for _, e := range entries {
		number += 1 + e.Skipped
		visit(number, e)
	}
}
