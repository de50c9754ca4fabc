package journal

import "testing"

// What the tests of package journal_test reach inside for.

// OpenWithPatience opens a journal that waits for others so long.
var OpenWithPatience = open

// HoldWriter keeps every change in the queue until it is released.
func (s *SQLite) HoldWriter() (release func()) {
	s.writer.lead <- struct{}{}
	return func() { <-s.writer.lead }
}

// Queued is how many changes are in the queue.
func (s *SQLite) Queued() int {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	return len(s.writer.queue)
}

// Pragma is how the connection that writes is set.
func (s *SQLite) Pragma(t *testing.T, name string) (value string) {
	if found, err := s.writer.row("PRAGMA "+name, nil, &value); err != nil || !found {
		t.Fatalf("pragma %s: %t, %v", name, found, err)
	}
	return value
}
