package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An EventID identifies an event of a run and orders the run's events. It is the same in every
// process, after every replay and every retry.
//
// Seq is the number of the journal entry, counted from 1, that let the event's branch go on; it is
// 0 before the first entry. N counts the events that share a Seq, from 1. The zero EventID comes
// before every event.
type EventID struct{ Seq, N int }

// Compare orders events: negative if a comes first, 0 if both are the same event.
func (a EventID) Compare(b EventID) int {
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.N, b.N))
}

// IsZero reports whether the id is the one before every event.
func (a EventID) IsZero() bool { return a == EventID{} }

// String is SEQ.N, such as "7.2".
func (a EventID) String() string { return strconv.Itoa(a.Seq) + "." + strconv.Itoa(a.N) }

// ParseEventID reads what String wrote.
func ParseEventID(text string) (EventID, error) {
	seq, n, _ := strings.Cut(text, ".")
	id := EventID{}
	var errs [2]error
	id.Seq, errs[0] = strconv.Atoi(seq)
	id.N, errs[1] = strconv.Atoi(n)
	if errs[0] != nil || errs[1] != nil || id.Seq < 0 || id.N < 1 || id.String() != text {
		return EventID{}, fmt.Errorf("%q is not the id of an event; expected SEQ.N, such as 7.2", text)
	}
	return id, nil
}

// MarshalText implements encoding.TextMarshaler.
func (a EventID) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *EventID) UnmarshalText(text []byte) (err error) {
	*a, err = ParseEventID(string(text))
	return err
}

// A Place is where a branch of a run stands in the order of the run's events. A host keeps one for
// each branch. Hosts that number events need nothing else: what runs side by side has a place that
// depends on the definition and the journal only, never on who was faster.
//
// The zero Place is the start of a run.
type Place struct {
	seq   int   // the last entry that let the branch go on
	order []int // among the events with this seq: lexicographic; each fork adds two levels
}

// Entered returns the place of a branch that has just taken an entry with this number from the
// journal. Entries count from 1.
func (Place) Entered(seq int) Place { return Place{seq: seq, order: []int{0}} }

// Seq is the number of the last entry that let the branch go on.
func (p Place) Seq() int { return p.seq }

// Next returns the place of the branch's next event.
func (p Place) Next() Place {
	order := slices.Clone(p.order)
	if len(order) == 0 {
		order = []int{0}
	}
	order[len(order)-1]++
	return Place{seq: p.seq, order: order}
}

// Forked returns the place at which branch i of a fork starts.
func (p Place) Forked(i int) Place {
	next := p.Next()
	return Place{seq: next.seq, order: append(next.order, i, 0)}
}

// Joined returns the place at which a branch goes on after its fork, whose branches ended at ends.
func (p Place) Joined(ends []Place) Place {
	last := p
	for _, end := range ends {
		if end.seq > last.seq {
			last = end
		}
	}
	if last.seq == p.seq {
		return p.Next() // after the branches, which took no entry
	}
	return last
}

// Compare orders places: negative if p comes first.
func (p Place) Compare(q Place) int {
	return cmp.Or(cmp.Compare(p.seq, q.seq), slices.Compare(p.order, q.order))
}

// A Placed event is one with its place, before it is numbered.
type Placed struct {
	Event Event
	Place Place
}

// Number orders the events of a run, gives each its id, and drops those that are told twice. The
// events must be complete: all that the run's branches told up to the end of the journal.
func Number(events []Placed) []Event {
	ordered := slices.Clone(events)
	slices.SortStableFunc(ordered, func(a, b Placed) int { return a.Place.Compare(b.Place) })
	ordered = slices.CompactFunc(ordered, func(a, b Placed) bool { return a.Place.Compare(b.Place) == 0 })
	numbered := make([]Event, len(ordered))
	id := EventID{}
	for i, placed := range ordered {
		if placed.Place.seq != id.Seq {
			id = EventID{Seq: placed.Place.seq}
		}
		id.N++
		numbered[i] = placed.Event
		numbered[i].ID = id
	}
	return numbered
}
