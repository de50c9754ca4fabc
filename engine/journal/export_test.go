package journal

import (
	"database/sql"
	"fmt"
	"testing"
)

// This file gives the tests of package journal_test access to the inside of package journal.

// Version1 is the schema of version 1.
var Version1 = version1

// LatestVersion is the version that this program gives a journal.
var LatestVersion = len(migrations)

// WriteVersion makes the tables of an older version in a new database.
func WriteVersion(t testing.TB, database *sql.DB, version int) {
	t.Helper()
	conn, err := database.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range migrations[:version] {
		_, err := conn.ExecContext(t.Context(), m.sql)
		if err == nil && m.texts != nil {
			err = m.texts(t.Context(), conn)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	mark := applicationID
	if version == 1 {
		mark = 0
	}
	if _, err := conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", version, mark)); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// SessionQueries are the statements that delete and find sessions of browsers.
var SessionQueries = []string{deleteSessions, findSession}

// OpenWithPatience opens a journal whose connections wait this long for other processes.
var OpenWithPatience = open

// HoldWriter keeps every change in the queue until release is called.
func (s *SQLite) HoldWriter() (release func()) {
	s.writer.lead <- struct{}{}
	return func() { <-s.writer.lead }
}

// Queued returns how many changes are in the queue.
func (s *SQLite) Queued() int {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	return len(s.writer.queue)
}

// Pragma returns a setting of the connection that writes.
func (s *SQLite) Pragma(t *testing.T, name string) (value string) {
	if found, err := s.writer.row("PRAGMA "+name, nil, &value); err != nil || !found {
		t.Fatalf("pragma %s: %t, %v", name, found, err)
	}
	return value
}

// QueueQueries are the statements of a Queue.
var QueueQueries = []string{dueQuery, heldQuery, waitingQuery}

// Prunable is the condition of the runs that can be pruned.
const Prunable = prunable
