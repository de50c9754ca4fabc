package journal

import (
	"slices"
	"sync"
)

// A memoryEntry is an entry in a Memory. It is stored encoded, and decoded when it is read for the
// first time.
type memoryEntry struct {
	once    sync.Once
	data    string
	decoded stored
	err     error
}

// entry returns a copy that shares nothing with what is stored.
func (s *memoryEntry) entry() (stored, error) {
	s.once.Do(func() {
		s.decoded, s.err = decodeStored([]byte(s.data))
		s.data = ""
	})
	e := stored{Entry: s.decoded.Entry.clone(), Kept: slices.Clone(s.decoded.Kept)}
	for i, kept := range e.Kept {
		e.Kept[i] = kept.clone()
	}
	return e, s.err
}

// clone returns a copy that shares nothing with the entry.
func (e Entry) clone() Entry {
	e.By, e.Before = copyOf(e.By), copyOf(e.Before)
	e.Keep, e.Done, e.Undone = slices.Clone(e.Keep), slices.Clone(e.Done), slices.Clone(e.Undone)
	if e.Call = copyOf(e.Call); e.Call != nil {
		e.Call.Input = copyBytes(e.Call.Input)
	}
	if e.Reply = copyOf(e.Reply); e.Reply != nil {
		e.Reply.Output = copyBytes(e.Reply.Output)
		e.Reply.Again, e.Reply.Failure = copyOf(e.Reply.Again), copyOf(e.Reply.Failure)
		if e.Reply.Again != nil {
			e.Reply.Again.Output = copyBytes(e.Reply.Again.Output)
		}
	}
	return e
}

// copyOf returns a pointer to a copy, or nil for nil.
func copyOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
